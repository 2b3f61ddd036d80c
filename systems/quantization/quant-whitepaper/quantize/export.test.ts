import { createContext } from '@assay/contract';
import { onnxNode } from '@assay/models/onnx';
import { expect, test } from 'vitest';
import { FloatExecutor } from '../float/float-executor.ts';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import { builtInModel } from '../model/built-in-models.ts';
import { elements, type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { openSession } from '../runtime.ts';
import { plainRecipe, RecipeBook } from '../study/recipe.ts';
import { runBigIntegers } from '../testing/big-integer-network.ts';
import { everyOperator } from '../testing/every-operator.ts';
import { normalValues, smallModel } from '../testing/small-models.ts';
import { planNetwork } from './network-plan.ts';
import type { QuantizedNetwork } from './quantized-network.ts';
import { toIntegerNetwork } from './to-integer-network.ts';
import { writeIntegerOperators } from './write-integer-operators.ts';
import { codesOf, qdqName, writeQdq } from './write-qdq.ts';
import { writeWeightsOnly } from './write-weights-only.ts';

const context = createContext();
const samplesOf = (model: FloatModel, count: number) =>
	Array.from({ length: count }, (_, index) => normalValues(elements(shapeOf(model, model.input)), index));

async function quantize(
	model: FloatModel,
	samples: readonly Float32Array[],
	rounding: 'half-even' | 'half-away' = 'half-even',
): Promise<QuantizedNetwork> {
	return (await new RecipeBook(model, samples, context).quantize({ ...plainRecipe, rounding })).network;
}

test.for(Object.keys(everyOperator))(
	'%s: every tensor in integers is the exported file’s in onnxruntime, to a step, and its output that of integer operators',
	async (name) => {
		const model = prepareModel(await smallModel(everyOperator[name]!));
		const samples = samplesOf(model, 8);
		const network = await quantize(model, samples);
		expect(network.plan.units.filter(({ kind }) => kind === 'float')).toEqual([]);
		const executor = await IntegerExecutor.create(toIntegerNetwork(network, 'float'));
		const io = { name: 'x', shape: shapeOf(model, 'x') };
		const tensors = network.plan.tensors.filter((tensor) => !model.weights.has(tensor));
		const observe = tensors.filter((tensor) => !model.outputs.includes(tensor));
		const written = await openSession(writeQdq(network, { observe }), io, { asWritten: true });
		const integers = await openSession(writeIntegerOperators(network), io, { exactProducts: false });
		let [near, all] = [0, 0];
		for (const sample of samples) {
			const values = await written.run(sample);
			const output = executor.run(codesOf(sample, network.parameters.get('x')!)).slice();
			for (const tensor of tensors) {
				const { scale, zeroPoint } = network.parameters.get(tensor)!;
				const ours = executor.values(tensor);
				const theirs = values.get(observe.includes(tensor) ? qdqName(tensor) : tensor)!;
				for (const [i, value] of theirs.entries()) if (Math.abs(Math.round(value / scale) + zeroPoint - ours[i]!) <= 1) near++;
				all += theirs.length;
			}
			const { scale, zeroPoint } = network.parameters.get('y')!;
			for (const [i, value] of (await integers.run(sample)).get('y')!.entries())
				expect(Math.abs(Math.round(value / scale) + zeroPoint - output[i]!)).toBeLessThanOrEqual(1);
		}
		expect(near / all).toBeGreaterThanOrEqual(0.999);
	},
);

test.for(['residual', 'squeezed'])("%s by TensorFlow Lite's rules: bit for bit what exact arithmetic gives", async (name) => {
	const model = prepareModel(await smallModel(everyOperator[name]!));
	const network = await quantize(model, samplesOf(model, 4), 'half-away');
	const integers = toIntegerNetwork(network, 'fixed-point');
	const executor = await IntegerExecutor.create(integers);
	const codes = codesOf(samplesOf(model, 1)[0]!, network.parameters.get('x')!);
	executor.run(codes);
	for (const [tensor, expected] of runBigIntegers(integers, codes))
		expect(Array.from(executor.values(tensor)), tensor).toEqual(expected);
});

test('the text classifier of PP-OCR: all its 2 x 8 outputs in integers are those of integer operators in onnxruntime', async () => {
	const model = prepareModel((await builtInModel('text-direction', context)).model);
	const samples = samplesOf(model, 4);
	const network = await quantize(model, samples);
	const executor = await IntegerExecutor.create(toIntegerNetwork(network, 'float'));
	const session = await openSession(
		writeIntegerOperators(network),
		{ name: 'x', shape: shapeOf(model, 'x') },
		{ exactProducts: false },
	);
	const [output = ''] = model.outputs;
	const { scale, zeroPoint } = network.parameters.get(output)!;
	for (const sample of samples) {
		const ours = executor.run(codesOf(sample, network.parameters.get('x')!));
		for (const [i, value] of (await session.run(sample)).get(output)!.entries())
			expect(Math.abs(Math.round(value / scale) + zeroPoint - ours[i]!)).toBeLessThanOrEqual(1);
	}
});

test('what has no integer kernel stays float with a reason, in a file that runs, and the executor names it', async () => {
	const model = prepareModel(
		await smallModel({
			nodes: [
				onnxNode('Conv', ['x', 'w1'], ['a']),
				onnxNode('ConvTranspose', ['a', 'w2'], ['b'], { strides: [2, 2] }),
				onnxNode('Relu', ['b'], ['c']),
				onnxNode('Conv', ['c', 'w3'], ['y']),
			],
			weights: { w1: [4, 3, 1, 1], w2: [4, 4, 2, 2], w3: [2, 4, 1, 1] },
			input: [1, 3, 4, 4],
			output: 'y',
		}),
	);
	const samples = samplesOf(model, 4);
	const network = await quantize(model, samples);
	const floats = network.plan.units.filter((unit) => unit.kind === 'float');
	expect(floats.map(({ node, reason }) => `${node.opType}: ${reason}`)).toEqual([
		'ConvTranspose: ConvTranspose has no integer kernel',
		'Relu: reads b, which is float',
	]);
	expect(() => toIntegerNetwork(network, 'float')).toThrow(/2 that stay float \(ConvTranspose, Relu\)/);
	const io = { name: 'x', shape: [1, 3, 4, 4] };
	const float = await openSession(writeModel(model), io);
	for (const file of [writeQdq(network), writeIntegerOperators(network)]) {
		const session = await openSession(file, io, { exactProducts: false });
		let [signal, noise] = [0, 0];
		for (const sample of samples) {
			const [a, b] = [(await float.run(sample)).get('y')!, (await session.run(sample)).get('y')!];
			for (const [i, value] of a.entries()) {
				signal += value ** 2;
				noise += (value - b[i]!) ** 2;
			}
		}
		expect(10 * Math.log10(signal / noise)).toBeGreaterThan(25);
	}
});

test('weights alone, and dynamic ranges: the file is a quarter of the size, and outputs lie within a hundredth', async () => {
	const model = await smallModel({
		nodes: [
			onnxNode('Conv', ['x', 'w1'], ['a']),
			onnxNode('Relu', ['a'], ['b']),
			onnxNode('Flatten', ['b'], ['c']),
			onnxNode('Gemm', ['c', 'w2', 'b2'], ['y']),
		],
		weights: { w1: [64, 32, 3, 3], w2: [256, 200], b2: [200] },
		input: [1, 32, 4, 4],
		output: 'y',
	});
	const io = { name: 'x', shape: [1, 32, 4, 4] };
	const exact = (await (await openSession(writeModel(model), io)).run(samplesOf(model, 1)[0]!)).get('y')!;
	const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	for (const isDynamic of [false, true]) {
		const file = writeWeightsOnly(
			model,
			planNetwork(model),
			{ granularity: 'channel', bits: 8, rounding: 'half-even' },
			{ isDynamic },
		);
		expect(file.byteLength / writeModel(model).byteLength).toBeLessThan(0.28);
		const found = (await (await openSession(file, io)).run(samplesOf(model, 1)[0]!)).get('y')!;
		for (const [i, value] of exact.entries()) expect(Math.abs(value - found[i]!) / largest).toBeLessThan(0.02);
	}
});

test('a kept layer stays float; its name must be one of the network', async () => {
	const model = prepareModel(await smallModel(everyOperator['residual']!));
	const book = new RecipeBook(model, samplesOf(model, 2), context);
	const { network } = await book.quantize({ ...plainRecipe, keptFloat: new Set(['e']) });
	expect(network.plan.units.find((unit) => unit.kind === 'float')?.node.output).toEqual(['e']);
	await expect(book.quantize({ ...plainRecipe, keptFloat: new Set(['ee']) })).rejects.toThrow(/ee.*did you mean e\?/);
});

test.for([...Object.keys(everyOperator), 'the text classifier of PP-OCR'])(
	'%s in float by our own kernels: outputs are those of onnxruntime but for the order of sums',
	async (name) => {
		const graph = everyOperator[name];
		const read = graph === undefined ? (await builtInModel('text-direction', context)).model : await smallModel(graph);
		const model = prepareModel(read);
		const executor = await FloatExecutor.create(model, planNetwork(model));
		const session = await openSession(writeModel(model), { name: model.input, shape: shapeOf(model, model.input) });
		for (const sample of samplesOf(model, 2)) {
			const expected = (await session.run(sample)).get(model.outputs[0]!)!;
			const found = executor.run(sample);
			const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			expect(found).toHaveLength(expected.length);
			for (const [i, value] of expected.entries()) expect(Math.abs(value - found[i]!)).toBeLessThan(1e-4 * size);
		}
	},
);
