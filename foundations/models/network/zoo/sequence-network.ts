/** What networks on sequences of tokens have in common. */
import type { NetworkBuilder } from '../builder.ts';
import { attentionProducts } from '../from-transformer/attention.ts';
import type { Network, Tensor } from '../network.ts';

export interface SequenceOptions {
	readonly batch: number;
	readonly tokens: number;
	/** Earlier tokens that are attended to: a memory, a cache. */
	readonly cachedTokens: number;
}

export interface SequenceNetwork {
	readonly name: string;
	readonly title: string;
	/** Tokens, and cached ones, unless told. */
	readonly tokens: number;
	readonly cachedTokens: number;
	/** Most tokens, where positions are learned. */
	readonly mostTokens?: number;
	/** Whether `cachedTokens` means anything. */
	readonly caches: boolean;
	build(options: SequenceOptions): Network;
}

interface MultiHead {
	readonly heads: number;
	readonly headDim: number;
	readonly bias: boolean;
	readonly causal: boolean;
	/** A bias on the scores. */
	readonly scoreBias?: (scores: Tensor) => Tensor;
}

/** Attention of the tokens of `input` to those of `memory`, with four projections. Both are [batch, tokens, width]. */
export function multiHeadAttention(
	b: NetworkBuilder,
	name: string,
	input: Tensor,
	memory: Tensor,
	{ heads, headDim, bias, causal, scoreBias }: MultiHead,
): Tensor {
	const [batch = 1, tokens = 1, hidden = 1] = input.shape;
	const contextTokens = memory.shape[1] ?? 1;
	const width = heads * headDim;
	const query = b.linear(`${name}.query`, input, width, { bias });
	const key = b.linear(`${name}.key`, memory, width, { bias });
	const value = b.linear(`${name}.value`, memory, width, { bias });
	const pairs = causal ? tokens * (contextTokens - tokens) + (tokens * (tokens + 1)) / 2 : tokens * contextTokens;
	const sizes = { batch, heads, kvHeads: heads, tokens, contextTokens, headDim, valueHeadDim: headDim, pairs };
	return b.linear(`${name}.output`, attentionProducts(b, name, { query, key, value }, sizes, scoreBias), hidden, { bias });
}

/** Two matrices around an activation. */
export function plainFeedForward(
	b: NetworkBuilder,
	name: string,
	input: Tensor,
	width: number,
	bias: boolean,
	activation: string,
): Tensor {
	const inner = b.elementwise(`${name}.activation`, activation, [b.linear(`${name}.up`, input, width, { bias })]);
	return b.linear(`${name}.down`, inner, input.shape[2] ?? 1, { bias });
}
