import { createContext, createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { elements, type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { openSession } from '../runtime.ts';
import { digitModel } from './digit-network.ts';
import { QuantizedArithmetic } from './quantized-arithmetic.ts';
import { DIGIT_SIDE, imagesOf, readDigits } from './read-digits.ts';
import { addSilentChannels } from './silent-channels.ts';
import { stretchChannels } from './stretch-channels.ts';
import { trainFloat, trainOnGrid } from './train-digits.ts';

const context = createContext();
const digits = await readDigits();
/** A few seconds of training: far better than chance, far from good. */
const short = await trainFloat(digits.training, { seed: 1, epochs: 1, images: 1600 }, context);

async function run(model: FloatModel, images: readonly Float32Array[]): Promise<Float32Array[]> {
	const session = await openSession(writeModel(model), { name: model.input, shape: shapeOf(model, model.input) });
	const all: Float32Array[] = [];
	for (const image of images) all.push((await session.run(image)).get(model.outputs[0]!)!);
	return all;
}

const rightOf = (logits: readonly Float32Array[], labels: Int32Array) =>
	logits.filter((one, index) => one.indexOf(Math.max(...one)) === labels[index]).length / logits.length;

test('8,000 digits to learn from and 2,000 to test on, all classes, no image in both', () => {
	expect([digits.training.count, digits.test.count]).toEqual([8000, 2000]);
	expect(new Set(digits.test.labels).size).toBe(10);
	const keyOf = (pixels: Float32Array) => pixels.join();
	const learnt = new Set(imagesOf(digits.training, 0, 8000).map(keyOf));
	expect(imagesOf(digits.test, 0, 2000).filter((image) => learnt.has(keyOf(image)))).toHaveLength(0);
});

test('what a short training learnt, as a model in onnxruntime, is right several times as often as chance; the same seed gives the same bits', async () => {
	const logits = await run(prepareModel(digitModel(short)), imagesOf(digits.test, 0, 300));
	expect(rightOf(logits, digits.test.labels)).toBeGreaterThan(0.35);
	const again = await trainFloat(digits.training, { seed: 1, epochs: 1, images: 1600 }, context);
	expect(again).toEqual(short);
});

test('training on the grid goes on from the float network and keeps what it knew', async () => {
	const trained = await trainOnGrid(
		short,
		digits.training,
		{
			seed: 1,
			epochs: 1,
			images: 1600,
			grid: { weightBits: 4, rounding: 'half-even', granularity: 'channel' },
			averagesWeights: false,
		},
		context,
	);
	expect(trained.convolutions[0]!.weights).not.toEqual(short.convolutions[0]!.weights);
	const logits = await run(prepareModel(digitModel(trained)), imagesOf(digits.test, 0, 300));
	expect(rightOf(logits, digits.test.labels)).toBeGreaterThan(0.35);
});

test('rounded weights lie on their grids; rounded activations are within half a step, and gradients stop beyond the range', () => {
	const arithmetic = new QuantizedArithmetic({ weightBits: 3, rounding: 'half-even', granularity: 'channel' });
	const weights = Float32Array.of(1, -0.4, 0.1, 30, 12, -9);
	arithmetic.roundWeights(weights, 2);
	// Three codes on either side of 0: steps of 1/3 and of 10.
	expect(Array.from(weights, (value) => Math.round(100 * value) / 100)).toEqual([1, -0.33, 0, 30, 10, -10]);
	const first = Float32Array.of(0, 0.5, 2.55);
	arithmetic.roundActivations(first, new Float32Array(3), 0);
	arithmetic.freezeRanges();
	const activations = Float32Array.of(1.004, 5, 0.2);
	const rounded = new Float32Array(3);
	arithmetic.roundActivations(activations, rounded, 0);
	expect(Array.from(rounded, (value) => Math.round(1000 * value) / 1000)).toEqual([1, 2.55, 0.2]);
	expect(activations[1]).toBe(0);
	expect(activations[0]).toBeCloseTo(1.004, 6);
});

test.for([
	['silent channels', (model: FloatModel) => addSilentChannels(model, 8)],
	['stretched channels', (model: FloatModel) => stretchChannels(model, 8, createRandom(3))],
] as const)('%s leave what the network computes as it is', async ([, change]) => {
	const model = prepareModel(digitModel(short));
	const { model: changed, layers } = change(model);
	expect(layers).toEqual(['depthwise1', 'depthwise3', 'depthwise5', 'depthwise7']);
	expect([...changed.weights].some(([name, weight]) => weight !== model.weights.get(name))).toBe(true);
	const images = imagesOf(digits.test, 0, 5);
	expect(images[0]!.length).toBe(elements([DIGIT_SIDE, DIGIT_SIDE]));
	const [before, after] = [await run(model, images), await run(changed, images)];
	for (const [index, logits] of before.entries())
		for (const [i, value] of logits.entries()) expect(Math.abs(value - after[index]![i]!)).toBeLessThan(1e-4);
});
