/**
 * Papers like those that a person voted for: logistic regression on the papers' vectors, what was upvoted against a random
 * sample of the rest, both sides counting alike; fitted by gradient descent on a convex function, so that there is one answer.
 */
import { createRandom } from '@assay/contract';

/** The vectors of papers, each of length 1. */
export interface PaperVectorSource {
	readonly dimensions: number;
	keys(): readonly number[];
	get(id: number): Float32Array | undefined;
}

export interface ForYouPaper {
	readonly id: number;
	/** Probability by the model, from 0 to 1. */
	readonly score: number;
}

export interface ForYouOptions {
	readonly limit: number;
	readonly seed: number;
	/** Only these are recommended; all unless given. */
	readonly candidates?: readonly number[];
}

/** Papers drawn for each upvoted one, and at least this many. */
const SAMPLE_PER_VOTE = 4;
const LEAST_SAMPLE = 100;
const STEPS = 200;
/** The penalty on the weights; the step is the inverse of a bound of the curvature, 1/4 x 2 for vectors of length 1 with a constant. */
const REGULARISATION = 0.01;
const STEP = 1 / (0.5 + REGULARISATION);

/** The papers not yet upvoted that the model finds most probable, best first; none while nothing known was upvoted. */
export function forYou(vectors: PaperVectorSource, upvoted: readonly number[], options: ForYouOptions): ForYouPaper[] {
	const liked = new Set(upvoted.filter((id) => vectors.get(id) !== undefined));
	if (liked.size === 0) return [];
	const others = [...vectors.keys()].filter((id) => !liked.has(id)).sort((a, b) => a - b);
	const size = Math.max(LEAST_SAMPLE, SAMPLE_PER_VOTE * liked.size);
	const sample = createRandom(options.seed)
		.fork('for-you')
		.shuffle([...others])
		.slice(0, size);
	const model = fit(
		vectors,
		[...liked].sort((a, b) => a - b),
		sample,
	);
	return (options.candidates ?? others)
		.filter((id) => !liked.has(id))
		.flatMap((id) => {
			const vector = vectors.get(id);
			return vector === undefined ? [] : [{ id, score: probability(model, vector) }];
		})
		.sort((a, b) => b.score - a.score || b.id - a.id)
		.slice(0, options.limit);
}

interface Model {
	readonly weights: Float64Array;
	readonly constant: number;
}

function probability({ weights, constant }: Model, vector: Float32Array): number {
	let sum = constant;
	for (let i = 0; i < weights.length; i++) sum += weights[i]! * vector[i]!;
	return 1 / (1 + Math.exp(-sum));
}

function fit(vectors: PaperVectorSource, liked: readonly number[], sample: readonly number[]): Model {
	let model: Model = { weights: new Float64Array(vectors.dimensions), constant: 0 };
	const sides = [
		{ ids: liked, target: 1 },
		{ ids: sample, target: 0 },
	].filter(({ ids }) => ids.length > 0);
	for (let step = 0; step < STEPS; step++) {
		const gradient = model.weights.map((weight) => REGULARISATION * weight);
		let constantGradient = 0;
		for (const { ids, target } of sides) {
			const share = 1 / (sides.length * ids.length);
			for (const id of ids) {
				const vector = vectors.get(id)!;
				const error = share * (probability(model, vector) - target);
				constantGradient += error;
				for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! + error * vector[i]!;
			}
		}
		model = {
			weights: model.weights.map((weight, i) => weight - STEP * gradient[i]!),
			constant: model.constant - STEP * constantGradient,
		};
	}
	return model;
}
