import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../onnx/byte-source.ts';
import { readOnnxGraph } from '../../onnx/read-graph.ts';
import { bindInputs, type GivenDimensions } from '../../onnx/shapes/dimensions.ts';
import { convolutionalNetwork } from '../../onnx/testing/convolutional-network.ts';
import { GraphWriter } from '../../onnx/testing/graph-writer.ts';
import { realMacs } from '../../onnx/testing/real-macs.ts';
import { runEveryTensor } from '../../onnx/testing/run-every-tensor.ts';
import { smallGraphs } from '../../onnx/testing/single-operators.ts';
import { transformerNetwork } from '../../onnx/testing/transformer-network.ts';
import { layerBytes, layerMacs, networkCounts, weightElements } from '../counts.ts';
import { dataEdges, type Layer, type Network } from '../network.ts';
import { networkFromOnnx } from './network-from-onnx.ts';

const read = (file: Uint8Array) => readOnnxGraph(memorySource('test.onnx', file));

async function networkOf(write: (g: GraphWriter) => unknown, dimensions: GivenDimensions = {}, opset = 17): Promise<Network> {
	const g = new GraphWriter(opset);
	write(g);
	return networkFromOnnx(await read(g.file()), dimensions);
}

const shape = ({ inputs: _, outputs: __, weights, ...rest }: Layer) => ({
	...rest,
	weights: weights.map((weight) => weight.shape),
});

describe('multiply-accumulates are those counted from onnxruntime’s shapes', () => {
	test.each([7, 9, 11, 13, 18, 21])('of a convolutional network and a transformer, operator set %i', async (opset) => {
		const cases: [GraphWriter, GivenDimensions][] = [[convolutionalNetwork(opset), { batch: 2, height: 49, width: 55 }]];
		if (opset >= 9) cases.push([transformerNetwork(opset), { batch: 3, sequence: 11 }]);
		for (const [g, dimensions] of cases) {
			const file = g.file();
			const graph = await read(file);
			const real = new Map(await runEveryTensor(file, graph, dimensions));
			for (const { input, shape } of bindInputs(graph, dimensions, [])) real.set(input.name, shape);
			expect(networkCounts(networkFromOnnx(graph, dimensions)).macs).toBe(realMacs(graph, real));
		}
	});
});

test('every small graph of every covered operator becomes a network whose edges fit', async () => {
	for (const { opset, write, dimensions } of smallGraphs) {
		const network = await networkOf(write, dimensions, opset);
		const written = new Map(network.inputs.map(({ name, shape }) => [name, shape.join()]));
		for (const layer of network.layers) {
			for (const { name, shape } of layer.inputs) expect(written.get(name)).toBe(shape.join());
			for (const { name, shape } of layer.outputs) written.set(name, shape.join());
		}
		expect(new Set(network.layers.map(({ name }) => name)).size).toBe(network.layers.length);
		expect(dataEdges(network).length).toBeGreaterThan(0);
	}
});

test('shape arithmetic is no work; products with a weight fold the batch, products of activations keep it', async () => {
	const graph = await read(transformerNetwork(17).file());
	const { layers } = networkFromOnnx(graph, { batch: 2, sequence: 7 });
	expect(layers.filter(({ operator }) => ['Shape', 'Range', 'ConstantOfShape', 'Equal'].includes(operator))).toEqual([]);
	const products = layers.flatMap((layer) => (layer.kind === 'matrix-product' ? [layer] : []));
	expect(products.map(({ batch, m, n, k, secondOperand }) => [batch, m, n, k, secondOperand])).toEqual([
		...[1, 2, 3].map(() => [1, 14, 32, 32, 'weight']),
		[8, 7, 7, 8, 'activation'],
		[8, 7, 8, 7, 'activation'],
		[1, 14, 32, 32, 'weight'],
		[1, 14, 128, 32, 'weight'],
		[1, 14, 32, 128, 'weight'],
	]);
	// Words are looked up by the data; of positions the rows are known, but the table is stored whole.
	const embeddings = layers.flatMap((layer) => (layer.kind === 'embedding' ? [[layer.rows, layer.width, layer.lookups]] : []));
	expect(embeddings).toEqual([
		[50, 32, 14],
		[64, 32, 7],
	]);
});

