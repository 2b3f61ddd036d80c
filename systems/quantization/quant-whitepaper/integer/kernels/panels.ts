/**
 * Products of 8-bit matrices with 32-bit sums. Values of x less their zero point, and weights, are widened to 16 bits, so that one
 * instruction multiplies eight pairs and adds each two neighbours. Two neighbours in k therefore lie side by side:
 *
 *   a panel    8 pixels of all k:   [pairs of k][8 pixels][2]   int16
 *   weights    4 outputs of all k:  [pairs of k][4 outputs][2]  int16
 *   sums       [outputs][pixels of all panels]                  int32
 */
import type { Assembler, Variable } from '@assay/webassembly';

export const PANEL_PIXELS = 8;
export const PANEL_OUTPUTS = 4;

/** Interleaves the 16-bit values of two vectors: their lower halves, their upper halves. */
const LOWER = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const UPPER = [8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31];

export function definePanels(assembler: Assembler): void {
	/**
	 * Gathers panels: pixel p of k is the byte at source + kernelOffsets[k] + pixelOffsets[p], less the zero point. `together`: for each
	 * panel whether its pixels are neighbours in memory, which are loaded at once.
	 */
	assembler.define(
		'gatherPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, kernelOffsets, pixelOffsets, together, zeroPoint, target, pairs, panels) => {
			const { i32, i16x8, i8x16, v128 } = code.module;
			const zero = code.let('v128', i16x8.splat(zeroPoint.get()));
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
								code.let(
									'v128',
									i16x8.sub(v128.load8x8_s(0, 1, code.sum(first.get(), i32.load(offset, 4, place.get()))), zero.get()),
								);
							const [even, odd] = [load(0), load(4)];
							code.emit(v128.store(0, 4, out.get(), i8x16.shuffle(even.get(), odd.get(), LOWER)));
							code.emit(v128.store(16, 4, out.get(), i8x16.shuffle(even.get(), odd.get(), UPPER)));
							out.set(code.sum(out.get(), code.int(32)));
							place.set(code.sum(place.get(), code.int(8)));
						});
					},
					() => {
						code.for(pairs.get, () => {
							const even = code.let('i32', code.sum(source.get(), i32.load(0, 4, place.get())));
							const odd = code.let('i32', code.sum(source.get(), i32.load(4, 4, place.get())));
							for (let pixel = 0; pixel < PANEL_PIXELS; pixel++) {
								const offset = code.let('i32', i32.load(4 * pixel, 4, pixels.get()));
								for (const [half, row] of [even, odd].entries()) {
									const value = i32.sub(i32.load8_s(0, 1, code.sum(row.get(), offset.get())), zeroPoint.get());
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

	/** sums = weights panels, for groups of 4 outputs; `sums` has 8 panels pixels a row. */
	assembler.define(
		'multiplyPanels',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, weights, panelsStart, sums, pairs, panels, groups) => {
			const { i32x4, v128 } = code.module;
			const rowBytes = code.let('i32', code.product(panels.get(), code.int(4 * PANEL_PIXELS)));
			const groupWeights = code.let('i32', weights.get());
			const row = code.let('i32', sums.get());
			const totals = Array.from({ length: 2 * PANEL_OUTPUTS }, () => code.declare('v128'));
			code.for(groups.get, () => {
				const x = code.let('i32', panelsStart.get());
				const target = code.let('i32', row.get());
				code.for(panels.get, () => {
					const w = code.let('i32', groupWeights.get());
					for (const total of totals) total.set(i32x4.splat(code.int(0)));
					// Unrolling this loop makes it slower: the registers no longer suffice.
					code.for(pairs.get, () => {
						const [low, high] = [code.let('v128', v128.load(0, 4, x.get())), code.let('v128', v128.load(16, 4, x.get()))];
						for (let output = 0; output < PANEL_OUTPUTS; output++) {
							const factor = code.let('v128', v128.load32_splat(4 * output, 4, w.get()));
							for (const [half, values] of [low, high].entries()) {
								const total = totals[2 * output + half] as Variable;
								total.set(i32x4.add(total.get(), i32x4.dot_i16x8_s(values.get(), factor.get())));
							}
						}
						x.set(code.sum(x.get(), code.int(32)));
						w.set(code.sum(w.get(), code.int(4 * PANEL_OUTPUTS)));
					});
					const place = code.let('i32', target.get());
					for (let output = 0; output < PANEL_OUTPUTS; output++) {
						for (const half of [0, 1])
							code.emit(v128.store(16 * half, 4, place.get(), (totals[2 * output + half] as Variable).get()));
						place.set(code.sum(place.get(), rowBytes.get()));
					}
					target.set(code.sum(target.get(), code.int(4 * PANEL_PIXELS)));
				});
				groupWeights.set(code.sum(groupWeights.get(), code.product(pairs.get(), code.int(4 * PANEL_OUTPUTS))));
				row.set(code.sum(row.get(), code.product(rowBytes.get(), code.int(PANEL_OUTPUTS))));
			});
			return undefined;
		},
	);

	/**
	 * Sums of one channel alone (a depthwise convolution): sums[p] = sum over taps of weights[tap] (source[tapOffsets[tap] + pixelOffsets[p]] -
	 * zero point). `weights`: a 16-bit number a tap.
	 */
	assembler.define(
		'sumTaps',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, tapOffsets, pixelOffsets, together, zeroPoint, weights, sums, taps, panels) => {
			const { i32, i16x8, i32x4, v128 } = code.module;
			const zero = code.let('v128', i16x8.splat(zeroPoint.get()));
			const out = code.let('i32', sums.get());
			const [low, high] = [code.declare('v128'), code.declare('v128')];
			code.for(panels.get, (panel) => {
				const pixels = code.let('i32', code.sum(pixelOffsets.get(), code.product(panel.get(), code.int(4 * PANEL_PIXELS))));
				const isTogether = code.let('i32', i32.load(0, 4, code.sum(together.get(), code.times(panel.get(), 4))));
				const first = code.let('i32', code.sum(source.get(), i32.load(0, 4, pixels.get())));
				const place = code.let('i32', tapOffsets.get());
				const weight = code.let('i32', weights.get());
				for (const total of [low, high]) total.set(i32x4.splat(code.int(0)));
				code.for(taps.get, () => {
					const at = code.let('i32', i32.load(0, 4, place.get()));
					const values = code.declare('v128');
					code.if(
						isTogether.get(),
						() => values.set(v128.load8x8_s(0, 1, code.sum(first.get(), at.get()))),
						() => {
							const base = code.let('i32', code.sum(source.get(), at.get()));
							for (let pixel = 0; pixel < PANEL_PIXELS; pixel++) {
								const value = i32.load8_s(0, 1, code.sum(base.get(), i32.load(4 * pixel, 4, pixels.get())));
								values.set(pixel === 0 ? i16x8.splat(value) : i16x8.replace_lane(values.get(), pixel, value));
							}
						},
					);
					const centred = code.let('v128', i16x8.sub(values.get(), zero.get()));
					const factor = code.let('v128', v128.load16_splat(0, 2, weight.get()));
					low.set(i32x4.add(low.get(), i32x4.extmul_low_i16x8_s(centred.get(), factor.get())));
					high.set(i32x4.add(high.get(), i32x4.extmul_high_i16x8_s(centred.get(), factor.get())));
					place.set(code.sum(place.get(), code.int(4)));
					weight.set(code.sum(weight.get(), code.int(2)));
				});
				code.emit(v128.store(0, 4, out.get(), low.get()));
				code.emit(v128.store(16, 4, out.get(), high.get()));
				out.set(code.sum(out.get(), code.int(4 * PANEL_PIXELS)));
			});
			return undefined;
		},
	);
}
