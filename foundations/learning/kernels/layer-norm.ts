/**
 * Layer normalisation over the last axis: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with the population variance.
 * Sums run in the fixed order of `rowSum`.
 */

import type { Lanes } from '@assay/webassembly';
import { type Assembler, type Code, rowSum, type Variable } from '@assay/webassembly';

export function defineLayerNorm(assembler: Assembler): void {
	/** Also leaves each row's mean and 1/sqrt(variance + epsilon) in `statistics`: two floats a row. */
	assembler.define(
		'layerNormForward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
		(code, x, scale, shift, out, statistics, rows, width, epsilon) => {
			const { f32 } = code.module;
			const row = code.let('i32', x.get());
			const target = code.let('i32', out.get());
			const kept = code.let('i32', statistics.get());
			const length = code.let('f32', f32.convert_s.i32(width.get()));
			code.for(rows.get, () => {
				const total = rowSum(code, width.get, (lanes, offset) => lanes.load(code.sum(row.get(), offset.get())));
				const mean = code.let('f32', f32.div(total.get(), length.get()));
				const squares = rowSum(code, width.get, (lanes, offset) => {
					const centred = code.let(
						lanes.float,
						lanes.sub(lanes.load(code.sum(row.get(), offset.get())), lanes.splat(mean.get())),
					);
					return lanes.mul(centred.get(), centred.get());
				});
				const spread = f32.sqrt(f32.add(f32.div(squares.get(), length.get()), epsilon.get()));
				const inverse = code.let('f32', f32.div(f32.const(1), spread));
				code.emit(f32.store(0, 4, kept.get(), mean.get()));
				code.emit(f32.store(4, 4, kept.get(), inverse.get()));
				code.elements(width.get, (lanes, offset) => {
					const centred = lanes.sub(lanes.load(code.sum(row.get(), offset.get())), lanes.splat(mean.get()));
					const normal = lanes.mul(centred, lanes.splat(inverse.get()));
					const scaled = lanes.mul(normal, lanes.load(code.sum(scale.get(), offset.get())));
					lanes.store(code.sum(target.get(), offset.get()), lanes.add(scaled, lanes.load(code.sum(shift.get(), offset.get()))));
				});
				advance(code, width, row, target);
				kept.set(code.sum(kept.get(), code.int(8)));
			});
			return undefined;
		},
	);

	/** dx from dy; adds to the gradients of scale and shift. dx may be dy. */
	assembler.define(
		'layerNormBackward',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, x, scale, statistics, dy, dx, dScale, dShift, rows, width) => {
			const { f32 } = code.module;
			const row = code.let('i32', x.get());
			const incoming = code.let('i32', dy.get());
			const outgoing = code.let('i32', dx.get());
			const kept = code.let('i32', statistics.get());
			const length = code.let('f32', f32.convert_s.i32(width.get()));
			code.for(rows.get, () => {
				const mean = code.let('f32', f32.load(0, 4, kept.get()));
				const inverse = code.let('f32', f32.load(4, 4, kept.get()));
				// Of the gradient with respect to the normalised row: its mean, and the mean of its product with the row.
				const weighted = (lanes: Lanes, offset: Variable) =>
					lanes.mul(lanes.load(code.sum(incoming.get(), offset.get())), lanes.load(code.sum(scale.get(), offset.get())));
				const normal = (lanes: Lanes, offset: Variable) =>
					lanes.mul(
						lanes.sub(lanes.load(code.sum(row.get(), offset.get())), lanes.splat(mean.get())),
						lanes.splat(inverse.get()),
					);
				const plain = rowSum(code, width.get, weighted);
				const along = rowSum(code, width.get, (lanes, offset) => lanes.mul(weighted(lanes, offset), normal(lanes, offset)));
				const plainMean = code.let('f32', f32.div(plain.get(), length.get()));
				const alongMean = code.let('f32', f32.div(along.get(), length.get()));
				code.elements(width.get, (lanes, offset) => {
					const gradient = code.let(lanes.float, lanes.load(code.sum(incoming.get(), offset.get())));
					const normalised = code.let(lanes.float, normal(lanes, offset));
					const inner = code.let(lanes.float, weighted(lanes, offset));
					const add = (to: Variable, value: number) => {
						const place = () => code.sum(to.get(), offset.get());
						lanes.store(place(), lanes.add(lanes.load(place()), value));
					};
					add(dScale, lanes.mul(gradient.get(), normalised.get()));
					add(dShift, gradient.get());
					const parallel = lanes.mul(normalised.get(), lanes.splat(alongMean.get()));
					const centred = lanes.sub(lanes.sub(inner.get(), lanes.splat(plainMean.get())), parallel);
					lanes.store(code.sum(outgoing.get(), offset.get()), lanes.mul(centred, lanes.splat(inverse.get())));
				});
				advance(code, width, row, incoming, outgoing);
				kept.set(code.sum(kept.get(), code.int(8)));
			});
			return undefined;
		},
	);
}

/** Moves places on by one row. */
function advance(code: Code, width: Variable, ...places: readonly Variable[]): void {
	for (const place of places) place.set(code.sum(place.get(), code.times(width.get(), 4)));
}
