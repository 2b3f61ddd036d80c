/** Trains one small ResNet9 on generated shapes; a task for threads. */
import { createRandom, type ParallelTask } from '@assay/contract';
import {
	compileKernels,
	createKernelMemory,
	drawShapes,
	instantiateKernels,
	type TrainedClassifier,
	trainClassifier,
} from '@assay/learning';
import { smallResnet9 } from './small-resnet9.ts';

const BATCH = 32;
const MOST_TEST_IMAGES = 1024;
const LEARNING_RATE = 0.05;
const FIRST_BYTES = 1 << 24;

export interface ResNet9Training {
	readonly values: readonly number[];
	/** Divides every width. */
	readonly narrower: number;
	readonly images: number;
	readonly epochs: number;
	readonly seed: number;
}

export const trainResnet9: ParallelTask<ResNet9Training, TrainedClassifier> = {
	module: import.meta.url,
	name: 'trainResnet9',
	async run({ values, narrower, images, epochs, seed }, pause) {
		// The same images for all networks of a seed.
		const draws = createRandom(seed).fork('images');
		const training = drawShapes(images, draws.fork('training'));
		const test = drawShapes(Math.min(images, MOST_TEST_IMAGES), draws.fork('test'));
		await pause();
		const kernels = instantiateKernels(await compileKernels(), createKernelMemory(FIRST_BYTES));
		const plan = smallResnet9(values, narrower, BATCH);
		const options = { plan, training, test, epochs, learningRate: LEARNING_RATE };
		return trainClassifier(kernels, options, createRandom(seed).fork(`network ${values.join()}`), pause);
	},
};