test('a weight that comes first, by batches, or through other operators is a weight, counted once', async () => {
	const network = await networkOf((g) => {
		const x = g.input('x', [2, 3, 4]);
		const w = g.weight([5, 3]);
		g.add('MatMul', [w, x]);
		g.add('MatMul', [g.add('Transpose', [x]), g.add('Transpose', [g.weight([6, 2])])]);
		g.add('MatMul', [x, g.weight([2, 4, 7])]);
		g.add('MatMul', [g.add('Transpose', [x], { attributes: { perm: [0, 2, 1] } }), g.add('Transpose', [w])]);
		g.add('MatMul', [x, g.add('DequantizeLinear', [g.weight([4, 9], 'uint8'), g.scalar(0.1), g.scalar(3, 'uint8')])]);
	});
	const products = network.layers.flatMap((layer) =>
		layer.kind === 'matrix-product' ? [[layer.batch, layer.m, layer.n, layer.k, layer.weights[0]?.bits]] : [],
	);
	expect(products).toEqual([
		[1, 8, 5, 3, 32],
		[1, 12, 6, 2, 32],
		[2, 3, 7, 4, 32],
		[1, 8, 5, 3, 32],
		[1, 6, 9, 4, 8],
	]);
	expect(networkCounts(network).parameters).toBe(15 + 12 + 56 + 36);
	expect(networkCounts(network).parameterBytes).toBe(4 * (15 + 12 + 56) + 36);
});

test('convolution, pooling, recurrent layer and softmax carry their dimensions', async () => {
	const network = await networkOf((g) => {
		const x = g.input('x', [2, 4, 9, 11]);
		const attributes = { group: 2, strides: [2, 1], pads: [1, 0, 2, 0], dilations: [1, 2] };
		g.add('Conv', [x, g.weight([6, 2, 3, 3]), g.weight([6])], { attributes });
		g.add('ConvTranspose', [x, g.weight([4, 3, 2, 2])], { attributes: { strides: [2, 2] } });
		g.add('AveragePool', [x], { attributes: { kernel_shape: [2, 3], strides: [2, 3] } });
		g.add('LSTM', [g.input('s', [7, 2, 5]), g.weight([2, 24, 5]), g.weight([2, 24, 6])], {
			attributes: { hidden_size: 6, direction: 'bidirectional' },
		});
		g.add('Softmax', [x], { attributes: { axis: 1 } });
	});
	const [convolution, transposed, pooling, recurrent, softmax] = network.layers.map(shape);
	expect(convolution).toMatchObject({
		batch: 2,
		inputChannels: 4,
		outputChannels: 6,
		groups: 2,
		kernel: [3, 3],
		stride: [2, 1],
		dilation: [1, 2],
	});
	expect(convolution).toMatchObject({
		padBegin: [1, 0],
		padEnd: [2, 0],
		inputSize: [9, 11],
		outputSize: [5, 7],
		weights: [[6, 2, 3, 3], [6]],
	});
	expect(transposed).toMatchObject({ kind: 'convolution', transposed: true, outputChannels: 3, outputSize: [18, 22] });
	expect(pooling).toMatchObject({ kind: 'pooling', channels: 4, kernel: [2, 3], outputSize: [4, 3] });
	expect(recurrent).toMatchObject({
		kind: 'recurrent',
		steps: 7,
		batch: 2,
		inputSize: 5,
		hiddenSize: 6,
		gates: 4,
		directions: 2,
	});
	expect(softmax).toMatchObject({ kind: 'softmax', rows: 2 * 9 * 11, columns: 4 });
	// 2 ways, 7 steps, 2 sequences, 24 rows of 5 inputs and 6 states.
	expect(network.layers.map((layer) => layerMacs(layer))).toEqual([
		2 * 6 * 35 * 2 * 9,
		2 * 4 * 99 * 3 * 4,
		0,
		2 * 7 * 2 * 24 * 11,
		0,
	]);
});

test('a fused attention is its projection, scores, softmax and context, the mask noted', async () => {
	const network = await networkOf((g) => {
		const inputs = [g.input('x', [2, 3, 8]), g.weight([8, 24]), g.weight([24]), '', g.input('past', [2, 2, 2, 5, 4])];
		g.add('Attention', inputs, { domain: 'com.microsoft', attributes: { num_heads: 2, unidirectional: 1 }, outputs: 2 });
	});
	expect(network.layers.map(({ kind }) => kind)).toEqual(['matrix-product', 'matrix-product', 'softmax', 'matrix-product']);
	// 3 new tokens after 5: 6, 7 and 8 of 8 keys.
	const pairs = 21;
	expect(network.layers.map((layer) => layerMacs(layer))).toEqual([6 * 8 * 24, 4 * 3 * 8 * 4, 0, 4 * 3 * 8 * 4]);
	expect(network.layers.map((layer) => layerMacs(layer, 'skipped'))).toEqual([6 * 8 * 24, 4 * pairs * 4, 0, 4 * pairs * 4]);
	expect(network.layers.map(weightElements)).toEqual([8 * 24 + 24, 0, 0, 0]);
});

