import { createRandom } from '@assay/contract';
import {
	type ModelMessage,
	memorySource,
	onnxNode,
	readOnnxGraph,
	tensorMessage,
	valueMessage,
	writeOnnxModel,
} from '@assay/models/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { rewriteOnnx } from './rewrite-onnx.ts';

const random = createRandom(4);
const floats = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
const weight = (name: string, dims: number[]) =>
	tensorMessage(name, 'float32', dims, new Uint8Array(floats(dims.reduce((all, one) => all * one, 1)).buffer));

const weights = [
	weight('dw1', [8, 1, 3, 3]),
	weight('b1', [8]),
	weight('pw', [8, 8, 1, 1]),
	weight('dw2', [16, 1, 3, 3]),
	weight('dw3', [16, 1, 3, 3]),
];

/** Depthwise with one and with two outputs a map, with stride and dilation, and a pointwise layer between them. */
function network(changes: Partial<ModelMessage['graph']> = {}): Uint8Array {
	const padded = { group: 8, pads: [1, 1, 1, 1], kernel_shape: [3, 3] };
	return writeOnnxModel({
		irVersion: 8,
		opsetImport: [{ domain: '', version: 17 }],
		graph: {
			name: 'separable',
			node: [
				onnxNode('Conv', ['x', 'dw1', 'b1'], ['a'], padded),
				onnxNode('Relu', ['a'], ['b']),
				onnxNode('Conv', ['b', 'pw'], ['c']),
				onnxNode('Conv', ['c', 'dw2'], ['d'], { group: 8, pads: [2, 2, 2, 2], dilations: [2, 2], strides: [2, 2] }),
				onnxNode('Conv', ['d', 'dw3'], ['y'], { ...padded, group: 16 }),
			],
			initializer: weights,
			input: [valueMessage({ name: 'x', elementType: 'float32', dims: ['batch', 8, 10, 10] })],
			output: [valueMessage({ name: 'y', elementType: 'float32', dims: null })],
			...changes,
		},
	});
}

async function outputsOf(file: Uint8Array, inputs: readonly Float32Array[]): Promise<Float32Array[]> {
	const session = await InferenceSession.create(file);
	const results: Float32Array[] = [];
	for (const input of inputs) {
		const { y } = await session.run({ x: new Tensor('float32', input, [1, 8, 10, 10]) });
		results.push(Float32Array.from(y?.data as Float32Array));
	}
	return results;
}

test('with wider groups and kernels on the diagonal the network computes the same in onnxruntime, on ten random inputs', async () => {
	const file = network();
	const source = memorySource('separable.onnx', file);
	const widened = await rewriteOnnx(
		await readOnnxGraph(source),
		source,
		new Map([
			['a', 4],
			['d', 2],
			['y', 8],
		]),
	);
	const inputs = Array.from({ length: 10 }, () => floats(800));
	const before = await outputsOf(file, inputs);
	const after = await outputsOf(widened, inputs);
	for (const [index, expected] of before.entries()) {
		for (const [at, value] of expected.entries())
			expect(Math.abs((after[index]?.[at] as number) - value)).toBeLessThanOrEqual(1e-5);
	}
	const graph = await readOnnxGraph(memorySource('widened.onnx', widened));
	expect(graph.initializers.get('dw1')?.dims).toEqual([8, 4, 3, 3]);
	expect(graph.initializers.get('dw2')?.dims).toEqual([16, 2, 3, 3]);
	const groups = graph.nodes.flatMap(({ attribute }) => attribute.filter(({ name }) => name === 'group').map(({ i }) => i));
	expect(groups).toEqual([2, 4, 2]);
});

test('half precision keeps its type', async () => {
	const half = tensorMessage('dw1', 'float16', [8, 1, 3, 3], new Uint8Array(144).fill(1));
	const source = memorySource('half.onnx', network({ initializer: [half, ...weights.slice(1)] }));
	const graph = await readOnnxGraph(
		memorySource('w.onnx', await rewriteOnnx(await readOnnxGraph(source), source, new Map([['a', 2]]))),
	);
	expect(graph.initializers.get('dw1')).toMatchObject({ elementType: 'float16', dims: [8, 2, 3, 3], bytes: 288 });
});

const refused: readonly [string, Partial<ModelMessage['graph']>, RegExp][] = [
	[
		'weights that an operator computes',
		{
			node: [onnxNode('Identity', ['w'], ['v']), onnxNode('Conv', ['x', 'v'], ['y'], { group: 8 })],
			initializer: [weight('w', [8, 1, 3, 3])],
		},
		/computed/,
	],
	[
		'weights that two operators read',
		{
			node: [onnxNode('Conv', ['x', 'w'], ['a'], { group: 8 }), onnxNode('Conv', ['a', 'w'], ['y'], { group: 8 })],
			initializer: [weight('w', [8, 1, 3, 3])],
		},
		/others read/,
	],
	[
		'weights of a layer that is not depthwise',
		{ node: [onnxNode('Conv', ['x', 'w'], ['y'], { group: 2 })], initializer: [weight('w', [8, 4, 3, 3])] },
		/depthwise/,
	],
];

test.for(refused)('%s are refused', async ([, changes, reason]) => {
	const source = memorySource('bad.onnx', network(changes));
	await expect(
		rewriteOnnx(
			await readOnnxGraph(source),
			source,
			new Map([
				['a', 2],
				['y', 2],
			]),
		),
	).rejects.toThrow(reason);
});
