/** Attention with as many or fewer key-value heads as heads. */
import { attendedPairs } from '../../operations.ts';
import type { StandardAttention, TransformerModel } from '../../transformer.ts';
import type { Tensor } from '../network.ts';
import { attentionProducts } from './attention.ts';
import { type BlockContext, norm } from './block-context.ts';

/** A layer with a sliding window keeps the keys that its tokens can see, and the products are over those. */
export function standardAttention(
	context: BlockContext,
	name: string,
	input: Tensor,
	attention: StandardAttention,
	layer: number,
): Tensor {
	const { b, model, batch, tokens, cachedTokens } = context;
	const { heads, kvHeads, headDim, queryKeyValueBias: bias } = attention;
	const window = isWindowed(model, layer) ? attention.slidingWindow?.tokens : undefined;
	const kept = window === undefined ? cachedTokens : Math.min(cachedTokens, window - 1);
	const positioned = (part: string, x: Tensor): Tensor => {
		const normed = attention.queryKeyNorm ? norm(context, `${name}.${part}.norm`, x, headDim) : x;
		return model.position.kind === 'rotary' ? b.elementwise(`${name}.${part}.rotary`, 'RotaryEmbedding', [normed]) : normed;
	};
	const cached = (part: string, x: Tensor): Tensor => {
		if (kept === 0) return x;
		const before = b.input(`${name}.${part}.cache`, [batch, kept, kvHeads * headDim]);
		return b.move(`${name}.${part}.all`, 'Concat', [before, x], [batch, kept + tokens, kvHeads * headDim]);
	};
	const query = positioned('query', b.linear(`${name}.query`, input, heads * headDim, { bias }));
	const key = cached('key', positioned('key', b.linear(`${name}.key`, input, kvHeads * headDim, { bias })));
	const value = cached('value', b.linear(`${name}.value`, input, kvHeads * headDim, { bias }));
	const pairs = attendedPairs(tokens, cachedTokens, model.causal, window);
	const sizes = { batch, heads, kvHeads, tokens, contextTokens: kept + tokens, headDim, valueHeadDim: headDim, pairs };
	const linearBias = (scores: Tensor): Tensor => b.elementwise(`${name}.bias`, 'Add', [scores]);
	const attended = attentionProducts(
		b,
		name,
		{ query, key, value },
		sizes,
		model.position.kind === 'alibi' ? linearBias : undefined,
	);
	return b.linear(`${name}.output`, attended, model.hidden, { bias: attention.outputBias });
}

/** Layers with a window are spread evenly. */
function isWindowed(model: TransformerModel, layer: number): boolean {
	const window = model.attention.kind === 'latent' ? null : model.attention.slidingWindow;
	if (window === null) return false;
	const before = (end: number): number => Math.floor((end * window.layers) / model.layers);
	return before(layer + 1) > before(layer);
}
