import { createContext } from '@assay/contract';
import { onnxNode } from '@assay/models/onnx';
import { expect, test } from 'vitest';
import { observeTensors } from '../calibrate/observe-tensors.ts';
import type { ValueRange } from '../calibrate/value-range.ts';
import { referenceOf } from '../diagnose/quality.ts';
import { elements, type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { planNetwork } from '../quantize/network-plan.ts';
import { type QuantizedNetwork, quantizeNetwork } from '../quantize/quantized-network.ts';
import { observation, writeQdq } from '../quantize/write-qdq.ts';
import { openSession } from '../runtime.ts';
import { plainRecipe } from '../study/recipe.ts';
import { normalValues, type SmallGraph, smallModel } from '../testing/small-models.ts';
import { crossEntropy, sharesOf } from './soft-targets.ts';
import { trainOnGrid } from './train-on-grid.ts';
import { TrainableNetwork } from './trainable-network.ts';

const context = createContext({ seed: 4 });

/** Every kind of operator that has gradients. */
const graph: SmallGraph = {
	nodes: [
		onnxNode('Conv', ['x', 'w1', 'b1'], ['first'], { pads: [1, 0, 1, 1], strides: [2, 1], dilations: [1, 2] }),
		onnxNode('HardSwish', ['first'], ['a']),
		onnxNode('Conv', ['a', 'w2', 'b2'], ['grouped'], { group: 2, pads: [1, 1, 1, 1] }),
		onnxNode('Clip', ['grouped', 'low', 'high'], ['b']),
		onnxNode('Conv', ['b', 'w3'], ['depthwise'], { group: 4, pads: [1, 1, 1, 1] }),
		onnxNode('Conv', ['b', 'w4', 'b4'], ['pointwise']),
		onnxNode('Add', ['depthwise', 'pointwise'], ['sum']),
		onnxNode('Tanh', ['sum'], ['c']),
		onnxNode('GlobalAveragePool', ['c'], ['squeezed']),
		onnxNode('Conv', ['squeezed', 'w4', 'b4'], ['excited']),
		onnxNode('Sigmoid', ['excited'], ['gate']),
		onnxNode('Mul', ['c', 'gate'], ['d']),
		onnxNode('MaxPool', ['d'], ['most'], { kernel_shape: [2, 2], strides: [1, 1] }),
		onnxNode('AveragePool', ['d'], ['mean'], { kernel_shape: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0] }),
		onnxNode('Concat', ['most', 'mean'], ['both'], { axis: 1 }),
		onnxNode('Transpose', ['both'], ['turned'], { perm: [0, 2, 3, 1] }),
		onnxNode('Flatten', ['turned'], ['flat']),
		onnxNode('Gemm', ['flat', 'w5', 'b5'], ['hidden'], { transB: 1 }),
		onnxNode('Relu', ['hidden'], ['e']),
		onnxNode('Softmax', ['e'], ['shares'], { axis: 1 }),
		onnxNode('MatMul', ['shares', 'w6'], ['classes']),
	],
	weights: {
		w1: [4, 2, 2, 2],
		b1: [4],
		w2: [4, 2, 3, 3],
		b2: [4],
		w3: [4, 1, 3, 3],
		w4: [4, 4, 1, 1],
		b4: [4],
		w5: [6, 48],
		b5: [6],
		w6: [6, 3],
		low: { dims: [], values: [-1.5] },
		high: { dims: [], values: [2] },
	},
	input: [1, 2, 5, 5],
	output: 'classes',
	opset: 14,
};

async function quantized(model: FloatModel, samples: readonly Float32Array[]) {
	const plan = planNetwork(model);
	const own = plan.tensors.filter((name) => !model.weights.has(name) && !plan.sharedScales.has(name));
	const statistics = await observeTensors(model, own, samples, {}, context);
	const ranges = new Map<string, ValueRange>(statistics);
	return { network: quantizeNetwork(model, plan, ranges, plainRecipe), ranges };
}

const samplesOf = (model: FloatModel, count: number, seed = 'x') =>
	Array.from({ length: count }, (_, index) => normalValues(elements(shapeOf(model, model.input)), `${seed}${index}`));

