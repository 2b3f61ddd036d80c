import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from '@assay/contract';
import { onnxNode } from '@assay/models/onnx';
import { parseTflite } from '@assay/models/tflite';
import { expect, test } from 'vitest';
import { elements, type FloatModel, floatWeight, shapeOf, writeModel } from '../model/float-model.ts';
import { modelFromTflite } from '../model/model-from-tflite.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { planNetwork } from '../quantize/network-plan.ts';
import { floatLayer } from '../quantize/quantized-network.ts';
import type { LayerUnit } from '../quantize/units.ts';
import { qdqModel } from '../quantize/write-qdq.ts';
import { correctBiases } from '../repair/correct-biases.ts';
import { equaliseLayers } from '../repair/equalise-layers.ts';
import { openFedSession, openSession } from '../runtime.ts';
import { plainRecipe, RecipeBook } from '../study/recipe.ts';
import { everyOperator } from '../testing/every-operator.ts';
import { normalValues, type SmallGraph, smallModel } from '../testing/small-models.ts';
import { causesOf, channelMaxima, channelSpread } from './causes.ts';
import { changedPart } from './changed-part.ts';
import { diagnoseLayers } from './layer-diagnosis.ts';
import { referenceOf } from './quality.ts';
import { SignalToNoise } from './signal-to-noise.ts';
import { weightDecibels } from './weight-noise.ts';

const context = createContext();
const separable: SmallGraph = {
	nodes: [
		onnxNode('Conv', ['x', 'w1', 'b1'], ['first']),
		onnxNode('Relu', ['first'], ['a']),
		onnxNode('Conv', ['a', 'w2', 'b2'], ['depthwise'], { pads: [1, 1, 1, 1], group: 8 }),
		onnxNode('Relu', ['depthwise'], ['b']),
		onnxNode('Conv', ['b', 'w3', 'b3'], ['pointwise']),
		onnxNode('GlobalAveragePool', ['pointwise'], ['c']),
		onnxNode('Flatten', ['c'], ['y']),
	],
	weights: { w1: [8, 3, 1, 1], b1: [8], w2: [8, 1, 3, 3], b2: [8], w3: [6, 8, 1, 1], b3: [6] },
	input: [1, 3, 8, 8],
	output: 'y',
};
const samplesOf = (model: FloatModel, count: number) =>
	Array.from({ length: count }, (_, index) => normalValues(elements(shapeOf(model, 'x')), index));
const layersOf = (model: FloatModel): LayerUnit[] => planNetwork(model).units.filter((unit) => unit.kind === 'layer');

/** Channel 3 of the depthwise layer made so many times larger, and read so many times smaller. */
function withLargeChannel(model: FloatModel, factor: number): FloatModel {
	const weights = new Map(model.weights);
	const change = (name: string, of: (value: number, at: number) => number) => {
		const weight = weights.get(name)!;
		const values = new Float32Array(new Uint8Array(weight.bytes).buffer);
		weights.set(name, floatWeight(name, weight.dims, values.map(of)));
	};
	change('w2', (value, at) => (Math.floor(at / 9) === 3 ? value * factor : value));
	change('b2', (value, at) => (at === 3 ? value * factor : value));
	change('w3', (value, at) => (at % 8 === 3 ? value / factor : value));
	return { ...model, weights };
}

async function outputsOf(model: FloatModel, samples: readonly Float32Array[]): Promise<number[]> {
	const session = await openSession(writeModel(model), { name: 'x', shape: shapeOf(model, 'x') });
	const all: number[] = [];
	for (const sample of samples) all.push(...(await session.run(sample)).get('y')!);
	return all;
}

test('decibels are those of a tenth and of a hundredth of the amplitude', () => {
	for (const [share, expected] of [
		[0.1, 20],
		[0.01, 40],
	] as const) {
		const ratio = new SignalToNoise();
		ratio.add([1, -2], [1 + share, -2 - 2 * share]);
		expect(ratio.decibels).toBeCloseTo(expected, 6);
	}
	expect(new SignalToNoise().decibels).toBeNull();
});

