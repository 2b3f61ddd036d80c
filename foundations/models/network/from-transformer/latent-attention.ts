/** Multi-head latent attention (DeepSeek-V2): keys and values are up-projections of one latent per token. */
import { attendedPairs } from '../../operations.ts';
import type { TransformerModel } from '../../transformer.ts';
import type { Tensor } from '../network.ts';
import { attentionProducts } from './attention.ts';
import { type BlockContext, norm } from './block-context.ts';

type LatentAttention = Extract<TransformerModel['attention'], { kind: 'latent' }>;

/**
 * For several tokens keys and values are expanded from the latent, those of cached tokens being kept expanded. For one token the
 * up-projections are absorbed into the queries and the output, and the products are with the latent itself.
 */
export function latentAttention(context: BlockContext, name: string, input: Tensor, attention: LatentAttention): Tensor {
	const { b, model, batch, tokens, cachedTokens } = context;
	const { heads, kvRank, nopeHeadDim, ropeHeadDim, valueHeadDim, queryKeyValueBias: bias } = attention;
	const query = queries(context, name, input, attention);
	const down = b.linear(`${name}.down`, input, kvRank + ropeHeadDim, { bias });
	const part = (which: string, width: number): Tensor => b.move(`${name}.down.${which}`, 'Slice', [down], [batch, tokens, width]);
	const latent = norm(context, `${name}.down.norm`, part('latent', kvRank));
	const rotary = b.elementwise(`${name}.rotary`, 'RotaryEmbedding', [part('rotary', ropeHeadDim)]);
	const contextTokens = tokens + cachedTokens;
	const pairs = attendedPairs(tokens, cachedTokens, model.causal);
	const all = (which: string, x: Tensor): Tensor => {
		const width = x.shape[2] ?? 0;
		if (cachedTokens === 0) return x;
		const before = b.input(`${name}.${which}.cache`, [batch, cachedTokens, width]);
		return b.move(`${name}.${which}.all`, 'Concat', [before, x], [batch, contextTokens, width]);
	};
	let attended: Tensor;
	if (tokens > 1 || !model.causal) {
		const up = b.linear(`${name}.up`, latent, heads * (nopeHeadDim + valueHeadDim), { bias: false });
		const keys = b.move(`${name}.key`, 'Concat', [up, rotary], [batch, tokens, heads * (nopeHeadDim + ropeHeadDim)]);
		const values = b.move(`${name}.value`, 'Slice', [up], [batch, tokens, heads * valueHeadDim]);
		const sizes = {
			batch,
			heads,
			kvHeads: heads,
			tokens,
			contextTokens,
			headDim: nopeHeadDim + ropeHeadDim,
			valueHeadDim,
			pairs,
		};
		attended = attentionProducts(b, name, { query, key: all('key', keys), value: all('value', values) }, sizes);
	} else {
		const keys = b.weight(`${name}.up.keys`, [heads, nopeHeadDim, kvRank]);
		const values = b.weight(`${name}.up.values`, [heads, kvRank, valueHeadDim]);
		const rows = batch * tokens;
		const absorbed = b.matrixProduct(
			`${name}.absorbed`,
			[query],
			{ batch: heads, m: rows, n: kvRank, k: nopeHeadDim, shape: [heads, rows, kvRank] },
			keys,
		);
		const kept = all('latent', b.move(`${name}.latent`, 'Concat', [latent, rotary], [batch, tokens, kvRank + ropeHeadDim]));
		const sizes = { batch, heads, kvHeads: 1, tokens, contextTokens, headDim: kvRank + ropeHeadDim, valueHeadDim: kvRank, pairs };
		const inLatent = attentionProducts(b, name, { query: absorbed, key: kept, value: kept }, sizes);
		const shape = [batch, tokens, heads * valueHeadDim];
		attended = b.matrixProduct(
			`${name}.expanded`,
			[inLatent],
			{ batch: heads, m: rows, n: valueHeadDim, k: kvRank, shape },
			values,
		);
	}
	return b.linear(`${name}.output`, attended, model.hidden, { bias: attention.outputBias });
}

function queries(context: BlockContext, name: string, input: Tensor, attention: LatentAttention): Tensor {
	const { b } = context;
	const { heads, queryRank, nopeHeadDim, ropeHeadDim, queryKeyValueBias: bias } = attention;
	const width = heads * (nopeHeadDim + ropeHeadDim);
	let x = input;
	if (queryRank !== null) x = norm(context, `${name}.query.down.norm`, b.linear(`${name}.query.down`, x, queryRank, { bias }));
	return b.elementwise(`${name}.query.rotary`, 'RotaryEmbedding', [b.linear(`${name}.query`, x, width, { bias: false })]);
}
