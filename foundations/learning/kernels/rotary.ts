/**
 * Rotary position embedding (Su et al. 2021), in place. The elements i and i + d/2 of a head are a pair that is turned by
 * position * base^(-2i/d); the layout of Llama's files at Hugging Face. The transposed turn, which backward needs, is the turn by the
 * opposite angle: the same kernel with `direction` -1.
 */
import type { Assembler } from '@assay/webassembly';

export function defineRotary(assembler: Assembler): void {
	/**
	 * x: rows of `heads` heads of `2 half` elements, `rowBytes` from row to row; row r has position r mod period.
	 * `cosines` and `sines`: [period, half].
	 */
	assembler.define(
		'rotate',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
		(code, x, cosines, sines, rows, rowBytes, heads, half, period, direction) => {
			const { i32 } = code.module;
			const row = code.let('i32', x.get());
			const halfBytes = code.let('i32', code.times(half.get(), 4));
			code.for(rows.get, (index) => {
				const table = code.let('i32', code.product(i32.rem_u(index.get(), period.get()), halfBytes.get()));
				const first = code.let('i32', row.get());
				code.for(heads.get, () => {
					code.elements(half.get, (lanes, offset) => {
						const here = () => code.sum(first.get(), offset.get());
						const there = () => code.sum(first.get(), offset.get(), halfBytes.get());
						const place = () => code.sum(table.get(), offset.get());
						const cosine = code.let(lanes.float, lanes.load(code.sum(cosines.get(), place())));
						const sine = code.let(
							lanes.float,
							lanes.mul(lanes.load(code.sum(sines.get(), place())), lanes.splat(direction.get())),
						);
						const a = code.let(lanes.float, lanes.load(here()));
						const b = code.let(lanes.float, lanes.load(there()));
						lanes.store(here(), lanes.sub(lanes.mul(a.get(), cosine.get()), lanes.mul(b.get(), sine.get())));
						lanes.store(there(), lanes.add(lanes.mul(b.get(), cosine.get()), lanes.mul(a.get(), sine.get())));
					});
					first.set(code.sum(first.get(), halfBytes.get(), halfBytes.get()));
				});
				row.set(code.sum(row.get(), rowBytes.get()));
			});
			return undefined;
		},
	);
}
