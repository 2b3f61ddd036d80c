/**
 * Products of float32 matrices as the 8-bit kernels make them (`../integer/kernels/panels.ts`), so that the two differ in arithmetic alone: 8 pixels of all
 * k in a panel, 4 outputs x 8 pixels of sums in registers. Bias and rectifier are part of the product.
 *
 *   a panel    8 pixels of all k:   [k][8 pixels]
 *   weights    4 outputs of all k:  [k][4 outputs]
 */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';
import { PANEL_OUTPUTS, PANEL_PIXELS } from '../integer/kernels/panels.ts';

const PANEL_ROW = 4 * PANEL_PIXELS;

/** The larger of a value and `low`, and of that and `high` the smaller. */
export function clamp(code: Code, value: Expression, low: Variable, high: Variable): Expression {
	const { f32x4 } = code.module;
	return f32x4.min(f32x4.max(value, f32x4.splat(low.get())), f32x4.splat(high.get()));
}

export function definePanels(assembler: Assembler): void {
	/** Gathers panels: pixel p of k is the float at source + tapOffsets[k] + pixelOffsets[p]; `together` as with 8 bits. */
	assembler.define(
		'gatherPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, tapOffsets, pixelOffsets, together, target, taps, panels) => {
			const { i32, f32, v128 } = code.module;
			const out = code.let('i32', target.get());
			code.for(panels.get, (panel) => {
				const pixels = code.let('i32', code.sum(pixelOffsets.get(), code.product(panel.get(), code.int(PANEL_ROW))));
				const isTogether = i32.load(0, 4, code.sum(together.get(), code.times(panel.get(), 4)));
				const place = code.let('i32', tapOffsets.get());
				const next = () => {
					out.set(code.sum(out.get(), code.int(PANEL_ROW)));
					place.set(code.sum(place.get(), code.int(4)));
				};
				code.if(
					isTogether,
					() => {
						const first = code.let('i32', code.sum(source.get(), i32.load(0, 4, pixels.get())));
						code.for(taps.get, () => {
							const from = code.let('i32', code.sum(first.get(), i32.load(0, 4, place.get())));
							for (const offset of [0, 16]) code.emit(v128.store(offset, 4, out.get(), v128.load(offset, 4, from.get())));
							next();
						});
					},
					() => {
						const offsets = Array.from({ length: PANEL_PIXELS }, (_, pixel) =>
							code.let('i32', i32.load(4 * pixel, 4, pixels.get())),
						);
						code.for(taps.get, () => {
							const base = code.let('i32', code.sum(source.get(), i32.load(0, 4, place.get())));
							for (const [pixel, offset] of offsets.entries())
								code.emit(f32.store(4 * pixel, 4, out.get(), f32.load(0, 4, code.sum(base.get(), offset.get()))));
							next();
						});
					},
				);
			});
			return undefined;
		},
	);

	/** out = clamp(bias + weights panels) for quads of outputs; `rowBytes` from one output's pixels to the next one's. */
	assembler.define(
		'multiplyPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'f32'],
		(code, weights, biases, panelsStart, out, rowBytes, taps, panels, quads, low, high) => {
			const { f32x4, v128 } = code.module;
			const quadWeights = code.let('i32', weights.get());
			const bias = code.let('i32', biases.get());
			const row = code.let('i32', out.get());
			const sums = Array.from({ length: 2 * PANEL_OUTPUTS }, () => code.declare('v128'));
			code.for(quads.get, () => {
				const x = code.let('i32', panelsStart.get());
				const target = code.let('i32', row.get());
				code.for(panels.get, () => {
					const w = code.let('i32', quadWeights.get());
					for (const [at, sum] of sums.entries()) sum.set(v128.load32_splat(4 * (at >> 1), 4, bias.get()));
					code.for(taps.get, () => {
						const [left, right] = [code.let('v128', v128.load(0, 4, x.get())), code.let('v128', v128.load(16, 4, x.get()))];
						for (let output = 0; output < PANEL_OUTPUTS; output++) {
							const factor = code.let('v128', v128.load32_splat(4 * output, 4, w.get()));
							for (const [half, values] of [left, right].entries()) {
								const sum = sums[2 * output + half] as Variable;
								sum.set(f32x4.add(sum.get(), f32x4.mul(values.get(), factor.get())));
							}
						}
						x.set(code.sum(x.get(), code.int(PANEL_ROW)));
						w.set(code.sum(w.get(), code.int(4 * PANEL_OUTPUTS)));
					});
					const place = code.let('i32', target.get());
					for (let output = 0; output < PANEL_OUTPUTS; output++) {
						for (const half of [0, 1])
							code.emit(
								v128.store(16 * half, 4, place.get(), clamp(code, (sums[2 * output + half] as Variable).get(), low, high)),
							);
						place.set(code.sum(place.get(), rowBytes.get()));
					}
					target.set(code.sum(target.get(), code.int(PANEL_ROW)));
				});
				quadWeights.set(code.sum(quadWeights.get(), code.product(taps.get(), code.int(4 * PANEL_OUTPUTS))));
				bias.set(code.sum(bias.get(), code.int(4 * PANEL_OUTPUTS)));
				row.set(code.sum(row.get(), code.product(rowBytes.get(), code.int(PANEL_OUTPUTS))));
			});
			return undefined;
		},
	);
}
