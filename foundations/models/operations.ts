/**
 * Floating-point operations of a transformer. A multiply-accumulate counts as two. Counted: every matrix product, with
 * weights and between queries, keys and values. Not counted: norms, softmax, activations, rotary embedding, biases
 * and embedding look-ups, together about a percent of the whole at usual sizes.
 */
import { InputError } from '@assay/contract';
import { headMatrixParameters, layerMatrixParametersPerToken } from './parameters.ts';
import type { TransformerModel } from './transformer.ts';

/**
 * Operations of reading `promptTokens` tokens of one sequence after `cachedTokens` earlier ones whose keys and values are
 * kept (0 unless told; more for a chunk of a prompt or a shared prefix). Logits are computed for the last token only.
 *
 * `2·M·p + A·pairs + 2·H`: M layer weights a token meets, p prompt tokens, H weights of the output head,
 * A = `4·heads·headDim` per layer (queries with keys, then weights with values), or with latent attention
 * `2·heads·(nope + rope + value)` on the expanded keys and values. Causal: pairs = `p·cached + p(p+1)/2` — only the lower
 * triangle, which is what fused kernels compute; a kernel that computes the full square does almost twice the attention.
 * A sliding window bounds the pairs of its layers. An encoder's pairs are `p²`, and it has no logits.
 */
export function prefillFlops(model: TransformerModel, promptTokens: number, cachedTokens = 0): number {
	if (promptTokens <= 0) return 0;
	return (
		2 * layerMatrixParametersPerToken(model) * promptTokens +
		attentionFlops(model, promptTokens, cachedTokens, expandedFlopsPerPair(model)) +
		2 * headMatrixParameters(model)
	);
}

/**
 * Operations of generating one token of one sequence. `contextTokens` is what the new token attends to, itself included, so
 * at least 1. A batch does this once per sequence.
 *
 * `2·(M + H) + A·contextTokens`, terms as in {@link prefillFlops}, except that latent attention is computed on the cached
 * latent itself ("absorbed"): A = `2·heads·(2·kvRank + rope)` per layer, and the weight products stay the same in number.
 * Raises an `InputError` for an encoder, which does not generate.
 */
export function decodeFlops(model: TransformerModel, contextTokens: number): number {
	requireDecoder(model);
	return (
		2 * (layerMatrixParametersPerToken(model) + headMatrixParameters(model)) +
		attentionFlops(model, 1, contextTokens - 1, absorbedFlopsPerPair(model))
	);
}

/**
 * Operations of one training step on one sequence: forward with logits at every position, and twice that for the gradients
 * with respect to inputs and weights. Recomputation of activations is not included.
 */
export function trainingFlops(model: TransformerModel, sequenceTokens: number): number {
	const forward =
		2 * (layerMatrixParametersPerToken(model) + headMatrixParameters(model)) * sequenceTokens +
		attentionFlops(model, sequenceTokens, 0, expandedFlopsPerPair(model));
	return 3 * forward;
}

/** Raises an `InputError` unless the model generates tokens. */
export function requireDecoder(model: TransformerModel): void {
	if (!model.causal) {
		throw new InputError({
			path: ['model'],
			found: `${model.name}, an encoder`,
			expected: 'a model that generates tokens',
		});
	}
}

function attentionFlops(model: TransformerModel, newTokens: number, cachedTokens: number, flopsPerPair: number): number {
	const window = model.attention.kind === 'latent' ? null : model.attention.slidingWindow;
	const windowLayers = window?.layers ?? 0;
	const everything = attendedPairs(newTokens, cachedTokens, model.causal);
	const inWindow = window === null ? 0 : attendedPairs(newTokens, cachedTokens, model.causal, window.tokens);
	return flopsPerPair * ((model.layers - windowLayers) * everything + windowLayers * inWindow);
}

/**
 * Pairs of a new token and one that it attends to, itself included. All of `newTokens · (newTokens + cachedTokens)`, or causal ones only:
 * token i (from 1, after the cached ones) attends to `cached + i` tokens, or to the last `windowTokens` of them.
 */
export function attendedPairs(newTokens: number, cachedTokens: number, causal: boolean, windowTokens?: number): number {
	if (windowTokens !== undefined) {
		const growing = Math.max(0, Math.min(newTokens, windowTokens - cachedTokens));
		return growing * cachedTokens + (growing * (growing + 1)) / 2 + (newTokens - growing) * windowTokens;
	}
	return causal ? newTokens * cachedTokens + (newTokens * (newTokens + 1)) / 2 : newTokens * (newTokens + cachedTokens);
}

function expandedFlopsPerPair(model: TransformerModel): number {
	const { attention } = model;
	if (attention.kind !== 'latent') return 4 * attention.heads * attention.headDim;
	return 2 * attention.heads * (attention.nopeHeadDim + attention.ropeHeadDim + attention.valueHeadDim);
}

function absorbedFlopsPerPair(model: TransformerModel): number {
	const { attention } = model;
	if (attention.kind !== 'latent') return expandedFlopsPerPair(model);
	return 2 * attention.heads * (2 * attention.kvRank + attention.ropeHeadDim);
}
