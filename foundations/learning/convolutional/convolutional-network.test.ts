import { createRandom } from '@assay/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawShapes, IMAGE_CHANNELS, IMAGE_SIDE, SHAPE_CLASSES } from '../images/shapes.ts';
import { compileKernels, createKernelMemory, instantiateKernels } from '../kernels/index.ts';
import { ConvolutionalNetwork } from './convolutional-network.ts';
import type { NetworkPlan } from './network-plan.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
	module = await compileKernels();
});
const networkOf = (plan: NetworkPlan, seed: number) =>
	new ConvolutionalNetwork(instantiateKernels(module, createKernelMemory(1 << 20)), plan, createRandom(seed));

const tiny: NetworkPlan = {
	batch: 4,
	side: 6,
	channels: 3,
	classes: 3,
	convolutions: [
		{ outputs: 8, kernel: 3, stride: 1, groups: 1 },
		{ outputs: 8, kernel: 3, stride: 2, groups: 8 },
		{ outputs: 8, kernel: 3, stride: 1, groups: 2 },
		{ outputs: 4, kernel: 1, stride: 1, groups: 1 },
		{ outputs: 4, kernel: 3, stride: 2, groups: 1 },
	],
};

test('the gradient is that of finite differences, for every kind of parameter', () => {
	const random = createRandom(5);
	const network = networkOf(tiny, 1);
	const images = Float32Array.from({ length: 4 * 36 * 3 }, () => random.normal());
	const labels = Int32Array.of(0, 1, 2, 1);
	network.gradientOf(images, labels);
	const gradients = network.learnt().gradients.slice();
	const largest = gradients.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
	const step = 1e-3;
	for (let index = 0; index < network.parameterCount; index += 7) {
		const { values } = network.learnt();
		const value = values[index] as number;
		const lossAt = (moved: number): number => {
			values[index] = moved;
			return network.gradientOf(images, labels);
		};
		const difference = (lossAt(value + step) - lossAt(value - step)) / (2 * step);
		values[index] = value;
		// In float32, and across a rectifier's bend now and then.
		expect(Math.abs(difference - (gradients[index] as number)) / largest, `parameter ${index}`).toBeLessThan(0.02);
	}
});

describe('on generated shapes', () => {
	const plan: NetworkPlan = {
		batch: 32,
		side: IMAGE_SIDE,
		channels: IMAGE_CHANNELS,
		classes: SHAPE_CLASSES.length,
		convolutions: [
			{ outputs: 16, kernel: 3, stride: 2, groups: 1 },
			{ outputs: 16, kernel: 3, stride: 1, groups: 4 },
			{ outputs: 32, kernel: 1, stride: 1, groups: 1 },
			{ outputs: 32, kernel: 3, stride: 2, groups: 8 },
			{ outputs: 32, kernel: 1, stride: 1, groups: 1 },
		],
	};
	const images = drawShapes(640, createRandom(2));
	const sizeOfImage = IMAGE_SIDE * IMAGE_SIDE * IMAGE_CHANNELS;
	const batchAt = (first: number) => ({
		pixels: images.pixels.subarray(first * sizeOfImage, (first + 32) * sizeOfImage),
		labels: images.labels.subarray(first, first + 32),
	});
	const trained = (seed: number): { network: ConvolutionalNetwork; losses: number[] } => {
		const network = networkOf(plan, seed);
		const losses: number[] = [];
		for (let step = 0; step < 100; step++) {
			const { pixels, labels } = batchAt((32 * step) % 640);
			losses.push(network.trainStep(pixels, labels, { learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 }));
		}
		return { network, losses };
	};

	test('the loss falls, and the same seed gives the same bits', () => {
		const { network, losses } = trained(1);
		const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length;
		// Ten classes guessed at random: log 10.
		expect(Math.abs(mean(losses.slice(0, 3)) - Math.log(10))).toBeLessThan(0.5);
		expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 0.2);
		expect(trained(1).network.learnt().values).toEqual(network.learnt().values);
		expect(trained(2).network.learnt().values).not.toEqual(network.learnt().values);
		const { pixels, labels } = batchAt(0);
		const right = network.classify(pixels).filter((of, image) => of === labels[image]).length;
		expect(right).toBeGreaterThan(32 / 10);
	});

	test('classes are evenly many, images differ and are of a sensible size', () => {
		const counts = new Map<number, number>();
		for (const label of images.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
		expect([...counts.values()]).toEqual(SHAPE_CLASSES.map(() => 64));
		expect(images.pixels.every((value) => Math.abs(value) < 3)).toBe(true);
		expect(drawShapes(640, createRandom(2)).pixels).toEqual(images.pixels);
		expect(drawShapes(640, createRandom(3)).pixels).not.toEqual(images.pixels);
	});
});

