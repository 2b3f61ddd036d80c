import { InputError } from '@assay/contract';
import { describe, expect, test } from 'vitest';
import { parameterCount } from '../parameters.ts';
import { findModel } from '../zoo.ts';
import { layerMacs, networkCounts } from './counts.ts';
import { dataEdges, type Network } from './network.ts';
import { findNetwork, listNetworks } from './zoo.ts';

/**
 * Of torchvision 0.2x, the documented `num_params` (weights, biases, scale and shift of batch norms; no running statistics) and `GFLOPS`, which are
 * multiply-accumulates of convolutions and fully connected layers of one image, rounded to 10 millions.
 */
const torchvision: readonly (readonly [name: string, parameters: number, gigaMacs: number])[] = [
	['alexnet', 61_100_840, 0.71],
	['vgg-16', 138_357_544, 15.47],
	['vgg-19', 143_667_240, 19.63],
	['resnet-18', 11_689_512, 1.81],
	['resnet-34', 21_797_672, 3.66],
	['resnet-50', 25_557_032, 4.09],
	['resnet-101', 44_549_160, 7.8],
	['resnext-50-32x4d', 25_028_904, 4.23],
	['googlenet', 6_624_904, 1.5],
	['squeezenet-1.0', 1_248_424, 0.82],
	['squeezenet-1.1', 1_235_496, 0.35],
	['mobilenet-v2', 3_504_872, 0.3],
	['shufflenet-v2-1.0x', 2_278_604, 0.14],
	['efficientnet-b0', 5_288_548, 0.39],
];

test.each(torchvision)(
	'%s has the parameters and multiply-accumulates that torchvision documents',
	(name, parameters, gigaMacs) => {
		const counts = networkCounts(findNetwork(name));
		expect(counts.parameters).toBe(parameters);
		expect(Math.abs(counts.macs / 1e9 - gigaMacs)).toBeLessThanOrEqual(0.0051);
	},
);

/** Howard et al. 2017, table 6: million multiply-adds and parameters, with the fully connected layer. */
test.each([
	['mobilenet-v1', 569, 4.2],
	['mobilenet-v1-0.75', 325, 2.6],
	['mobilenet-v1-0.5', 149, 1.3],
	['mobilenet-v1-0.25', 41, 0.5],
])('%s has the counts of its paper, rounded as there', (name, millionMacs, millionParameters) => {
	const counts = networkCounts(findNetwork(name));
	expect(Math.abs(counts.macs / 1e6 - millionMacs)).toBeLessThanOrEqual(1);
	expect(Math.abs(counts.parameters / 1e6 - millionParameters)).toBeLessThanOrEqual(0.051);
});

test('MobileNetV1 has the trainable parameters of Keras’ model', () => {
	expect(networkCounts(findNetwork('mobilenet-v1')).parameters).toBe(4_231_976);
});

test('U-Net’s images have the sizes of the figure in its paper', () => {
	const network = findNetwork('u-net');
	const sizeAfter = (name: string) => network.layers.find((layer) => layer.name === name)?.outputs[0]?.shape.slice(1);
	expect(['down1.2', 'down2.2', 'down3.2', 'down4.2', 'down5.2'].map(sizeAfter)).toEqual([
		[64, 568, 568],
		[128, 280, 280],
		[256, 136, 136],
		[512, 64, 64],
		[1024, 28, 28],
	]);
	expect(['up4.concat', 'up3.concat', 'up2.concat', 'up1.concat', 'classes'].map(sizeAfter)).toEqual([
		[1024, 56, 56],
		[512, 104, 104],
		[256, 200, 200],
		[128, 392, 392],
		[2, 388, 388],
	]);
	expect(network.layers.filter(({ kind }) => kind === 'convolution')).toHaveLength(23);
});

/** Parameters as the published checkpoints have them. */
test.each([
	['t5-small', 60_506_624],
	['t5-base', 222_903_552],
	['t5-large', 737_668_096],
])('%s has the parameters of its checkpoint', (name, parameters) => {
	expect(networkCounts(findNetwork(name)).parameters).toBe(parameters);
});

test('T5 multiplies twice its stacks’ matrices by the tokens, and by the pairs of tokens in three attentions', () => {
	const tokens = 100;
	const matrices = 12 * (4 + 8) * 768 * 768 + 24 * 2 * 768 * 3072 + 32_128 * 768;
	expect(networkCounts(findNetwork('t5-base', { tokens })).macs).toBe(matrices * tokens + 12 * 3 * 2 * 768 * tokens * tokens);
});

test('XLM has the 667 million parameters of its checkpoint of 2.67 GB', () => {
	expect(networkCounts(findNetwork('xlm-mlm-en-2048')).parameters / 1e6).toBeCloseTo(667, -0.5);
});

