/** Depthwise convolutions: each channel by itself, eight pixels of a row at a time, as `../integer/kernels/depthwise.ts` has them. */
import type { Assembler, Expression, Variable } from '@assay/webassembly';
import { PANEL_PIXELS } from '../integer/kernels/panels.ts';
import { clamp } from './panel-kernels.ts';

/** The even floats of two vectors. */
const EVEN = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

export function defineDepthwise(assembler: Assembler): void {
	/**
	 * out = clamp(bias + sum over taps of weights[tap] source[tapOffsets[tap] + place]), for so many outputs of so many `multiplier` a channel. `rowBytes`
	 * from a row of places to the next; `stride` in floats from a place to its neighbour. What is stored beyond a row's end is overwritten by the next row.
	 */
	assembler.define(
		'depthwise',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'f32'],
		(
			code,
			source,
			channelBytes,
			outputs,
			multiplier,
			tapOffsets,
			taps,
			stride,
			rowBytes,
			height,
			width,
			weights,
			biases,
			target,
			low,
			high,
		) => {
			const { i32, i8x16, f32, f32x4, v128 } = code.module;
			const out = code.let('i32', target.get());
			const own = code.let('i32', weights.get());
			const bias = code.let('i32', biases.get());
			const sums = [code.declare('v128'), code.declare('v128')] as const;
			const eachTap = (valuesAt: (at: Variable) => readonly [Expression, Expression]) => {
				const place = code.let('i32', tapOffsets.get());
				const weight = code.let('i32', own.get());
				for (const sum of sums) sum.set(v128.load32_splat(0, 4, bias.get()));
				code.for(taps.get, () => {
					const factor = code.let('v128', v128.load32_splat(0, 4, weight.get()));
					const values = valuesAt(code.let('i32', code.sum(from.get(), i32.load(0, 4, place.get()))));
					for (const [half, sum] of sums.entries()) sum.set(f32x4.add(sum.get(), f32x4.mul(values[half as 0 | 1], factor.get())));
					place.set(code.sum(place.get(), code.int(4)));
					weight.set(code.sum(weight.get(), code.int(4)));
				});
			};
			const from = code.declare('i32');
			code.for(outputs.get, (output) => {
				const channel = i32.div_u(output.get(), multiplier.get());
				const row = code.let('i32', code.sum(source.get(), code.product(channel, channelBytes.get())));
				code.for(height.get, () => {
					from.set(row.get());
					const column = code.let('i32', code.int(0));
					const to = code.let('i32', out.get());
					code.count(column, width.get, PANEL_PIXELS, () => {
						code.if(
							i32.eq(stride.get(), code.int(1)),
							() => eachTap((at) => [v128.load(0, 4, at.get()), v128.load(16, 4, at.get())]),
							() =>
								code.if(
									i32.eq(stride.get(), code.int(2)),
									() =>
										eachTap((at) => {
											const even = (offset: number) =>
												i8x16.shuffle(v128.load(offset, 4, at.get()), v128.load(offset + 16, 4, at.get()), EVEN);
											return [even(0), even(32)];
										}),
									() =>
										eachTap((at) => {
											const step = code.let('i32', code.times(stride.get(), 4));
											const halves = [code.declare('v128'), code.declare('v128')] as const;
											for (const half of halves) {
												for (let lane = 0; lane < 4; lane++) {
													const value = f32.load(0, 4, at.get());
													half.set(lane === 0 ? f32x4.splat(value) : f32x4.replace_lane(half.get(), lane, value));
													at.set(code.sum(at.get(), step.get()));
												}
											}
											return [halves[0].get(), halves[1].get()];
										}),
								),
						);
						for (const [half, sum] of sums.entries())
							code.emit(v128.store(16 * half, 4, to.get(), clamp(code, sum.get(), low, high)));
						to.set(code.sum(to.get(), code.int(4 * PANEL_PIXELS)));
						from.set(code.sum(from.get(), code.product(stride.get(), code.int(4 * PANEL_PIXELS))));
					});
					row.set(code.sum(row.get(), rowBytes.get()));
					out.set(code.sum(out.get(), code.times(width.get(), 4)));
				});
				own.set(code.sum(own.get(), code.times(taps.get(), 4)));
				bias.set(code.sum(bias.get(), code.int(4)));
			});
			return undefined;
		},
	);
}
