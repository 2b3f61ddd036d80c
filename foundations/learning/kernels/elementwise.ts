/** Sums, bias rows and norms over float32 rows. Addresses are bytes, sizes are elements. */
import { type Assembler, rowSum } from '@assay/webassembly';

export function defineElementwise(assembler: Assembler): void {
	/** out = a + b over n elements; out may be either. */
	assembler.define('add', ['i32', 'i32', 'i32', 'i32'], (code, a, b, out, n) => {
		code.elements(n.get, (lanes, offset) => {
			const left = lanes.load(code.sum(a.get(), offset.get()));
			const right = lanes.load(code.sum(b.get(), offset.get()));
			lanes.store(code.sum(out.get(), offset.get()), lanes.add(left, right));
		});
		return undefined;
	});

	/** Every row of out becomes the given row. */
	assembler.define('fillRows', ['i32', 'i32', 'i32', 'i32'], (code, row, out, rows, width) => {
		const place = code.let('i32', out.get());
		code.for(rows.get, () => {
			code.elements(width.get, (lanes, offset) =>
				lanes.store(code.sum(place.get(), offset.get()), lanes.load(code.sum(row.get(), offset.get()))),
			);
			place.set(code.sum(place.get(), code.times(width.get(), 4)));
		});
		return undefined;
	});

	/** out[j] += sum over rows i, in order, of x[i, j]. */
	assembler.define('addColumnSums', ['i32', 'i32', 'i32', 'i32'], (code, x, out, rows, width) => {
		const place = code.let('i32', x.get());
		code.for(rows.get, () => {
			code.elements(width.get, (lanes, offset) => {
				const target = () => code.sum(out.get(), offset.get());
				lanes.store(target(), lanes.add(lanes.load(target()), lanes.load(code.sum(place.get(), offset.get()))));
			});
			place.set(code.sum(place.get(), code.times(width.get(), 4)));
		});
		return undefined;
	});

	/** Sum over rows of the float32 sum of squares of each row of `width` elements, in float64: a norm that does not depend on threads. */
	assembler.define(
		'sumOfSquares',
		['i32', 'i32', 'i32'],
		(code, x, rows, width) => {
			const { f64 } = code.module;
			const total = code.let('f64', f64.const(0));
			const place = code.let('i32', x.get());
			code.for(rows.get, () => {
				const squares = rowSum(code, width.get, (lanes, offset) => {
					const value = code.let(lanes.float, lanes.load(code.sum(place.get(), offset.get())));
					return lanes.mul(value.get(), value.get());
				});
				total.set(f64.add(total.get(), f64.promote(squares.get())));
				place.set(code.sum(place.get(), code.times(width.get(), 4)));
			});
			return total.get();
		},
		'f64',
	);
}
