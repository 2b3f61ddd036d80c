/** Trains a convolutional network to tell classes of images apart, and tests it on others. */
import type { Random } from '@assay/contract';
import type { ImageSet } from '../images/shapes.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { ConvolutionalNetwork } from './convolutional-network.ts';
import type { NetworkPlan } from './network-plan.ts';

const MOMENTUM = 0.9;
const WEIGHT_DECAY = 5e-4;

export interface ClassifierTraining {
	readonly plan: NetworkPlan;
	/** At least a batch each; what does not fill a batch is left out. */
	readonly training: ImageSet;
	readonly test: ImageSet;
	readonly epochs: number;
	/** Of the first step; falls to nothing along a cosine. */
	readonly learningRate: number;
}

export interface TrainedClassifier {
	readonly parameters: number;
	/** Share of test images that are classified right. */
	readonly accuracy: number;
	/** Mean over the last epoch. */
	readonly loss: number;
}

/** `random` gives the first weights and the order of images. Takes all of `kernels.memory`. */
export async function trainClassifier(
	kernels: Kernels,
	{ plan, training, test, epochs, learningRate }: ClassifierTraining,
	random: Random,
	pause: () => Promise<void>,
): Promise<TrainedClassifier> {
	const network = new ConvolutionalNetwork(kernels, plan, random.fork('weights'));
	const order = Int32Array.from({ length: training.count }, (_, index) => index);
	const steps = Math.floor(training.count / plan.batch);
	let loss = 0;
	for (let epoch = 0; epoch < epochs; epoch++) {
		random.fork(`epoch ${epoch}`).shuffle(order);
		loss = 0;
		for (let step = 0; step < steps; step++) {
			const { pixels, labels } = gather(training, order.subarray(step * plan.batch, (step + 1) * plan.batch));
			const progress = (epoch * steps + step) / (epochs * steps);
			const rate = 0.5 * learningRate * (1 + Math.cos(Math.PI * progress));
			loss += network.trainStep(pixels, labels, { learningRate: rate, momentum: MOMENTUM, weightDecay: WEIGHT_DECAY }) / steps;
			await pause();
		}
	}
	return { parameters: network.parameterCount, accuracy: await accuracyOf(network, plan.batch, test, pause), loss };
}

async function accuracyOf(
	network: ConvolutionalNetwork,
	batch: number,
	images: ImageSet,
	pause: () => Promise<void>,
): Promise<number> {
	const batches = Math.floor(images.count / batch);
	let right = 0;
	for (let first = 0; first < batches * batch; first += batch) {
		const { pixels, labels } = gather(
			images,
			Int32Array.from({ length: batch }, (_, index) => first + index),
		);
		for (const [index, of] of network.classify(pixels).entries()) if (of === labels[index]) right++;
		await pause();
	}
	return right / (batches * batch);
}

function gather({ pixels, labels, count }: ImageSet, indices: Int32Array): { pixels: Float32Array; labels: Int32Array } {
	const size = pixels.length / count;
	const gathered = new Float32Array(indices.length * size);
	for (const [at, index] of indices.entries()) gathered.set(pixels.subarray(index * size, (index + 1) * size), at * size);
	return { pixels: gathered, labels: Int32Array.from(indices, (index) => labels[index] as number) };
}
