/** The products of an attention by heads, as layers. */
import type { NetworkBuilder } from '../builder.ts';
import type { AttentionMask, Tensor } from '../network.ts';

interface AttentionSizes {
	readonly batch: number;
	readonly heads: number;
	/** Heads that share keys and values stand in one product, their queries one below another. */
	readonly kvHeads: number;
	readonly tokens: number;
	/** Keys that are multiplied with, masked ones included. */
	readonly contextTokens: number;
	readonly headDim: number;
	readonly valueHeadDim: number;
	/** Pairs of a token and one that it attends to; all of them where there is no mask. */
	readonly pairs: number;
}

/**
 * Queries with keys, a softmax over each query's scores, and its weights with the values. `bias`: a learned or computed bias that is added to
 * the scores. Gives [batch, tokens, heads · valueHeadDim].
 */
export function attentionProducts(
	b: NetworkBuilder,
	name: string,
	{ query, key, value }: { readonly query: Tensor; readonly key: Tensor; readonly value: Tensor },
	sizes: AttentionSizes,
	bias: (scores: Tensor) => Tensor = (scores) => scores,
): Tensor {
	const { batch, heads, kvHeads, tokens, contextTokens, headDim, valueHeadDim, pairs } = sizes;
	const group = heads / kvHeads;
	const products = { batch: batch * kvHeads, m: group * tokens };
	const mask = (part: AttentionMask['part']): AttentionMask | null =>
		pairs === tokens * contextTokens ? null : { part, unmaskedPairs: group * pairs };
	const scores = b.matrixProduct(`${name}.scores`, [query, key], {
		...products,
		n: contextTokens,
		k: headDim,
		shape: [batch, heads, tokens, contextTokens],
		mask: mask('scores'),
	});
	const weights = b.softmax(`${name}.softmax`, bias(scores));
	return b.matrixProduct(`${name}.context`, [weights, value], {
		...products,
		n: valueHeadDim,
		k: contextTokens,
		shape: [batch, tokens, heads * valueHeadDim],
		mask: mask('context'),
	});
}