const outputOf = async (file: Uint8Array, model: FloatModel, name: string, sample: Float32Array) => {
	const session = await openSession(file, { name: model.input, shape: shapeOf(model, model.input) }, { asWritten: true });
	return (await session.run(sample)).get(name)!;
};

test('run forward it gives what the exported file gives, with and without rounding', async () => {
	const model = prepareModel(await smallModel(graph));
	const samples = samplesOf(model, 4);
	const { network, ranges } = await quantized(model, samples);
	const trainable = new TrainableNetwork(network, ranges, 'classes');
	const { name, options } = observation(network, 'classes');
	for (const sample of samples) {
		for (const isRounded of [true, false]) {
			trainable.roundsWeights = isRounded;
			trainable.roundsActivations = isRounded;
			trainable.roundWeights();
			await trainable.forward(sample, context.pause);
			const file = isRounded ? writeQdq(network, options) : writeModel(model);
			const expected = await outputOf(file, model, isRounded ? name : 'classes', sample);
			// A value near the middle between two codes may fall to either.
			const step = isRounded ? 2 * network.parameters.get('classes')!.scale : 1e-5;
			for (const [i, value] of expected.entries())
				expect(Math.abs(value - trainable.logits.values[i]!)).toBeLessThanOrEqual(1.01 * step);
		}
	}
});

test('gradients of every weight and bias are central differences of the loss', async () => {
	const model = prepareModel(await smallModel(graph));
	const [sample = new Float32Array()] = samplesOf(model, 1);
	const { network, ranges } = await quantized(model, [sample]);
	const trainable = new TrainableNetwork(network, ranges, 'classes');
	trainable.roundsWeights = false;
	trainable.roundsActivations = false;
	const target = Float32Array.of(0.2, 0.5, 0.3);
	const lossOf = async (gradient = new Float32Array(3)) => {
		trainable.roundWeights();
		await trainable.forward(sample, context.pause);
		return crossEntropy(trainable.logits.values, target, [1, 3], gradient, 1);
	};
	const gradient = new Float32Array(3);
	await lossOf(gradient);
	await trainable.backward(gradient, context.pause);
	const analytic = trainable.learnt.map((one) => one.gradient.slice());
	// The same sample once more adds the same: nothing of the first is left but in what is learnt.
	await trainable.backward(gradient, context.pause);
	for (const [index, one] of trainable.learnt.entries())
		for (const [i, value] of one.gradient.entries()) expect(value).toBeCloseTo(2 * analytic[index]![i]!, 5);
	const largest = Math.max(...analytic.flatMap((one) => Array.from(one, Math.abs)));
	expect(largest).toBeGreaterThan(0.01);
	let compared = 0;
	for (const [index, { values }] of trainable.learnt.entries()) {
		for (let i = 0; i < values.length; i += Math.max(1, Math.floor(values.length / 12))) {
			const [before, epsilon] = [values[i]!, 2e-3];
			const at = (value: number) => {
				values[i] = value;
				return lossOf();
			};
			const difference = ((await at(before + epsilon)) - (await at(before - epsilon))) / (2 * epsilon);
			values[i] = before;
			expect(Math.abs(difference - analytic[index]![i]!), `${index}: ${i}`).toBeLessThan(0.01 * largest);
			compared++;
		}
	}
	expect(compared).toBeGreaterThan(80);
});

test('the gradient passes straight through rounding, and stops beyond the range', async () => {
	const model = prepareModel(
		await smallModel({
			nodes: [onnxNode('Gemm', ['x', 'w'], ['y'], { transB: 1 })],
			weights: { w: { dims: [1, 2], values: [1, 0.3] } },
			input: [1, 2],
			output: 'y',
			opset: 14,
		}),
	);
	const { network } = await quantized(model, [Float32Array.of(1, 1)]);
	const ranges = new Map<string, ValueRange>([
		['x', { minimum: -1, maximum: 1 }],
		['y', { minimum: -1, maximum: 1 }],
	]);
	const trainable = new TrainableNetwork(network, ranges, 'y');
	const run = async (x: readonly [number, number]) => {
		for (const { gradient } of trainable.learnt) gradient.fill(0);
		trainable.roundWeights();
		await trainable.forward(Float32Array.from(x), context.pause);
		await trainable.backward(Float32Array.of(1), context.pause);
		return Array.from(trainable.learnt[0]!.gradient);
	};
	const [first, second] = await run([0.5, -0.25]);
	expect(first).toBeCloseTo(0.5, 2);
	expect(second).toBeCloseTo(-0.25, 2);
	// 1 + 0.3: beyond what y can hold.
	expect(await run([1, 1])).toEqual([0, 0]);
});

