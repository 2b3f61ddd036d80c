import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDepthwise, macs, outputElements, weightElements } from '../convolution.ts';
import { mobileNetV1, squareConvolution } from '../test-data.ts';
import { oneDimensional, runOnLines } from './one-dimensional.ts';
import { scaledChannels, scaleWidth } from './scale-width.ts';
import { possibleWidths, widenGroups } from './widen-groups.ts';

test('wider groups: the same maps, as many times the work and weights', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 200 }),
			fc.integer({ min: 1, max: 3 }),
			fc.constantFrom(1, 3, 5),
			(groups, multiplier, kernel) => {
				const layer = squareConvolution({ groups: 2 * groups, outputsPerGroup: multiplier, kernel, input: 12 });
				for (const width of possibleWidths(layer)) {
					const widened = widenGroups(layer, width);
					expect(widened.groups * widened.inputsPerGroup).toBe(2 * groups);
					expect(outputElements(widened)).toBe(outputElements(layer));
					expect(macs(widened)).toBe(width * macs(layer));
					expect(weightElements(widened)).toBe(width * weightElements(layer));
				}
			},
		),
	);
});

test('only widths that divide the channels are possible, and none for layers that are not depthwise', () => {
	expect(possibleWidths(squareConvolution({ groups: 24, kernel: 3, input: 9 }))).toEqual([1, 2, 4, 8]);
	expect(possibleWidths(squareConvolution({ groups: 7, kernel: 3, input: 9 }))).toEqual([1]);
	expect(possibleWidths(squareConvolution({ inputsPerGroup: 64, outputsPerGroup: 64, input: 9 }))).toEqual([1]);
});

test('scaled channels are multiples of eight and of the groups; those of the image stay', () => {
	expect([scaledChannels(3, 0.5), scaledChannels(64, 0.5), scaledChannels(24, 0.1)]).toEqual([3, 32, 8]);
	const grouped = squareConvolution({ groups: 32, inputsPerGroup: 4, outputsPerGroup: 8, kernel: 3, input: 9 });
	const half = scaleWidth(grouped, 0.5);
	expect([half.groups, half.inputsPerGroup, half.outputsPerGroup]).toEqual([32, 2, 4]);
	const layers = mobileNetV1().map((layer) => scaleWidth(layer, 0.7));
	for (const [index, layer] of layers.entries()) {
		const before = layers[index - 1];
		// What a layer reads is what the one before it writes.
		if (before !== undefined) expect(layer.groups * layer.inputsPerGroup).toBe(before.groups * before.outputsPerGroup);
		if (isDepthwise(layer)) expect(layer.groups % 8).toBe(0);
	}
});

test('one-dimensional kernels: half of the channels each way; a line of outputs to each row of the array', () => {
	const layer = squareConvolution({ groups: 9, kernel: 3, input: 18 });
	const [down, along] = oneDimensional(layer);
	expect([down.groups, down.kernelHeight, down.kernelWidth]).toEqual([5, 3, 1]);
	expect([along.groups, along.kernelHeight, along.kernelWidth]).toEqual([4, 1, 3]);
	expect(macs(down) + macs(along)).toBe(macs(layer) / 3);
	// 5 maps of 16 lines of 16 outputs on 8 x 8: ten turns of rows, two of columns, three cycles each.
	expect(runOnLines(down, { rows: 8, columns: 8 })).toEqual({ cycles: 10 * 2 * 3, utilisation: 1 });
});