test('four-bit weights in blocks take half a byte each', async () => {
	const network = await networkOf((g) => {
		const attributes = { K: 32, N: 7, bits: 4, block_size: 16 };
		g.add('MatMulNBits', [g.input('x', [2, 3, 32]), g.weight([7, 2, 8], 'uint8'), g.weight([14])], {
			domain: 'com.microsoft',
			attributes,
		});
	});
	const [layer] = network.layers as [Layer];
	expect(layerMacs(layer)).toBe(6 * 7 * 32);
	expect(layerBytes(layer)).toEqual({
		weightBytes: (7 * 32) / 2 + 4 * 14,
		inputBytes: 4 * 6 * 32,
		outputBytes: 4 * 6 * 7,
		totalBytes: 112 + 56 + 768 + 168,
	});
});

test('an equation is a product where it sums over a label of both, a batch where all have one', async () => {
	const network = await networkOf((g) => {
		const einsum = (equation: string, ...inputs: string[]) => g.add('Einsum', inputs, { attributes: { equation } });
		einsum('bhid,bhjd->bhij', g.input('q', [2, 4, 3, 8]), g.input('k', [2, 4, 5, 8]));
		einsum('oi,bti->bto', g.weight([7, 6]), g.input('x', [2, 3, 6]));
		einsum('ij,ij->ij', g.input('a', [3, 4]), g.input('b', [3, 4]));
		einsum('ij->i', g.input('c', [3, 4]));
	});
	expect(
		network.layers.map((layer) => (layer.kind === 'matrix-product' ? [layer.batch, layer.m, layer.n, layer.k] : layer.kind)),
	).toEqual([[8, 3, 5, 8], [1, 6, 7, 6], 'elementwise', 'reduction']);
	await expect(
		networkOf((g) =>
			g.add(
				'Einsum',
				['x', 'y', 'z'].map((name) => g.input(name, [2, 2])),
				{ attributes: { equation: 'ij,jk,kl->il' } },
			),
		),
	).rejects.toThrow(/Einsum "einsum0": found an equation of 3 operands/);
});

test('graphs changed at random end in a network or in an InputError', async () => {
	const files = [convolutionalNetwork(13).file(), transformerNetwork(13).file()];
	for (const { opset, write } of smallGraphs.slice(-8)) {
		const g = new GraphWriter(opset);
		write(g);
		files.push(g.file());
	}
	const dimensions: GivenDimensions[] = [
		{ batch: 1, height: 32, width: 32 },
		{ batch: 1, sequence: 4 },
	];
	await fc.assert(
		fc.asyncProperty(
			fc.nat(files.length - 1),
			fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
			async (which, changes) => {
				const file = (files[which] as Uint8Array).slice();
				for (const [at, byte] of changes) file[at % file.length] = byte;
				try {
					networkFromOnnx(await read(file), dimensions[which] ?? {});
				} catch (error) {
					if (!(error instanceof InputError)) throw error;
				}
			},
		),
		{ numRuns: 800 },
	);
});

test('graphs whose operators are given each other’s inputs and odd attributes end in a network or in an InputError', async () => {
	const change = fc.record({
		node: fc.nat(),
		input: fc.nat(),
		other: fc.nat(),
		attribute: fc.nat(),
		integers: fc.array(fc.constantFrom(-9, -2, -1, 0, 1, 2, 3, 7, 1000, 2 ** 31, 2 ** 40), { maxLength: 5 }),
		what: fc.constantFrom('input', 'attribute', 'no input', 'no attribute'),
	});
	const dimensions: GivenDimensions[] = [
		{ batch: 1, height: 32, width: 32 },
		{ batch: 1, sequence: 4 },
	];
	await fc.assert(
		fc.asyncProperty(fc.nat(smallGraphs.length + 1), fc.array(change, { minLength: 1, maxLength: 4 }), async (which, changes) => {
			const small = smallGraphs[which - 2];
			const g =
				which === 0 ? convolutionalNetwork(13) : which === 1 ? transformerNetwork(18) : new GraphWriter(small?.opset ?? 17);
			small?.write(g);
			const names = g.nodes.flatMap(({ input, output }) => [...input, ...output]);
			for (const { node: at, input, other, attribute, integers, what } of changes) {
				const node = g.nodes[at % g.nodes.length];
				if (node === undefined) continue;
				const place = node.input.length === 0 ? 0 : input % node.input.length;
				const changed = node.attribute[attribute % Math.max(1, node.attribute.length)];
				if (what === 'input') node.input[place] = names[other % names.length] ?? '';
				else if (what === 'no input') node.input[place] = '';
				else if (what === 'no attribute') node.attribute.splice(attribute % Math.max(1, node.attribute.length), 1);
				else if (changed !== undefined) Object.assign(changed, { i: integers[0] ?? 0, ints: integers });
			}
			try {
				const counts = networkCounts(networkFromOnnx(await read(g.file()), dimensions[which] ?? small?.dimensions ?? {}));
				expect(Object.values(counts).every((count) => count >= 0 && count < Number.POSITIVE_INFINITY)).toBe(true);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
			}
		}),
		{ numRuns: 600 },
	);
});