const classifier: SmallGraph = {
	nodes: [
		onnxNode('Conv', ['x', 'w1', 'b1'], ['first'], { pads: [1, 1, 1, 1] }),
		onnxNode('Relu', ['first'], ['a']),
		onnxNode('GlobalAveragePool', ['a'], ['b']),
		onnxNode('Flatten', ['b'], ['c']),
		onnxNode('Gemm', ['c', 'w2', 'b2'], ['classes'], { transB: 1 }),
	],
	weights: { w1: [12, 2, 3, 3], b1: [12], w2: [4, 12], b2: [4] },
	input: [1, 2, 6, 6],
	output: 'classes',
	opset: 14,
};

/** Mean divergence of shares on samples that were not learnt from: what training without labels is to make less. */
async function divergence(network: QuantizedNetwork, float: FloatModel, samples: readonly Float32Array[]): Promise<number> {
	const { name, options } = observation(network, 'classes');
	let sum = 0;
	for (const sample of samples) {
		const target = sharesOf(await outputOf(writeModel(float), float, 'classes', sample), [1, 4]);
		const found = await outputOf(writeQdq(network, options), float, name, sample);
		const entropy = -target.reduce((total, share) => total + share * Math.log(share), 0);
		sum += crossEntropy(found, target, [1, 4], new Float32Array(4), 1) - entropy;
	}
	return sum / samples.length;
}

test('without labels, training brings weights of 2 bits nearer to the float network on samples that it did not see; the same seed gives the same bits', async () => {
	const model = prepareModel(await smallModel(classifier));
	const samples = samplesOf(model, 48);
	const plan = planNetwork(model);
	const own = plan.tensors.filter((name) => !model.weights.has(name) && !plan.sharedScales.has(name));
	const ranges = new Map<string, ValueRange>(await observeTensors(model, own, samples, {}, context));
	const network = quantizeNetwork(model, plan, ranges, { ...plainRecipe, bits: 2 });
	const reference = await referenceOf(model, samples, undefined, context);
	const options = { steps: 60, batch: 8, rate: 0.02 };
	const train = () => trainOnGrid(network, ranges, reference, options, createContext({ seed: 4 }), () => undefined);
	const trained = await train();
	const unseen = samplesOf(model, 24, 'unseen');
	expect(await divergence(trained.network, model, unseen)).toBeLessThan(0.8 * (await divergence(network, model, unseen)));
	const again = await train();
	expect(writeQdq(again.network)).toEqual(writeQdq(trained.network));
	expect(again.losses).toEqual(trained.losses);
});

test('with labels, it learns what the float network does not know', async () => {
	const model = prepareModel(await smallModel(classifier));
	const samples = samplesOf(model, 16);
	const { network, ranges } = await quantized(model, samples);
	const reference = await referenceOf(model, samples, new Int32Array(16).fill(2), context);
	const { losses } = await trainOnGrid(network, ranges, reference, { steps: 60, batch: 4, rate: 0.05 }, context, () => undefined);
	expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
});

test('a network with operators that stay float is refused, with their names', async () => {
	const model = prepareModel(
		await smallModel({ ...classifier, nodes: [...classifier.nodes.slice(0, -1), onnxNode('Erf', ['c'], ['classes'])] }),
	);
	const { network, ranges } = await quantized(model, samplesOf(model, 2));
	expect(() => new TrainableNetwork(network, ranges, 'classes')).toThrow(/1 that stay float \(Erf\)/);
});
