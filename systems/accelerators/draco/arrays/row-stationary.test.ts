import { expect, test } from 'vitest';
import { macs } from '../convolution.ts';
import { mobileNetV1, squareConvolution } from '../test-data.ts';
import { layOutSets, runRowStationary } from './row-stationary.ts';

test.for([
	// The last two are 135 and 156 of 168 elements, which the chip's authors publish as active (Eyeriss, JSSC 52(1), 2017).
	['AlexNet’s first layer on 12 x 14', 11, 4, 227, 12, 14, 0.9003],
	['its second', 5, 1, 31, 12, 14, 135 / 168],
	['its third', 3, 1, 15, 12, 14, 156 / 168],
	['1 x 1 over 56 x 56 on 64 x 64', 1, 1, 56, 64, 64, 0.875],
] as const)('structural utilisation of %s', ([, kernel, stride, input, rows, columns, published]) => {
	const layer = squareConvolution({ kernel, stride, input, inputsPerGroup: 64, outputsPerGroup: 64 });
	expect(layOutSets(layer, { rows, columns }).structuralUtilisation).toBeCloseTo(published, 4);
});

test.for([
	[64, 1, 567.716352, 377_664, 0.466],
	[64, 2, 585.102336, 264_768, 0.4968],
	[64, 4, 619.874304, 211_008, 0.5955],
	[64, 8, 689.41824, 205_632, 0.7474],
	[64, 16, 828.506112, 255_360, 0.7717],
	[128, 8, 689.41824, 65_464, 0.6172],
	[32, 4, 619.874304, 725_760, 0.7373],
	[16, 4, 619.874304, 2_886_912, 0.7616],
] as const)('MobileNetV1 on %i x %i with %i maps a group', ([side, maps, megaMacs, cycles, utilisation]) => {
	const layers = mobileNetV1(maps);
	const runs = layers.map((layer) => runRowStationary(layer, { rows: side, columns: side }));
	expect(layers.reduce((sum, layer) => sum + macs(layer), 0) / 1e6).toBeCloseTo(megaMacs, 6);
	expect(runs.reduce((sum, run) => sum + run.cycles, 0)).toBe(cycles);
	expect(runs.reduce((sum, run) => sum + run.utilisation, 0) / 27).toBeCloseTo(utilisation, 4);
});

test('copies on other groups would fill the array: it is the groups that starve it', () => {
	const depthwise = squareConvolution({ groups: 64, kernel: 3, input: 16 });
	const array = { rows: 64, columns: 64 };
	const across = runRowStationary(depthwise, array, { acrossGroups: true });
	expect(across.cycles).toBeLessThan(runRowStationary(depthwise, array).cycles / 10);
	expect(across.utilisation).toBeLessThanOrEqual(1);
});
