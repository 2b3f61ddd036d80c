/** Text generation, token by token: the prompt once, then one token after another from its distribution. */
import type { Random } from '@assay/contract';
import { forward, SequenceState } from './forward.ts';
import type { ZayaWeights } from './zaya-weights.ts';

export interface GenerateOptions {
	readonly newTokens: number;
	/** 0 takes the likeliest token; 1 draws from the model's own distribution. */
	readonly temperature: number;
	/** Draws among the likeliest so many; 0: all. */
	readonly topK: number;
	readonly random: Random;
	readonly pause: () => Promise<void>;
	readonly onToken?: (done: number) => void;
}

export interface Generation {
	readonly tokens: readonly number[];
	/** Natural logarithm of the probability the model gave each new token. */
	readonly logProbabilities: readonly number[];
	/** Tokens per layer and expert, the skips last. */
	readonly load: readonly (readonly number[])[];
	/** Negative mean log-probability of the prompt's tokens after the first; NaN for a prompt of one. */
	readonly promptNegativeLogLikelihood: number;
}

/** Continues a prompt of at least one token. */
export async function generate(weights: ZayaWeights, prompt: ArrayLike<number>, options: GenerateOptions): Promise<Generation> {
	const { config } = weights;
	const state = new SequenceState(config, prompt.length + options.newTokens);
	const load = weights.layers.map(() => new Array<number>(config.experts + 1).fill(0));
	const record = ({ routing }: Awaited<ReturnType<typeof forward>>): void => {
		for (const [layer, { experts }] of routing.entries()) {
			const counts = load[layer] as number[];
			for (const expert of experts) {
				const slot = expert < 0 ? config.experts : expert;
				counts[slot] = (counts[slot] as number) + 1;
			}
		}
	};
	let result = await forward(weights, prompt, state, { pause: options.pause });
	record(result);
	let likelihood = 0;
	for (let t = 0; t + 1 < prompt.length; t++) {
		likelihood += logSoftmaxAt(result.logits, t * config.vocabulary, config.vocabulary, prompt[t + 1] as number);
	}
	const tokens: number[] = [];
	const logProbabilities: number[] = [];
	let logits = result.logits.subarray((prompt.length - 1) * config.vocabulary);
	while (tokens.length < options.newTokens) {
		const next = pick(logits, options);
		tokens.push(next);
		logProbabilities.push(logSoftmaxAt(logits, 0, config.vocabulary, next));
		options.onToken?.(tokens.length);
		if (tokens.length === options.newTokens) break;
		result = await forward(weights, [next], state, { pause: options.pause });
		record(result);
		logits = result.logits;
	}
	return { tokens, logProbabilities, load, promptNegativeLogLikelihood: -likelihood / (prompt.length - 1) };
}

function pick(logits: Float32Array, { temperature, topK, random }: GenerateOptions): number {
	if (temperature === 0) {
		let best = 0;
		for (let id = 1; id < logits.length; id++) if ((logits[id] as number) > (logits[best] as number)) best = id;
		return best;
	}
	const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
	const largest = logits[order[0] as number] as number;
	const kept = topK > 0 ? order.slice(0, topK) : order;
	const weights = kept.map((id) => Math.exp(((logits[id] as number) - largest) / temperature));
	let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
	for (const [i, weight] of weights.entries()) {
		left -= weight;
		if (left < 0) return kept[i] as number;
	}
	return kept.at(-1) as number;
}

function logSoftmaxAt(logits: Float32Array, offset: number, size: number, id: number): number {
	let largest = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < size; i++) largest = Math.max(largest, logits[offset + i] as number);
	let sum = 0;
	for (let i = 0; i < size; i++) sum += Math.exp((logits[offset + i] as number) - largest);
	return (logits[offset + id] as number) - largest - Math.log(sum);
}