test('spread: the ratio leaves dead channels out and names them', () => {
	const spread = channelSpread(Float64Array.of(1, 0.001, 0, 0.5));
	expect(spread).toEqual({ ratio: 1000, dead: [2], smallest: [1] });
});

test('one scale for a layer with a large channel: the layer is found first, the cause and its channels are named', async () => {
	const model = withLargeChannel(prepareModel(await smallModel(separable)), 256);
	const samples = samplesOf(model, 8);
	const { network, statistics } = await new RecipeBook(model, samples, context).quantize({
		...plainRecipe,
		granularity: 'tensor',
	});
	const reference = await referenceOf(model, samples, undefined, context);
	const noise = await diagnoseLayers(network, reference, context, () => undefined);
	const worst = noise.toSorted((a, b) => b.lossShare - a.lossShare)[0]!;
	expect(worst.unit.name).toBe('depthwise');
	expect(worst.lossShare).toBeGreaterThan(0.5);
	const causes = causesOf(network, worst.unit, statistics, { isFirst: false, isLast: false, clippedShare: 0 });
	const cause = causes.find(({ kind }) => kind === 'unequal-channels')!;
	expect(cause.says).toMatch(/few or no steps/);
	expect(cause.channels).toHaveLength(7);
	expect(cause.channels).not.toContain(3);
});

test('rare large values, ranges away from 0, clipping and the ends of the network are named', async () => {
	const model = prepareModel(await smallModel(separable));
	const samples = samplesOf(model, 200);
	samples[0]![0] = 400;
	const { network, statistics } = await new RecipeBook(model, samples, context).quantize(plainRecipe);
	const kinds = (name: string, place = { isFirst: false, isLast: false, clippedShare: 0 }) =>
		causesOf(network, layersOf(model).find((unit) => unit.name === name)!, statistics, place).map(({ kind }) => kind);
	expect(kinds('first')).toContain('rare-large-values');
	expect(kinds('pointwise', { isFirst: false, isLast: true, clippedShare: 0.01 })).toEqual(
		expect.arrayContaining(['beyond-calibration', 'last-layer']),
	);
	const shifted = samplesOf(model, 4).map((sample) => sample.map((value) => 10 + value / 10));
	const away = await new RecipeBook(model, shifted, context).quantize(plainRecipe);
	expect(
		causesOf(away.network, layersOf(model)[0]!, away.statistics, { isFirst: true, isLast: false, clippedShare: 0 }).map(
			({ kind }) => kind,
		),
	).toEqual(expect.arrayContaining(['range-away-from-zero', 'first-layer']));
	const zeros = await new RecipeBook(model, [new Float32Array(192)], context).quantize(plainRecipe);
	expect(
		causesOf(zeros.network, layersOf(model)[0]!, zeros.statistics, { isFirst: true, isLast: false, clippedShare: 0 }).map(
			({ kind }) => kind,
		),
	).toContain('always-zero');
});

test('equalisation keeps what the network computes, and takes a factor of 256 out again', async () => {
	const model = withLargeChannel(prepareModel(await smallModel(separable)), 256);
	const samples = samplesOf(model, 3);
	const { model: even, changed } = equaliseLayers(model, planNetwork(model));
	expect(changed).toHaveLength(4);
	const [before, after] = [await outputsOf(model, samples), await outputsOf(even, samples)];
	const largest = Math.max(...before.map(Math.abs));
	for (const [i, value] of before.entries()) expect(Math.abs(value - after[i]!) / largest).toBeLessThan(1e-5);
	const spreadOf = (one: FloatModel) => channelSpread(channelMaxima(floatLayer(one, layersOf(one)[1]!))).ratio;
	expect(spreadOf(model)).toBeGreaterThan(100);
	expect(spreadOf(even)).toBeLessThan(20);
});