const depthwise: NetworkPlan = {
	batch: 4,
	side: 6,
	channels: 3,
	classes: 3,
	convolutions: [
		{ outputs: 8, kernel: 3, stride: 1, groups: 1 },
		{ outputs: 8, kernel: 3, stride: 2, groups: 8 },
		{ outputs: 4, kernel: 1, stride: 1, groups: 1 },
	],
};
const someImages = (seed: number) => {
	const random = createRandom(seed);
	return Float32Array.from({ length: 4 * 36 * 3 }, () => random.normal());
};
const someLabels = Int32Array.of(0, 1, 2, 1);
const options = { learningRate: 0.05, momentum: 0.9, weightDecay: 0 };

test('what was learnt, taken on by another network, classifies as it did; in the usual order it is the convolution', () => {
	const network = networkOf(depthwise, 1);
	for (let step = 0; step < 5; step++) network.trainStep(someImages(step), someLabels, options);
	const trained = network.trained();
	const other = networkOf(depthwise, 2);
	other.take(trained);
	expect(other.trained()).toEqual(trained);
	expect(other.classify(someImages(9))).toEqual(network.classify(someImages(9)));
	expect(() => networkOf(tiny, 1).take(trained)).toThrow(RangeError);
	// The first convolution of one image by hand: the class follows from everything, so a single weight's place is seen by its gradient.
	const first = trained.convolutions[0]!;
	expect(first.weights).toHaveLength(8 * 3 * 9);
	const moved = trained.convolutions.map((one, index) =>
		index === 0 ? { ...one, weights: one.weights.map((w, at) => (at === 40 ? w + 1 : w)) } : one,
	);
	other.take({ ...trained, convolutions: moved });
	const [before, after] = [network.learnt().values, other.learnt().values];
	const changed = Array.from(before.keys()).filter((at) => before[at] !== after[at]);
	// Output 1, input 1, tap 4 of [8, 3, 3, 3], in (tap, input) x output.
	expect(changed).toEqual([(4 * 3 + 1) * 8 + 1]);
});

test('frozen norms keep their moments, and the gradient is still that of finite differences', () => {
	const network = networkOf(tiny, 1);
	network.trainStep(someImages(0), someLabels, options);
	network.freezeNorms();
	const images = someImages(7);
	network.gradientOf(images, someLabels);
	const gradients = network.learnt().gradients.slice();
	const largest = gradients.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
	// Small, so that few rectifiers bend within it.
	const step = 1e-4;
	for (let index = 0; index < network.parameterCount; index += 11) {
		const { values } = network.learnt();
		const value = values[index] as number;
		const lossAt = (moved: number): number => {
			values[index] = moved;
			return network.gradientOf(images, someLabels);
		};
		const difference = (lossAt(value + step) - lossAt(value - step)) / (2 * step);
		values[index] = value;
		expect(Math.abs(difference - (gradients[index] as number)) / largest, `parameter ${index}`).toBeLessThan(0.02);
	}
});

test('rounding that changes nothing gives the same bits; rounding to zero gives zero logits and leaves the weights as they were', () => {
	const rounded = (round: (value: number) => number) =>
		new ConvolutionalNetwork(instantiateKernels(module, createKernelMemory(1 << 20)), depthwise, createRandom(1), {
			roundWeights: (weights) => weights.set(weights.map(round)),
			roundActivations: (activations, out) => out.set(activations),
		});
	const [plain, same] = [networkOf(depthwise, 1), rounded((value) => value)];
	for (let step = 0; step < 3; step++)
		expect(same.trainStep(someImages(step), someLabels, options)).toBe(plain.trainStep(someImages(step), someLabels, options));
	expect(same.learnt().values).toEqual(plain.learnt().values);
	const none = rounded(() => 0);
	const before = none.learnt().values.slice();
	// All classes alike: the loss is the logarithm of their number.
	expect(none.gradientOf(someImages(1), someLabels)).toBeCloseTo(Math.log(3), 5);
	expect(none.learnt().values).toEqual(before);
});
