/** Depthwise convolutions: each channel by itself, eight pixels of a row at a time. Taps go in pairs, as the products of panels do. */
import type { Assembler, Variable } from '@assay/webassembly';
import type { Rescaling } from '../integer-network.ts';
import { LOWER, PANEL_PIXELS, UPPER } from './panels.ts';
import { RECORD_BYTES, rescale, resultOf, storeEight } from './rescale.ts';

export function defineDepthwise(assembler: Assembler, rescaling: Rescaling): void {
	/**
	 * out = rescaled sums over taps of weights[tap] source[tapOffsets[tap] + place], for so many outputs of so many `multiplier` a channel. `weights`: of
	 * each output a 16-bit number a tap; `rowBytes` from a row of places to the next; `stride` from a place to its neighbour. What is stored beyond a
	 * row's end is overwritten by the next row.
	 */
	assembler.define(
		'depthwise',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(
			code,
			source,
			channelBytes,
			outputs,
			multiplier,
			tapOffsets,
			pairs,
			stride,
			rowBytes,
			height,
			width,
			weights,
			target,
			records,
			zeroPoint,
			low,
			high,
		) => {
			const { i32, i8x16, i16x8, i32x4, v128 } = code.module;
			const result = resultOf(code, zeroPoint, low, high);
			const record = code.let('i32', records.get());
			const out = code.let('i32', target.get());
			const own = code.let('i32', weights.get());
			const sums = [code.declare('v128'), code.declare('v128')] as const;
			const eachPair = (valuesAt: (offset: Variable) => Variable) => {
				const place = code.let('i32', tapOffsets.get());
				const weight = code.let('i32', own.get());
				for (const sum of sums) sum.set(i32x4.splat(code.int(0)));
				code.for(pairs.get, () => {
					const [even, odd] = [0, 4].map((at) => valuesAt(code.let('i32', i32.load(at, 4, place.get())))) as [Variable, Variable];
					const factor = code.let('v128', v128.load32_splat(0, 4, weight.get()));
					for (const [half, sum] of sums.entries()) {
						const values = i8x16.shuffle(even.get(), odd.get(), half === 0 ? LOWER : UPPER);
						sum.set(i32x4.add(sum.get(), i32x4.dot_i16x8_s(values, factor.get())));
					}
					place.set(code.sum(place.get(), code.int(8)));
					weight.set(code.sum(weight.get(), code.int(4)));
				});
			};
			code.for(outputs.get, (output) => {
				const channel = i32.div_u(output.get(), multiplier.get());
				const row = code.let('i32', code.sum(source.get(), code.product(channel, channelBytes.get())));
				code.for(height.get, () => {
					const from = code.let('i32', row.get());
					const column = code.let('i32', code.int(0));
					code.count(column, width.get, PANEL_PIXELS, () => {
						code.if(
							i32.eq(stride.get(), code.int(1)),
							() => eachPair((offset) => code.let('v128', v128.load8x8_s(0, 1, code.sum(from.get(), offset.get())))),
							() =>
								code.if(
									i32.eq(stride.get(), code.int(2)),
									() =>
										eachPair((offset) => {
											const bytes = v128.load(0, 1, code.sum(from.get(), offset.get()));
											return code.let('v128', i16x8.shr_s(i16x8.shl(bytes, code.int(8)), code.int(8)));
										}),
									() =>
										eachPair((offset) => {
											const values = code.declare('v128');
											const at = code.let('i32', code.sum(from.get(), offset.get()));
											for (let pixel = 0; pixel < PANEL_PIXELS; pixel++) {
												const value = i32.load8_s(0, 1, at.get());
												values.set(pixel === 0 ? i16x8.splat(value) : i16x8.replace_lane(values.get(), pixel, value));
												at.set(code.sum(at.get(), stride.get()));
											}
											return values;
										}),
								),
						);
						storeEight(code, code.sum(out.get(), column.get()), rescale(code, rescaling, sums, record), result);
						from.set(code.sum(from.get(), code.product(stride.get(), code.int(PANEL_PIXELS))));
					});
					row.set(code.sum(row.get(), rowBytes.get()));
					out.set(code.sum(out.get(), width.get()));
				});
				record.set(code.sum(record.get(), code.int(RECORD_BYTES)));
				own.set(code.sum(own.get(), code.times(pairs.get(), 4)));
			});
			return undefined;
		},
	);
}
