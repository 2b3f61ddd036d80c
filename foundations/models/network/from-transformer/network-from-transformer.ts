/**
 * A transformer's description as a network, for reading a prompt or for generating a token: the products that operations.ts counts, and
 * around them norms, softmax, activations, look-ups and caches. Views that move nothing (splitting into heads) are left out.
 */
import { InputError, type Path } from '@assay/contract';
import { cacheFormat } from '../../kv-cache.ts';
import { bytesPerValue } from '../../number-format.ts';
import type { TransformerModel } from '../../transformer.ts';
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { type BlockContext, norm } from './block-context.ts';
import { expertFeedForward, feedForward } from './feed-forward.ts';
import { latentAttention } from './latent-attention.ts';
import { standardAttention } from './standard-attention.ts';

export interface TransformerRun {
	/** Sequences. */
	readonly batch: number;
	/** New tokens of each. A decoder's one token after cached ones is a step of generation. */
	readonly tokens: number;
	/** Earlier tokens whose keys and values are kept; 0 unless told. */
	readonly cachedTokens?: number | undefined;
}

/**
 * The network of one pass over `tokens` new tokens of each sequence, with logits for the last token. With every masked pair skipped
 * it has as many multiply-accumulates as `prefillFlops` counts, halved and for the whole batch, or, for one token, as `decodeFlops` does;
 * beyond these, the projection into a narrow embedding's model and BERT's pooler.
 * Latent attention works on expanded keys and values, and for one token on the latent itself. Tokens visit experts evenly.
 * Raises an `InputError` under `place` for numbers that are none, and for an encoder with cached tokens.
 */
export function networkFromTransformer(model: TransformerModel, run: TransformerRun, place: Path = ['model']): Network {
	const { batch, tokens, cachedTokens = 0 } = run;
	check(model, { batch, tokens, cachedTokens }, place);
	const b = new NetworkBuilder(8 * bytesPerValue(cacheFormat(model)), 8 * bytesPerValue(model.parametersDtype));
	const context: BlockContext = { b, model, batch, tokens, cachedTokens };
	let x = embeddings(context);
	for (let layer = 0; layer < model.layers; layer++) x = block(context, `layers.${layer}`, x, layer);
	if (model.norms.final) x = norm(context, 'norm', x);
	return b.build(`${model.name}, ${batch} of ${tokens} tokens after ${cachedTokens}`, model.source, [head(context, x)]);
}

function check(model: TransformerModel, run: Pick<BlockContext, 'batch' | 'tokens' | 'cachedTokens'>, place: Path): void {
	for (const [key, value] of Object.entries(run)) {
		const least = key === 'cachedTokens' ? 0 : 1;
		if (!Number.isSafeInteger(value) || value < least)
			throw new InputError({ path: [...place, key], found: String(value), expected: `a whole number from ${least}` });
	}
	if (!model.causal && run.cachedTokens > 0)
		throw new InputError({
			path: [...place, 'cachedTokens'],
			found: String(run.cachedTokens),
			expected: '0 for an encoder, which keeps none',
		});
	const { position } = model;
	if (position.kind === 'learned' && run.tokens + run.cachedTokens > position.positions) {
		throw new InputError({
			path: [...place, 'tokens'],
			found: `${run.tokens + run.cachedTokens} tokens with those cached`,
			expected: `at most ${position.positions}, the positions that ${model.name} has learned`,
		});
	}
}

/** Tokens, positions and types, summed. */
function embeddings({ b, model, batch, tokens }: BlockContext): Tensor {
	const ids = b.input('tokens', [batch, tokens], 64);
	const width = model.embeddingWidth ?? model.hidden;
	let x = b.embedding('embedding', ids, b.weight('embedding.weight', [model.vocabulary, width]));
	if (model.embeddingWidth !== null) x = b.linear('embedding.projection', x, model.hidden, { bias: false });
	if (model.position.kind === 'learned') {
		const places = b.input('positionIds', [tokens], 64);
		const table = b.weight('positions.weight', [model.position.positions, model.hidden]);
		x = b.elementwise('positions.add', 'Add', [x, b.embedding('positions', places, table)]);
	}
	if (model.tokenTypes > 0) {
		const types = b.input('typeIds', [batch, tokens], 64);
		x = b.elementwise('types.add', 'Add', [
			x,
			b.embedding('types', types, b.weight('types.weight', [model.tokenTypes, model.hidden])),
		]);
	}
	return model.norms.embedding ? norm({ b, model }, 'embedding.norm', x) : x;
}

/**
 * A block's norms stand, as far as there are any: before attention, before the feed-forward, after each; further ones at the end. A single
 * one is read by attention and feed-forward side by side. Without a final norm (BERT) they stand after each sum.
 */
function block(context: BlockContext, name: string, input: Tensor, layer: number): Tensor {
	const { b, model } = context;
	const count = model.norms.perLayer;
	const normed = (part: string, x: Tensor, exists: boolean): Tensor => (exists ? norm(context, `${name}.${part}`, x) : x);
	const attention = (x: Tensor): Tensor =>
		model.attention.kind === 'latent'
			? latentAttention(context, `${name}.attention`, x, model.attention)
			: standardAttention(context, `${name}.attention`, x, model.attention, layer);
	const dense = model.experts === null || model.experts.denseLayers.includes(layer);
	const wide = (x: Tensor): Tensor =>
		dense ? feedForward(context, `${name}.feedForward`, x) : expertFeedForward(context, `${name}.experts`, x);
	const add = (part: string, x: Tensor, y: Tensor): Tensor => b.elementwise(`${name}.${part}`, 'Add', [x, y]);
	if (count === 1) {
		const shared = normed('norm', input, true);
		return add('feedForward.add', add('attention.add', input, attention(shared)), wide(shared));
	}
	if (!model.norms.final) {
		const middle = normed('attention.norm', add('attention.add', input, attention(input)), count > 0);
		return extra(normed('feedForward.norm', add('feedForward.add', middle, wide(middle)), count > 1), 2);
	}
	const attended = normed('attention.after', attention(normed('attention.norm', input, count > 0)), count > 2);
	const middle = add('attention.add', input, attended);
	const fed = normed('feedForward.after', wide(normed('feedForward.norm', middle, count > 1)), count > 3);
	return extra(add('feedForward.add', middle, fed), 4);

	function extra(x: Tensor, from: number): Tensor {
		let y = x;
		for (let i = from; i < count; i++) y = normed(`norm${i + 1}`, y, true);
		return y;
	}
}

/** Logits of the last token, or BERT's pooler over the first. */
function head({ b, model, batch }: BlockContext, input: Tensor): Tensor {
	const one = b.move(model.outputHead === 'pooler' ? 'first' : 'last', 'Slice', [input], [batch, model.hidden]);
	if (model.outputHead === 'pooler') return b.elementwise('pooler.tanh', 'Tanh', [b.linear('pooler', one, model.hidden)]);
	const width = model.embeddingWidth ?? model.hidden;
	const x = model.embeddingWidth === null ? one : b.linear('head.projection', one, width, { bias: false });
	const tied = model.outputHead === 'tied' ? { tied: b.weight('embedding.weight', [model.vocabulary, width]) } : {};
	return b.linear('head', x, model.vocabulary, { bias: model.outputHeadBias, ...tied });
}