test('Transformer-XL has a product with distances in each layer and as many parameters as its checkpoint of 1.14 GB', () => {
	const network = findNetwork('transformer-xl-large', { tokens: 64, cachedTokens: 100 });
	expect(networkCounts(network).parameters / 1e6).toBeCloseTo(1140 / 4, -0.5);
	const products = network.layers.filter((layer) => layer.kind === 'matrix-product' && layer.secondOperand === 'activation');
	expect(products).toHaveLength(18 * 3);
	const pairs = 64 * 100 + (64 * 65) / 2;
	expect(products.reduce((sum, layer) => sum + layerMacs(layer, 'skipped'), 0)).toBe(18 * 3 * 1024 * pairs);
});

test('known transformers are networks too', () => {
	for (const name of ['bert-base', 'bert-large', 'gpt2', 'gpt3-175b'])
		expect(networkCounts(findNetwork(name)).parameters).toBe(parameterCount(findModel(name)).total);
});

/** What every network must be: named once, in order, with edges that fit; what is not so. */
function faults(network: Network): string[] {
	const found: string[] = [];
	const written = new Map(network.inputs.map((tensor) => [tensor.name, tensor.shape.join()]));
	const names = new Set<string>();
	for (const layer of network.layers) {
		if (names.has(layer.name)) found.push(`${layer.name} a second time`);
		names.add(layer.name);
		for (const { name, shape } of layer.inputs) if (written.get(name) !== shape.join()) found.push(`${layer.name} reads ${name}`);
		for (const { name, shape } of layer.outputs) {
			if (written.has(name)) found.push(`${name} written twice`);
			if (shape.some((size) => !Number.isInteger(size) || size < 1)) found.push(`${name} of shape ${shape}`);
			written.set(name, shape.join());
		}
	}
	for (const { name, shape } of network.outputs) if (written.get(name) !== shape.join()) found.push(`output ${name}`);
	return found;
}

test('edges lead from a writer to its readers, from the inputs and to the outputs', () => {
	const network = findNetwork('resnet-18');
	const edges = dataEdges(network);
	const add = edges.filter(({ to }) => to?.name === 'layer1.0.add').map(({ from }) => from?.name);
	expect(add).toEqual(['layer1.0.2.bn', 'pool1']);
	expect(edges[0]).toMatchObject({ from: null, tensor: { name: 'image' } });
	expect(edges.at(-1)).toMatchObject({ from: { name: 'fc' }, to: null });
	const place = new Map(network.layers.map((layer, index) => [layer, index]));
	expect(edges.every(({ from, to }) => from === null || to === null || place.get(from)! < place.get(to)!)).toBe(true);
});

describe('every built-in network', () => {
	test.each(
		listNetworks()
			.filter(({ dimensions }) => dimensions.includes('image'))
			.map(({ name }) => name),
	)('%s is a graph in order', (name) => {
		expect(faults(findNetwork(name))).toEqual([]);
	});

	test('of tokens too', () => {
		const names = listNetworks().filter(({ dimensions }) => dimensions.includes('tokens'));
		for (const { name } of names) expect(faults(findNetwork(name, { batch: 2, tokens: 3 }))).toEqual([]);
	});

	test('a batch takes so many times the work, and no more weights', () => {
		for (const name of ['resnet-50', 'mobilenet-v2', 'squeezenet-1.0', 't5-small']) {
			const [one, four] = [networkCounts(findNetwork(name)), networkCounts(findNetwork(name, { batch: 4 }))];
			expect(four.macs).toBe(4 * one.macs);
			expect(four.parameters).toBe(one.parameters);
		}
	});
});

describe('mistakes are one InputError', () => {
	test.each([
		['resnet50', {}, /network: found "resnet50".*did you mean resnet-50\?/],
		['resnet-50', { batch: 0 }, /network\.batch: found 0, expected a whole number from 1/],
		[
			'resnet-50',
			{ tokens: 5 },
			/network\.tokens: found a dimension that the network does not have, expected one of batch, image/,
		],
		[
			'vgg-16',
			{ image: 8 },
			/network\.image: found 8 pixels, of which .* leaves nothing, expected a larger image, for example 224/,
		],
		['xlm-mlm-en-2048', { tokens: 513 }, /network\.tokens: found 513, expected a whole number from 1 to 512/],
		['bert-base', { cachedTokens: 3 }, /network\.cachedTokens: found 3, expected 0 for an encoder/],
		['gpt2', { tokens: 1025 }, /network\.tokens: found 1025 tokens.*at most 1024/],
	])('%s with %o', (name, dimensions, expected) => {
		let message = '';
		try {
			findNetwork(name, dimensions);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			message = error.message;
		}
		expect(message).toMatch(expected);
	});
});
