import { expect, test } from 'vitest';
import { NetworkBuilder } from './builder.ts';
import {
	arithmeticIntensity,
	inputElements,
	layerBytes,
	layerMacs,
	networkCounts,
	outputElements,
	weightElements,
} from './counts.ts';
import type { Layer, Network } from './network.ts';

/** Multiplies in loops, as one would without any formula. */
function slowConvolutionMacs(layer: Extract<Layer, { kind: 'convolution' }>): number {
	const [height = 1, width = 1] = layer.outputSize;
	let macs = 0;
	for (let image = 0; image < layer.batch; image++)
		for (let filter = 0; filter < layer.outputChannels; filter++)
			for (let y = 0; y < height; y++)
				for (let x = 0; x < width; x++)
					for (let channel = 0; channel < layer.inputChannels / layer.groups; channel++)
						for (let ky = 0; ky < (layer.kernel[0] ?? 1); ky++) for (let kx = 0; kx < (layer.kernel[1] ?? 1); kx++) macs++;
	return macs;
}

function small(): Network {
	const b = new NetworkBuilder(16, 8);
	const x = b.input('x', [2, 4, 7, 9]);
	const convolved = b.convolution('conv', x, {
		channels: 6,
		kernel: [3, 2],
		stride: [2, 1],
		padding: [1, 0],
		groups: 2,
		bias: true,
	});
	const flat = b.flatten('flat', convolved);
	return b.build('small', 'here', [b.linear('fc', flat, 5)]);
}

test('a convolution multiplies as often as loops do, and holds, reads and writes its tensors', () => {
	const [layer] = small().layers;
	if (layer?.kind !== 'convolution') throw new Error('no convolution');
	expect(layer.outputSize).toEqual([4, 8]);
	expect(layerMacs(layer)).toBe(slowConvolutionMacs(layer));
	expect([weightElements(layer), inputElements(layer), outputElements(layer)]).toEqual([6 * 2 * 6 + 6, 2 * 4 * 63, 2 * 6 * 32]);
	expect(layerBytes(layer)).toEqual({ weightBytes: 78, inputBytes: 2 * 504, outputBytes: 2 * 384, totalBytes: 78 + 1008 + 768 });
	expect(layerBytes(layer, { weights: 'int4', activations: 'fp32' })).toMatchObject({ weightBytes: 39, inputBytes: 4 * 504 });
	expect(arithmeticIntensity(layer)).toBe((2 * slowConvolutionMacs(layer)) / 1854);
});

test('a network sums its layers', () => {
	const network = small();
	const counts = networkCounts(network);
	const features = 6 * 32;
	expect(counts.macs).toBe(2 * 6 * 32 * 2 * 6 + 2 * features * 5);
	expect(counts.parameters).toBe(78 + features * 5 + 5);
	expect(counts.parameterBytes).toBe(counts.parameters);
	expect(counts.largestActivationBytes).toBe(1008 + 768);
	expect(counts.movedBytes).toBe(1854 + 2 * 768 + (counts.parameters - 78) + 768 + 2 * 10);
	expect(counts.operationsPerByte).toBe((2 * counts.macs) / counts.movedBytes);
});

test('an embedding moves the rows that are looked up; a weight that two layers hold is counted once', () => {
	const b = new NetworkBuilder();
	const table = b.weight('table', [100, 8]);
	const looked = b.embedding('embedding', b.input('ids', [3], 64), table);
	const network = b.build('tied', 'here', [b.linear('head', looked, 100, { bias: false, tied: table })]);
	const [embedding] = network.layers as [Layer];
	expect(layerBytes(embedding)).toEqual({ weightBytes: 3 * 8 * 4, inputBytes: 24, outputBytes: 96, totalBytes: 216 });
	expect(networkCounts(network).parameters).toBe(800);
});

test('a transposed convolution multiplies each input element with its whole kernel', () => {
	const b = new NetworkBuilder();
	b.upConvolution('up', b.input('x', [1, 8, 5, 6]), 3, 2);
	const [layer] = b.build('up', 'here', []).layers as [Layer];
	expect(layer.outputs[0]?.shape).toEqual([1, 3, 10, 12]);
	expect(layerMacs(layer)).toBe(8 * 30 * 3 * 4);
});
