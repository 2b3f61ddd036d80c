/** Trains one network on generated images and tests it on others. */
import { createRandom, type ParallelTask } from '@assay/contract';
import {
	ConvolutionalNetwork,
	compileKernels,
	createKernelMemory,
	drawShapes,
	type ImageSet,
	instantiateKernels,
} from '@assay/learning';
import { smallMobileNet } from './small-mobile-net.ts';

const BATCH = 32;
const MOMENTUM = 0.9;
const WEIGHT_DECAY = 5e-4;

export interface Training {
	readonly width: number;
	/** Of the first weights and of the order of images; images themselves are the same for all. */
	readonly seed: number;
	readonly imagesSeed: number;
	readonly images: number;
	readonly testImages: number;
	readonly epochs: number;
	readonly learningRate: number;
}

export interface Trained {
	readonly parameters: number;
	/** Share of test images that are classified right. */
	readonly accuracy: number;
	/** Mean over the last epoch. */
	readonly loss: number;
}

/** Found again on other threads. */
export const trainTask: ParallelTask<Training, Trained> = { module: import.meta.url, name: 'trainTask', run: train };

async function train(options: Training, pause: () => Promise<void>): Promise<Trained> {
	const { width, seed, images, testImages, epochs, learningRate } = options;
	const draws = createRandom(options.imagesSeed);
	const training = drawShapes(images, draws.fork('training'));
	const test = drawShapes(testImages, draws.fork('test'));
	await pause();
	const kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 24));
	const random = createRandom(seed);
	const network = new ConvolutionalNetwork(kernels, smallMobileNet(width, BATCH), random.fork('weights'));
	const order = Int32Array.from({ length: images }, (_, index) => index);
	const steps = Math.floor(images / BATCH);
	let loss = 0;
	for (let epoch = 0; epoch < epochs; epoch++) {
		random.fork(`epoch ${epoch}`).shuffle(order);
		loss = 0;
		for (let step = 0; step < steps; step++) {
			const batch = gather(training, order.subarray(step * BATCH, (step + 1) * BATCH));
			// Falls to nothing along a cosine.
			const progress = (epoch * steps + step) / (epochs * steps);
			const rate = 0.5 * learningRate * (1 + Math.cos(Math.PI * progress));
			const options = { learningRate: rate, momentum: MOMENTUM, weightDecay: WEIGHT_DECAY };
			loss += network.trainStep(batch.pixels, batch.labels, options) / steps;
			await pause();
		}
	}
	return { parameters: network.parameterCount, accuracy: await accuracyOf(network, test, pause), loss };
}

async function accuracyOf(network: ConvolutionalNetwork, images: ImageSet, pause: () => Promise<void>): Promise<number> {
	let right = 0;
	const batches = Math.floor(images.count / BATCH);
	for (let batch = 0; batch < batches; batch++) {
		const { pixels, labels } = gather(
			images,
			Int32Array.from({ length: BATCH }, (_, index) => batch * BATCH + index),
		);
		for (const [index, of] of network.classify(pixels).entries()) if (of === labels[index]) right++;
		await pause();
	}
	return right / (batches * BATCH);
}

function gather({ pixels, labels, count }: ImageSet, indices: Int32Array): { pixels: Float32Array; labels: Int32Array } {
	const size = pixels.length / count;
	const gathered = new Float32Array(indices.length * size);
	for (const [at, index] of indices.entries()) gathered.set(pixels.subarray(index * size, (index + 1) * size), at * size);
	return { pixels: gathered, labels: Int32Array.from(indices, (index) => labels[index] as number) };
}
