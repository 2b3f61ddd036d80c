/**
 * Root-mean-square normalisation over the last axis: y = x / sqrt(mean(x^2) + epsilon) * scale (Zhang and Sennrich 2019). Sums run in
 * the fixed order of `rowSum`.
 */
import { type Assembler, type Lanes, rowSum, type Variable } from '@assay/webassembly';

export function defineRmsNorm(assembler: Assembler): void {
	/** Also leaves each row's 1/sqrt(mean(x^2) + epsilon) in `inverses`: one float a row. */
	assembler.define(
		'rmsNormForward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
		(code, x, scale, out, inverses, rows, width, epsilon) => {
			const { f32 } = code.module;
			const row = code.let('i32', x.get());
			const target = code.let('i32', out.get());
			const kept = code.let('i32', inverses.get());
			const length = code.let('f32', f32.convert_s.i32(width.get()));
			code.for(rows.get, () => {
				const squares = rowSum(code, width.get, (lanes, offset) => {
					const value = code.let(lanes.float, lanes.load(code.sum(row.get(), offset.get())));
					return lanes.mul(value.get(), value.get());
				});
				const root = f32.sqrt(f32.add(f32.div(squares.get(), length.get()), epsilon.get()));
				const inverse = code.let('f32', f32.div(f32.const(1), root));
				code.emit(f32.store(0, 4, kept.get(), inverse.get()));
				code.elements(width.get, (lanes, offset) => {
					const normal = lanes.mul(lanes.load(code.sum(row.get(), offset.get())), lanes.splat(inverse.get()));
					const scaled = lanes.mul(normal, lanes.load(code.sum(scale.get(), offset.get())));
					lanes.store(code.sum(target.get(), offset.get()), scaled);
				});
				for (const place of [row, target]) place.set(code.sum(place.get(), code.times(width.get(), 4)));
				kept.set(code.sum(kept.get(), code.int(4)));
			});
			return undefined;
		},
	);

	/** dx from dy; adds to the gradient of scale. dx may be dy. */
	assembler.define(
		'rmsNormBackward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, x, scale, inverses, dy, dx, dScale, rows, width) => {
			const { f32 } = code.module;
			const row = code.let('i32', x.get());
			const incoming = code.let('i32', dy.get());
			const outgoing = code.let('i32', dx.get());
			const kept = code.let('i32', inverses.get());
			const length = code.let('f32', f32.convert_s.i32(width.get()));
			const at = (place: Variable, offset: Variable) => code.sum(place.get(), offset.get());
			code.for(rows.get, () => {
				const inverse = code.let('f32', f32.load(0, 4, kept.get()));
				const normal = (lanes: Lanes, offset: Variable) => lanes.mul(lanes.load(at(row, offset)), lanes.splat(inverse.get()));
				const weighted = (lanes: Lanes, offset: Variable) =>
					lanes.mul(lanes.load(at(incoming, offset)), lanes.load(at(scale, offset)));
				const along = rowSum(code, width.get, (lanes, offset) => lanes.mul(weighted(lanes, offset), normal(lanes, offset)));
				const alongMean = code.let('f32', f32.div(along.get(), length.get()));
				code.elements(width.get, (lanes, offset) => {
					const normalised = code.let(lanes.float, normal(lanes, offset));
					const inner = code.let(lanes.float, weighted(lanes, offset));
					const share = lanes.mul(lanes.load(at(incoming, offset)), normalised.get());
					lanes.store(at(dScale, offset), lanes.add(lanes.load(at(dScale, offset)), share));
					const across = lanes.sub(inner.get(), lanes.mul(normalised.get(), lanes.splat(alongMean.get())));
					lanes.store(at(outgoing, offset), lanes.mul(across, lanes.splat(inverse.get())));
				});
				for (const place of [row, incoming, outgoing]) place.set(code.sum(place.get(), code.times(width.get(), 4)));
				kept.set(code.sum(kept.get(), code.int(4)));
			});
			return undefined;
		},
	);
}
