/**
 * Transformer-XL (Dai et al., "Transformer-XL: attentive language models beyond a fixed-length context", 2019), the large model of WikiText-103.
 * Tokens attend to themselves, earlier ones and a memory of past segments; scores are the sum of a product with keys and one with
 * projected distances. The vocabulary is in four clusters whose embeddings are narrower the rarer the words; the network ends before the
 * adaptive softmax, whose work hangs on the words.
 */
import { NetworkBuilder } from '../builder.ts';
import { attentionProducts } from '../from-transformer/attention.ts';
import type { AttentionMask, Network, Tensor } from '../network.ts';
import { plainFeedForward, type SequenceNetwork, type SequenceOptions } from './sequence-network.ts';

const HIDDEN = 1024;
const HEADS = 16;
const HEAD_DIM = 64;
const INNER = 4096;
const BLOCKS = 18;
/** Words of each cluster, most frequent first; a cluster's embedding is a quarter as wide as the one before. */
const CLUSTERS = [20_000, 20_000, 160_000, 67_735];

function transformerXl({ batch, tokens, cachedTokens }: SequenceOptions): Network {
	const b = new NetworkBuilder();
	const contextTokens = tokens + cachedTokens;
	const pairs = tokens * cachedTokens + (tokens * (tokens + 1)) / 2;
	const distances = b.input('distances', [1, contextTokens, HIDDEN]);
	let x = words(b, b.input('tokens', [batch, tokens], 64));
	for (let i = 0; i < BLOCKS; i++) {
		const name = `layers.${i}`;
		const memory =
			cachedTokens === 0
				? x
				: b.move(
						`${name}.context`,
						'Concat',
						[b.input(`${name}.memory`, [batch, cachedTokens, HIDDEN]), x],
						[batch, contextTokens, HIDDEN],
					);
		const linear = (part: string, input: Tensor): Tensor =>
			b.linear(`${name}.attention.${part}`, input, HEADS * HEAD_DIM, { bias: false });
		const biased = (part: string, query: Tensor): Tensor =>
			b.add(
				`${name}.attention.${part}`,
				'Add',
				{ kind: 'elementwise' },
				[query],
				[b.weight(`${name}.attention.${part}.weight`, [HEADS, HEAD_DIM])],
				query.shape,
			);
		const query = linear('query', x);
		const places = linear('distance', distances);
		const mask: AttentionMask | null = pairs === tokens * contextTokens ? null : { part: 'scores', unmaskedPairs: pairs };
		const byDistance = b.matrixProduct(`${name}.attention.distance.scores`, [biased('distance.bias', query), places], {
			batch: batch * HEADS,
			m: tokens,
			n: contextTokens,
			k: HEAD_DIM,
			shape: [batch, HEADS, tokens, contextTokens],
			mask,
		});
		const sizes = {
			batch,
			heads: HEADS,
			kvHeads: HEADS,
			tokens,
			contextTokens,
			headDim: HEAD_DIM,
			valueHeadDim: HEAD_DIM,
			pairs,
		};
		const operands = { query: biased('content.bias', query), key: linear('key', memory), value: linear('value', memory) };
		const sum = (scores: Tensor): Tensor => b.elementwise(`${name}.attention.sum`, 'Add', [scores, byDistance]);
		const attended = b.linear(
			`${name}.attention.output`,
			attentionProducts(b, `${name}.attention`, operands, sizes, sum),
			HIDDEN,
			{ bias: false },
		);
		x = b.layerNormalisation(`${name}.attention.norm`, b.elementwise(`${name}.attention.add`, 'Add', [x, attended]));
		const fed = plainFeedForward(b, `${name}.feedForward`, x, INNER, true, 'Relu');
		x = b.layerNormalisation(`${name}.feedForward.norm`, b.elementwise(`${name}.feedForward.add`, 'Add', [x, fed]));
	}
	return b.build('Transformer-XL large', 'Dai et al. 2019; config of transfo-xl-wt103', [x]);
}

/** Each word is looked up in its cluster's table and projected to the model's width; the work is counted as if all were frequent. */
function words(b: NetworkBuilder, tokens: Tensor): Tensor {
	const [batch = 1, length = 1] = tokens.shape;
	const tables = CLUSTERS.map((rows, i) => b.weight(`embedding.${i}.weight`, [rows, HIDDEN / 4 ** i]));
	const projections = tables.map(({ shape }, i) => b.weight(`embedding.${i}.projection`, [shape[1] ?? 1, HIDDEN]));
	const rows = CLUSTERS.reduce((sum, one) => sum + one, 0);
	const looked = b.add(
		'embedding',
		'Gather',
		{ kind: 'embedding', rows, width: HIDDEN, lookups: batch * length },
		[tokens],
		tables,
		[batch, length, HIDDEN],
	);
	const product = {
		kind: 'matrix-product',
		batch: 1,
		m: batch * length,
		n: HIDDEN,
		k: HIDDEN,
		secondOperand: 'weight',
		mask: null,
	} as const;
	return b.add('embedding.projection', 'MatMul', product, [looked], projections, [batch, length, HIDDEN]);
}

export const transformerXls: readonly SequenceNetwork[] = [
	{
		name: 'transformer-xl-large',
		title: 'Transformer-XL large',
		tokens: 128,
		cachedTokens: 1600,
		caches: true,
		build: transformerXl,
	},
];
