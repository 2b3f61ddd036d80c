/** Memory that keys and values of past tokens take. */
import { bytesPerValue, type NumberFormat } from './number-format.ts';
import type { TransformerModel } from './transformer.ts';

/** The cache's usual format: that of the parameters, or bf16 where those are quantised below 16 bits. */
export function cacheFormat(model: TransformerModel): NumberFormat {
	return bytesPerValue(model.parametersDtype) < 2 ? 'bf16' : model.parametersDtype;
}

/**
 * Bytes one more token adds to the cache while no sliding window is full: `layers · 2 · kvHeads · headDim` values, or
 * with latent attention `layers · (kvRank + ropeHeadDim)` values.
 */
export function kvBytesPerToken(model: TransformerModel, format: NumberFormat = cacheFormat(model)): number {
	return model.layers * valuesPerTokenAndLayer(model) * bytesPerValue(format);
}

/** Bytes of one sequence's cache after `contextTokens` tokens; layers with a sliding window keep no more than the window. */
export function kvCacheBytes(model: TransformerModel, contextTokens: number, format: NumberFormat = cacheFormat(model)): number {
	return cachedTokenLayers(model, contextTokens) * valuesPerTokenAndLayer(model) * bytesPerValue(format);
}

/** Tokens kept, summed over layers. */
function cachedTokenLayers(model: TransformerModel, contextTokens: number): number {
	const window = model.attention.kind === 'latent' ? null : model.attention.slidingWindow;
	if (window === null) return model.layers * contextTokens;
	return (model.layers - window.layers) * contextTokens + window.layers * Math.min(contextTokens, window.tokens);
}

function valuesPerTokenAndLayer(model: TransformerModel): number {
	const { attention } = model;
	return attention.kind === 'latent' ? attention.kvRank + attention.ropeHeadDim : 2 * attention.kvHeads * attention.headDim;
}
