import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { drawShapes, IMAGE_CHANNELS, IMAGE_SIDE, SHAPE_CLASSES } from '../images/shapes.ts';
import { compileKernels, createKernelMemory, instantiateKernels } from '../kernels/index.ts';
import { trainClassifier } from './train-classifier.ts';

test('images of the training set are told apart better than by chance, the same from the same seed', async () => {
	const module = await compileKernels();
	const images = drawShapes(320, createRandom(4));
	const convolution = { kernel: 3, stride: 2, groups: 1 };
	const plan = {
		batch: 32,
		side: IMAGE_SIDE,
		channels: IMAGE_CHANNELS,
		classes: SHAPE_CLASSES.length,
		convolutions: [
			{ ...convolution, outputs: 16 },
			{ ...convolution, outputs: 32 },
			{ ...convolution, outputs: 32 },
		],
	};
	const trained = (seed: number) =>
		trainClassifier(
			instantiateKernels(module, createKernelMemory(1 << 20)),
			{ plan, training: images, test: images, epochs: 8, learningRate: 0.05 },
			createRandom(seed),
			async () => undefined,
		);
	const first = await trained(1);
	expect(first.accuracy).toBeGreaterThan(0.2);
	expect(first.loss).toBeLessThan(Math.log(10));
	expect(await trained(1)).toEqual(first);
	expect(await trained(2)).not.toEqual(first);
});
