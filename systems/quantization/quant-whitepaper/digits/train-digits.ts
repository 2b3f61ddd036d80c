/** Trains the network for digits in float, and trains on from there on the grid of the integers. */
import { createRandom, type RunContext } from '@assay/contract';
import {
	ConvolutionalNetwork,
	compileKernels,
	createKernelMemory,
	type ImageSet,
	instantiateKernels,
	type TrainedNetwork,
} from '@assay/learning';
import { digitPlan } from './digit-network.ts';
import { type GridOptions, QuantizedArithmetic } from './quantized-arithmetic.ts';
import { DIGIT_SIDE } from './read-digits.ts';

const BATCH = 32;
const MOMENTUM = 0.9;
const WEIGHT_DECAY = 5e-4;
const FLOAT_RATE = 0.05;
/** Share of the steps after which ranges and norms stay. */
const FREEZE = 0.5;

export interface FloatTraining {
	readonly seed: number;
	readonly epochs: number;
	/** Of the images, the first ones. */
	readonly images: number;
}

export interface GridTraining extends FloatTraining {
	readonly grid: GridOptions;
	/** Whether weights are replaced by their moving mean in the end, which the paper advises against. */
	readonly averagesWeights: boolean;
}

type Pause = Pick<RunContext, 'pause'>;

export async function trainFloat(
	images: ImageSet,
	{ seed, epochs, images: count }: FloatTraining,
	context: Pause,
): Promise<TrainedNetwork> {
	const network = await networkOf(seed, undefined);
	await descend(network, images, { seed, epochs, count, peak: FLOAT_RATE }, context, () => undefined);
	return network.trained();
}

/** A tenth of the float training's rate, along a cosine; norms and ranges stay from the middle on. */
export async function trainOnGrid(
	from: TrainedNetwork,
	images: ImageSet,
	{ seed, epochs, images: count, grid, averagesWeights }: GridTraining,
	context: Pause,
): Promise<TrainedNetwork> {
	const arithmetic = new QuantizedArithmetic(grid);
	const network = await networkOf(seed, arithmetic);
	network.take(from);
	const { values } = network.learnt();
	const mean = averagesWeights ? values.slice() : undefined;
	let isFrozen = false;
	await descend(network, images, { seed, epochs, count, peak: FLOAT_RATE / 10 }, context, (fraction) => {
		if (mean !== undefined) {
			const now = network.learnt().values;
			for (let i = 0; i < mean.length; i++) mean[i] = 0.999 * (mean[i] as number) + 0.001 * (now[i] as number);
		}
		if (isFrozen || fraction < FREEZE) return;
		isFrozen = true;
		network.freezeNorms();
		arithmetic.freezeRanges();
	});
	if (mean !== undefined) network.learnt().values.set(mean);
	return network.trained();
}

async function networkOf(seed: number, arithmetic: QuantizedArithmetic | undefined): Promise<ConvolutionalNetwork> {
	const kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 24));
	return new ConvolutionalNetwork(kernels, digitPlan(BATCH), createRandom(seed).fork('weights'), arithmetic);
}

async function descend(
	network: ConvolutionalNetwork,
	images: ImageSet,
	{ seed, epochs, count, peak }: { seed: number; epochs: number; count: number; peak: number },
	context: Pause,
	afterStep: (fraction: number) => void,
): Promise<void> {
	const size = DIGIT_SIDE * DIGIT_SIDE;
	const order = Int32Array.from({ length: Math.min(count, images.count) }, (_, index) => index);
	const steps = Math.floor(order.length / BATCH);
	const random = createRandom(seed);
	const pixels = new Float32Array(BATCH * size);
	const labels = new Int32Array(BATCH);
	for (let epoch = 0; epoch < epochs; epoch++) {
		random.fork(`epoch ${epoch}`).shuffle(order);
		for (let step = 0; step < steps; step++) {
			for (let i = 0; i < BATCH; i++) {
				const image = order[step * BATCH + i] as number;
				pixels.set(images.pixels.subarray(image * size, (image + 1) * size), i * size);
				labels[i] = images.labels[image] as number;
			}
			const fraction = (epoch * steps + step) / (epochs * steps);
			const learningRate = 0.5 * peak * (1 + Math.cos(Math.PI * fraction));
			network.trainStep(pixels, labels, { learningRate, momentum: MOMENTUM, weightDecay: WEIGHT_DECAY });
			afterStep(fraction);
			await context.pause();
		}
	}
}