test('bias correction takes the mean error of coarse weights away', async () => {
	const model = prepareModel(await smallModel(separable));
	const samples = samplesOf(model, 32).map((sample) => sample.map((value) => value + 1));
	const book = new RecipeBook(model, samples, context);
	const recipe = { ...plainRecipe, bits: 3 };
	const { network, statistics } = await book.quantize(recipe);
	const corrected = correctBiases(network, statistics);
	// The first layer reads the samples themselves: its error's mean over them is known in closed form.
	const [unit] = layersOf(model);
	const [before, after] = [floatLayer(model, unit!), floatLayer(corrected, unit!)];
	const integers = network.layers.get(unit!.name)!;
	const means = [0, 1, 2].map((channel) => {
		const all = samples.flatMap((sample) => Array.from(sample.subarray(channel * 64, (channel + 1) * 64)));
		return all.reduce((sum, value) => sum + value, 0) / all.length;
	});
	for (let output = 0; output < 8; output++) {
		const moved = means.reduce(
			(sum, mean, channel) =>
				sum + (integers.weights[3 * output + channel]! * integers.scales[output]! - before.weights[3 * output + channel]!) * mean,
			0,
		);
		expect(after.bias![output]!).toBeCloseTo(before.bias![output]! - moved, 4);
	}
});

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper');
const present = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!present) console.log('skipped: ASSAY_DATA has no quant-whitepaper');

test.skipIf(!present).for([
	['mobilenetv1_025_vww96', '1x3x3x64', 8, 32.2, 48.0],
	['mobilenetv1_025_vww96', '1x3x3x64', 4, 8.0, 23.0],
	['resnet8_cifar10', 'first', 8, 39.5, 46.0],
] as const)(
	'%s, %s in %i bits: weights keep %d dB with one scale and %d dB with a scale a channel',
	([name, which, bits, tensor, channel]) => {
		const model = prepareModel(modelFromTflite(parseTflite(readFileSync(join(folder, `${name}_float32.tflite`)), name), name));
		const layers = layersOf(model);
		const depthwise = layers.filter(({ type, outputs }) => type === 'depthwise' && outputs === 64);
		const candidates = which === 'first' ? [layers[0]!] : depthwise;
		const found = candidates.map((unit) =>
			(['tensor', 'channel'] as const).map(
				(granularity) => weightDecibels(floatLayer(model, unit), { granularity, bits, rounding: 'half-away' })!,
			),
		);
		const isMet = ([one, many]: number[]) => Math.abs(one! - tensor) <= 0.1 && Math.abs(many! - channel) <= 0.1;
		expect(found.some(isMet), JSON.stringify(found)).toBe(true);
	},
);

test.for(['residual', 'squeezed'])(
	'%s: with any layer quantized, the part that changes gives the bytes that the whole network gives',
	async (name) => {
		const model = prepareModel(await smallModel(everyOperator[name]!));
		const sample = normalValues(elements(shapeOf(model, model.input)), 1);
		const { network } = await new RecipeBook(model, [sample], createContext()).quantize(plainRecipe);
		const io = { name: model.input, shape: shapeOf(model, model.input) };
		const tensors = [...model.shapes.keys()].filter((one) => one !== model.input && !model.outputs.includes(one));
		const exact = await (await openSession(writeModel(model, tensors), io, { asWritten: true })).run(sample);
		const known = new Map([...exact, [model.input, sample]]);
		const layers = network.plan.units.filter((unit) => unit.kind === 'layer');
		expect(layers.length).toBeGreaterThan(2);
		for (const unit of layers) {
			const quantized = qdqModel(network, { only: new Set([unit]) });
			const whole = await (await openSession(writeModel(quantized), io, { asWritten: true })).run(sample);
			const { model: part, inputs } = changedPart(quantized, model, model.outputs);
			const fed = inputs.map((one) => ({ name: one, shape: shapeOf(model, one) }));
			const session = await openFedSession(writeModel(part, [], { inputs }), fed, { asWritten: true });
			expect(await session.run(known)).toEqual(new Map(model.outputs.map((one) => [one, whole.get(one)])));
			if (unit !== layers[0]) expect(part.nodes.length).toBeLessThan(quantized.nodes.length);
		}
	},
);
