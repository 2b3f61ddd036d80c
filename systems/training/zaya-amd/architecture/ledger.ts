/** What a ZAYA model consists of: parameters by sublayer, operations per token, memory of its cache. */
import type { ZayaConfig } from './zaya-config.ts';

/** One row of the ledger. */
export interface LedgerEntry {
	readonly part: string;
	/** Parameters of one such part. */
	readonly parameters: number;
	readonly copies: number;
	/** Parameters of it that one token meets, over all copies. */
	readonly active: number;
}

export interface ZayaLedger {
	readonly entries: readonly LedgerEntry[];
	/** One attention sublayer with its norm. */
	readonly attentionSublayer: number;
	/** One mixture-of-experts sublayer with its norm, in any layer but the first. */
	readonly expertSublayer: number;
	/** All scales and biases on the residual stream. */
	readonly residualScaling: number;
	readonly total: number;
	readonly withoutEmbedding: number;
	/** Parameters without the embedding that a token meets when it visits one expert per layer. */
	readonly activeWithoutEmbedding: number;
	/** Biases that only choose experts; trained apart and in no other count. */
	readonly balanceBiases: number;
}

/** Values of one head's gate, up- and down-projection. */
export function expertParameters({ hidden, expertWidth }: ZayaConfig): number {
	return 3 * hidden * expertWidth;
}

/** Counts every parameter. */
export function zayaLedger(config: ZayaConfig): ZayaLedger {
	const { layers, hidden, queryHeads, kvHeads, headDim, experts, routerWidth, vocabulary } = config;
	const queryWidth = queryHeads * headDim;
	const keyWidth = kvHeads * headDim;
	const mixed = queryWidth + keyWidth;
	const attention = {
		'query and key projections': hidden * mixed,
		'value projections (current and delayed half)': hidden * keyWidth,
		'depthwise convolution': 3 * mixed,
		'grouped convolution': mixed * headDim * 2 + mixed,
		'key temperatures': kvHeads,
		'output projection': queryWidth * hidden,
		'attention norm': hidden,
	};
	const router = {
		'router projection': routerWidth * hidden + routerWidth,
		'router norm': routerWidth,
		'router hidden layers': 2 * (routerWidth * routerWidth + routerWidth),
		'router output': routerWidth * (experts + 1),
	};
	const expert = expertParameters(config);
	const entries: LedgerEntry[] = [];
	const add = (part: string, parameters: number, copies: number, active = parameters * copies): void => {
		entries.push({ part, parameters, copies, active });
	};
	for (const [part, parameters] of Object.entries(attention)) add(part, parameters, layers);
	for (const [part, parameters] of Object.entries(router)) add(part, parameters, layers);
	add('router state from the layer before', routerWidth, layers - 1);
	add('experts', expert, layers * experts, expert * layers);
	add('expert norm', hidden, layers);
	add('residual scales and biases', 4 * hidden, 2 * layers);
	add('input scale and bias', 2 * hidden, 1);
	add('final norm', hidden, 1);
	const withoutEmbedding = entries.reduce((sum, { parameters, copies }) => sum + parameters * copies, 0);
	const activeWithoutEmbedding = entries.reduce((sum, { active }) => sum + active, 0);
	add('embedding, tied with the output', vocabulary * hidden, 1);
	const sum = (parts: Record<string, number>): number => Object.values(parts).reduce((total, one) => total + one, 0);
	return {
		entries,
		attentionSublayer: sum(attention),
		expertSublayer: sum(router) + routerWidth + experts * expert + hidden,
		residualScaling: 8 * hidden * layers,
		total: withoutEmbedding + vocabulary * hidden,
		withoutEmbedding,
		activeWithoutEmbedding,
		balanceBiases: layers * (experts + 1),
	};
}

/** Floating-point operations of training on one token, forward and backward. */
export interface TrainingOperations {
	/** Six per active parameter outside the embedding. */
	readonly body: number;
	readonly outputLayer: number;
	/** Scores and weighted values over the causal mean of the context. */
	readonly attention: number;
	readonly total: number;
}

/** Operations per token at a sequence length; attention sees half the sequence on average. */
export function zayaTrainingOperations(config: ZayaConfig, sequenceTokens: number): TrainingOperations {
	const body = 6 * zayaLedger(config).activeWithoutEmbedding;
	const outputLayer = 6 * config.vocabulary * config.hidden;
	const attention = 3 * config.layers * 4 * config.queryHeads * config.headDim * (sequenceTokens / 2);
	return { body, outputLayer, attention, total: body + outputLayer + attention };
}

/** Values that one token leaves in the cache of all layers. */
export function zayaCacheValuesPerToken({ layers, kvHeads, headDim }: ZayaConfig): number {
	return layers * 2 * kvHeads * headDim;
}

/** How many times smaller the cache of a token and the queries are than with a head of width d for each d of `hidden`. */
export function zayaCompression(config: ZayaConfig): { readonly cache: number; readonly queries: number } {
	const { hidden, headDim, queryHeads, kvHeads } = config;
	const heads = hidden / headDim;
	return { cache: heads / kvHeads, queries: heads / queryHeads };
}

/** Evenness of the load on experts: entropy of the shares over the entropy of equal shares; 1 is even, 0 all on one. */
export function loadBalance(counts: readonly number[]): number {
	const total = counts.reduce((sum, count) => sum + count, 0);
	if (total === 0 || counts.length < 2) return 1;
	const entropy = counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)), 0);
	return entropy / Math.log(counts.length);
}
