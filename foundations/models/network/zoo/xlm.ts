/**
 * XLM (Conneau and Lample, "Cross-lingual language model pretraining", 2019), the English model trained to fill in masked words: norms after each
 * sum and after the embeddings, learned positions, logits with the embedding's matrix for every token.
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network } from '../network.ts';
import { multiHeadAttention, plainFeedForward, type SequenceNetwork, type SequenceOptions } from './sequence-network.ts';

const HIDDEN = 2048;
const HEADS = 16;
const BLOCKS = 12;
const VOCABULARY = 30_145;
const POSITIONS = 512;

function xlm({ batch, tokens }: SequenceOptions): Network {
	const b = new NetworkBuilder();
	const table = b.weight('embedding.weight', [VOCABULARY, HIDDEN]);
	const words = b.embedding('embedding', b.input('tokens', [batch, tokens], 64), table);
	const places = b.embedding(
		'positions',
		b.input('positionIds', [tokens], 64),
		b.weight('positions.weight', [POSITIONS, HIDDEN]),
	);
	let x = b.layerNormalisation('embedding.norm', b.elementwise('embedding.add', 'Add', [words, places]));
	for (let i = 0; i < BLOCKS; i++) {
		const name = `layers.${i}`;
		const attended = multiHeadAttention(b, `${name}.attention`, x, x, {
			heads: HEADS,
			headDim: HIDDEN / HEADS,
			bias: true,
			causal: false,
		});
		x = b.layerNormalisation(`${name}.attention.norm`, b.elementwise(`${name}.attention.add`, 'Add', [x, attended]));
		const fed = plainFeedForward(b, `${name}.feedForward`, x, 4 * HIDDEN, true, 'Gelu');
		x = b.layerNormalisation(`${name}.feedForward.norm`, b.elementwise(`${name}.feedForward.add`, 'Add', [x, fed]));
	}
	return b.build('XLM (English, masked)', 'Conneau and Lample 2019; config of xlm-mlm-en-2048', [
		b.linear('head', x, VOCABULARY, { tied: table }),
	]);
}

export const xlms: readonly SequenceNetwork[] = [
	{ name: 'xlm-mlm-en-2048', title: 'XLM', tokens: 512, cachedTokens: 0, mostTokens: POSITIONS, caches: false, build: xlm },
];
