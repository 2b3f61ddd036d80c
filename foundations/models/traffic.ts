/**
 * Bytes a transformer moves between memory and compute units. Weights are read once per step however large the batch
 * (they stay on chip while all its tokens use them); activations, small beside weights and cache, are not counted.
 */
import { cacheFormat, kvCacheBytes } from './kv-cache.ts';
import { bytesPerValue, type NumberFormat } from './number-format.ts';
import { requireDecoder } from './operations.ts';
import { expertLayers, expertParameters, parameterCount } from './parameters.ts';
import type { TransformerModel } from './transformer.ts';

/** Bytes moved in one step. */
export interface Traffic {
	readonly weightBytes: number;
	/** Keys and values: read while decoding, read and written while reading a prompt. */
	readonly cacheBytes: number;
	readonly totalBytes: number;
}

/**
 * Bytes read to generate one token for each of `batch` sequences, each attending to `contextTokens` tokens:
 * the weights ({@link weightBytesRead}) and `batch` caches. Raises an `InputError` for an encoder.
 */
export function decodeBytes(
	model: TransformerModel,
	contextTokens: number,
	batch = 1,
	weightFormat: NumberFormat = model.parametersDtype,
	keyValueFormat: NumberFormat = cacheFormat(model),
): Traffic {
	requireDecoder(model);
	return traffic(weightBytesRead(model, batch, weightFormat), batch * kvCacheBytes(model, contextTokens, keyValueFormat));
}

/**
 * Bytes moved to read a prompt of `promptTokens` tokens in each of `batch` sequences: the weights once, and the keys
 * and values written once. Fused attention keeps the rest of its reads on chip.
 */
export function prefillBytes(
	model: TransformerModel,
	promptTokens: number,
	batch = 1,
	weightFormat: NumberFormat = model.parametersDtype,
	keyValueFormat: NumberFormat = cacheFormat(model),
): Traffic {
	return traffic(
		weightBytesRead(model, batch * promptTokens, weightFormat),
		batch * kvCacheBytes(model, promptTokens, keyValueFormat),
	);
}

/**
 * Bytes of weights that a step over `tokens` tokens reads: all of them, except that of a table that is only looked up
 * (an untied embedding, learned positions) just a row per token counts, and of routed experts just the expected number
 * of distinct ones, {@link expectedDistinctExperts}.
 */
export function weightBytesRead(model: TransformerModel, tokens: number, format: NumberFormat = model.parametersDtype): number {
	const count = parameterCount(model);
	const width = model.embeddingWidth ?? model.hidden;
	const lookedUpRows = Math.min(tokens, model.vocabulary);
	const unreadEmbedding = model.outputHead === 'tied' ? 0 : (model.vocabulary - lookedUpRows) * width;
	const unreadPositions = model.position.kind === 'learned' ? Math.max(0, model.position.positions - tokens) * model.hidden : 0;
	const experts = model.experts;
	const idleExperts =
		experts === null
			? 0
			: expertLayers(model) *
				expertParameters(model) *
				(experts.count - expectedDistinctExperts(experts.count, experts.activePerToken, tokens));
	return (count.total - unreadEmbedding - unreadPositions - idleExperts) * bytesPerValue(format);
}

/**
 * Expected number of different experts that `tokens` tokens visit in one layer when each picks `activePerToken` of
 * `count` uniformly and independently: `count · (1 − (1 − activePerToken/count)^tokens)`. Real routers are less even, so
 * this is an upper estimate.
 */
export function expectedDistinctExperts(count: number, activePerToken: number, tokens: number): number {
	return count * (1 - (1 - activePerToken / count) ** tokens);
}

function traffic(weightBytes: number, cacheBytes: number): Traffic {
	return { weightBytes, cacheBytes, totalBytes: weightBytes + cacheBytes };
}
