/**
 * Memory or times learned from profiling rows. In logarithms products become sums, and figures of one device instead of the whole cluster
 * stay in the range that was trained when the cluster grows: that is what lets networks trained on a few nodes hold on many.
 * The published features, as they are, can be had for comparison. Networks of different seeds vote, and how far they
 * disagree is the uncertainty.
 */
import type { Random } from '@assay/contract';
import { type Perceptron, trainPerceptron } from './perceptron.ts';
import { type ProfileRow, type ProfileShape, publishedFeatures } from './profile-rows.ts';

/** How the networks see a setting: logarithms of per-device figures, or the published eleven figures as they are. */
export const FEATURES = ['per device', 'published'] as const;

/** How the networks see a setting. */
export type Features = (typeof FEATURES)[number];

/** How an estimator is trained. */
export interface EstimatorOptions {
	readonly epochs: number;
	readonly features: Features;
	/** Networks that vote. */
	readonly networks: number;
}

/** Widths of the hidden layers, as published. */
const HIDDEN = [64, 48, 24, 12] as const;
const BATCH = 32;
/** Published: 0.1, which kills rectified units of a network this deep at the first steps. */
const LEARNING_RATE = 0.01;

/** What is estimated. */
export type Estimated = 'memoryBytes' | 'forwardSeconds' | 'backwardSeconds';

/** An estimate and how far the networks disagree, as a share of it. */
export interface Estimate {
	readonly value: number;
	readonly spread: number;
}

/** Networks for one figure. */
export class LearnedEstimator {
	private readonly networks: readonly Perceptron[];
	private readonly features: Features;

	constructor(networks: readonly Perceptron[], features: Features) {
		this.networks = networks;
		this.features = features;
	}

	/** The mean of the networks' answers. */
	estimate(shape: ProfileShape): Estimate {
		const features = featuresOf(shape, this.features);
		let sum = 0;
		let squares = 0;
		for (const network of this.networks) {
			const answer = this.features === 'published' ? network.predict(features) : Math.exp(network.predict(features));
			sum += answer;
			squares += answer * answer;
		}
		const value = sum / this.networks.length;
		const variance = Math.max(0, squares / this.networks.length - value * value);
		return { value, spread: Math.sqrt(variance) / Math.abs(value) };
	}

	/** The networks as plain JSON. */
	toJSON(): unknown {
		return { features: this.features, networks: this.networks };
	}
}

/** Trains an estimator of one figure. Raises a RangeError without rows. */
export async function trainEstimator(
	rows: readonly ProfileRow[],
	what: Estimated,
	options: EstimatorOptions,
	random: Random,
	pause: () => Promise<void>,
): Promise<LearnedEstimator> {
	const features = rows.map((row) => featuresOf(row, options.features));
	const targets = rows.map((row) => (options.features === 'published' ? row[what] : Math.log(row[what])));
	const networks: Perceptron[] = [];
	for (let network = 0; network < options.networks; network++) {
		const training = { hidden: HIDDEN, epochs: options.epochs, batch: BATCH, learningRate: LEARNING_RATE };
		networks.push(await trainPerceptron(features, targets, training, random.fork(network), pause));
	}
	return new LearnedEstimator(networks, options.features);
}

function featuresOf(shape: ProfileShape, features: Features): readonly number[] {
	if (features === 'published') return publishedFeatures(shape);
	const { layers, hidden, heads, tensorParallel, pipelineParallel, microBatch, globalBatch, devices } = shape;
	const dataParallel = devices / (tensorParallel * pipelineParallel);
	const inFlight = Math.min(pipelineParallel, globalBatch / (dataParallel * microBatch));
	// Bytes of a parameter with its optimizer state split over the replicas: it levels off where replicas are many.
	const bytesPerParameter = 6 + 12 / dataParallel;
	return [
		hidden,
		heads,
		layers / pipelineParallel,
		tensorParallel,
		microBatch,
		inFlight,
		Math.min(2, pipelineParallel),
		bytesPerParameter,
	].map(Math.log);
}
