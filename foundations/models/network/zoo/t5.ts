/**
 * T5 (Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", 2020): an encoder and a decoder that attends
 * to it, norms before each part, no biases, a learned bias by distance on the scores of each stack's self-attention. As many tokens are
 * written as read; logits for every written token.
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { multiHeadAttention, plainFeedForward, type SequenceNetwork, type SequenceOptions } from './sequence-network.ts';

interface T5 {
	readonly hidden: number;
	readonly heads: number;
	readonly headDim: number;
	readonly inner: number;
	/** Blocks of each stack. */
	readonly blocks: number;
}

const VOCABULARY = 32_128;
/** Classes of distances. */
const BUCKETS = 32;

function t5(title: string, { hidden, heads, headDim, inner, blocks }: T5, { batch, tokens }: SequenceOptions): Network {
	const b = new NetworkBuilder();
	const table = b.weight('embedding.weight', [VOCABULARY, hidden]);
	const norm = (name: string, x: Tensor): Tensor => b.layerNormalisation(name, x, 'RMSNormalization');

	function stack(name: string, memory: Tensor | null): Tensor {
		let x = b.embedding(`${name}.embedding`, b.input(`${name}.tokens`, [batch, tokens], 64), table);
		const distances = b.input(`${name}.distances`, [tokens, tokens], 64);
		const bias = b.embedding(`${name}.distance`, distances, b.weight(`${name}.distance.weight`, [BUCKETS, heads]));
		for (let i = 0; i < blocks; i++) {
			const block = `${name}.${i}`;
			const part = (which: string, input: Tensor, change: (normed: Tensor) => Tensor): Tensor =>
				b.elementwise(`${block}.${which}.add`, 'Add', [input, change(norm(`${block}.${which}.norm`, input))]);
			const scoreBias = (scores: Tensor): Tensor => b.elementwise(`${block}.self.bias`, 'Add', [scores, bias]);
			const attention = { heads, headDim, bias: false, causal: memory !== null, scoreBias };
			x = part('self', x, (y) => multiHeadAttention(b, `${block}.self`, y, y, attention));
			if (memory !== null)
				x = part('cross', x, (y) =>
					multiHeadAttention(b, `${block}.cross`, y, memory, { heads, headDim, bias: false, causal: false }),
				);
			x = part('feedForward', x, (y) => plainFeedForward(b, `${block}.feedForward`, y, inner, false, 'Relu'));
		}
		return norm(`${name}.norm`, x);
	}

	const output = stack('decoder', stack('encoder', null));
	return b.build(title, 'Raffel et al. 2020', [b.linear('head', output, VOCABULARY, { bias: false, tied: table })]);
}

const t5Of = (name: string, title: string, shape: T5): SequenceNetwork => ({
	name,
	title,
	tokens: 512,
	cachedTokens: 0,
	caches: false,
	build: (options) => t5(title, shape, options),
});

export const t5s: readonly SequenceNetwork[] = [
	t5Of('t5-small', 'T5-small', { hidden: 512, heads: 8, headDim: 64, inner: 2048, blocks: 6 }),
	t5Of('t5-base', 'T5-base', { hidden: 768, heads: 12, headDim: 64, inner: 3072, blocks: 12 }),
	t5Of('t5-large', 'T5-large', { hidden: 1024, heads: 16, headDim: 64, inner: 4096, blocks: 24 }),
];
