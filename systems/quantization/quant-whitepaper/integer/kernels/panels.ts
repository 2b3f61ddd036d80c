/**
 * Products of 8-bit matrices with 32-bit sums. Values of x and weights are widened to 16 bits, so that one instruction multiplies eight pairs and
 * adds each two neighbours. Two neighbours in k therefore lie side by side:
 *
 *   a panel    8 pixels of all k:   [pairs of k][8 pixels][2]   int16
 *   weights    4 outputs of all k:  [pairs of k][4 outputs][2]  int16
 *
 * Sums stay in registers, and are brought back to 8 bits there. What the zero point of x adds to a sum is the same for all pixels: biases take it off.
 */
import type { Assembler, Variable } from '@assay/webassembly';
import type { Rescaling } from '../integer-network.ts';
import { RECORD_BYTES, rescale, resultOf, storeEight } from './rescale.ts';

export const PANEL_PIXELS = 8;
export const PANEL_OUTPUTS = 4;

/** Interleaves the 16-bit values of two vectors: their lower halves, their upper halves. */
export const LOWER = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
export const UPPER = [8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31];

export function definePanels(assembler: Assembler, rescaling: Rescaling): void {
	/**
	 * Gathers panels: pixel p of k is the byte at source + kernelOffsets[k] + pixelOffsets[p]. `together`: for each panel whether its pixels are
	 * neighbours in memory, which are loaded at once.
	 */
	assembler.define(
		'gatherPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, kernelOffsets, pixelOffsets, together, target, pairs, panels) => {
			const { i32, i8x16, v128 } = code.module;
			const out = code.let('i32', target.get());
			code.for(panels.get, (panel) => {
				const pixels = code.let('i32', code.sum(pixelOffsets.get(), code.product(panel.get(), code.int(4 * PANEL_PIXELS))));
				const isTogether = i32.load(0, 4, code.sum(together.get(), code.times(panel.get(), 4)));
				const first = code.let('i32', code.sum(source.get(), i32.load(0, 4, pixels.get())));
				const place = code.let('i32', kernelOffsets.get());
				code.if(
					isTogether,
					() => {
						code.for(pairs.get, () => {
							const load = (offset: number): Variable =>
								code.let('v128', v128.load8x8_s(0, 1, code.sum(first.get(), i32.load(offset, 4, place.get()))));
							const [even, odd] = [load(0), load(4)];
							code.emit(v128.store(0, 4, out.get(), i8x16.shuffle(even.get(), odd.get(), LOWER)));
							code.emit(v128.store(16, 4, out.get(), i8x16.shuffle(even.get(), odd.get(), UPPER)));
							out.set(code.sum(out.get(), code.int(32)));
							place.set(code.sum(place.get(), code.int(8)));
						});
					},
					() => {
						const offsets = Array.from({ length: PANEL_PIXELS }, (_, pixel) =>
							code.let('i32', i32.load(4 * pixel, 4, pixels.get())),
						);
						code.for(pairs.get, () => {
							const even = code.let('i32', code.sum(source.get(), i32.load(0, 4, place.get())));
							const odd = code.let('i32', code.sum(source.get(), i32.load(4, 4, place.get())));
							for (const [pixel, offset] of offsets.entries()) {
								for (const [half, row] of [even, odd].entries()) {
									const value = i32.load8_s(0, 1, code.sum(row.get(), offset.get()));
									code.emit(i32.store16(4 * pixel + 2 * half, 2, out.get(), value));
								}
							}
							out.set(code.sum(out.get(), code.int(32)));
							place.set(code.sum(place.get(), code.int(8)));
						});
					},
				);
			});
			return undefined;
		},
	);

	/**
	 * out = rescaled(weights panels), for quads of outputs; `rowBytes` from one output's pixels to the next one's. `records`: of each output, see
	 * `rescale.ts`.
	 */
	assembler.define(
		'multiplyPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, weights, panelsStart, out, rowBytes, pairs, panels, quads, records, zeroPoint, low, high) => {
			const { i32x4, v128 } = code.module;
			const result = resultOf(code, zeroPoint, low, high);
			const quadWeights = code.let('i32', weights.get());
			const quadRecords = code.let('i32', records.get());
			const row = code.let('i32', out.get());
			const sums = Array.from({ length: 2 * PANEL_OUTPUTS }, () => code.declare('v128'));
			code.for(quads.get, () => {
				const x = code.let('i32', panelsStart.get());
				const target = code.let('i32', row.get());
				code.for(panels.get, () => {
					const w = code.let('i32', quadWeights.get());
					for (const sum of sums) sum.set(i32x4.splat(code.int(0)));
					// Unrolling this loop makes it slower: the registers no longer suffice.
					code.for(pairs.get, () => {
						const [left, right] = [code.let('v128', v128.load(0, 4, x.get())), code.let('v128', v128.load(16, 4, x.get()))];
						for (let output = 0; output < PANEL_OUTPUTS; output++) {
							const factor = code.let('v128', v128.load32_splat(4 * output, 4, w.get()));
							for (const [half, values] of [left, right].entries()) {
								const sum = sums[2 * output + half] as Variable;
								sum.set(i32x4.add(sum.get(), i32x4.dot_i16x8_s(values.get(), factor.get())));
							}
						}
						x.set(code.sum(x.get(), code.int(32)));
						w.set(code.sum(w.get(), code.int(4 * PANEL_OUTPUTS)));
					});
					const place = code.let('i32', target.get());
					const record = code.let('i32', quadRecords.get());
					for (let output = 0; output < PANEL_OUTPUTS; output++) {
						const halves = sums.slice(2 * output, 2 * output + 2);
						storeEight(code, place.get(), rescale(code, rescaling, halves, record), result);
						place.set(code.sum(place.get(), rowBytes.get()));
						record.set(code.sum(record.get(), code.int(RECORD_BYTES)));
					}
					target.set(code.sum(target.get(), code.int(PANEL_PIXELS)));
				});
				quadWeights.set(code.sum(quadWeights.get(), code.product(pairs.get(), code.int(4 * PANEL_OUTPUTS))));
				quadRecords.set(code.sum(quadRecords.get(), code.int(RECORD_BYTES * PANEL_OUTPUTS)));
				row.set(code.sum(row.get(), code.product(rowBytes.get(), code.int(PANEL_OUTPUTS))));
			});
			return undefined;
		},
	);
}
