/** A decoder's products with weights, which the cache computes, in the order a token meets them. */
import type { TransformerModel } from '@assay/models';

export interface WeightProduct {
	readonly name: string;
	/** Inner dimension and number of outputs. */
	readonly depth: number;
	readonly columns: number;
	/** How often a step of the batch computes it, counting layers and the distinct experts that are visited. */
	readonly times: number;
	/** Tokens at once. */
	readonly tokens: number;
	readonly isHead: boolean;
}

/** All products of a step that gives each of `tokens` sequences one token. Experts are visited evenly and independently. */
export function weightProducts(model: TransformerModel, tokens: number): WeightProduct[] {
	const { attention, hidden, layers, feedForward, experts } = model;
	const products: WeightProduct[] = [];
	const add = (name: string, depth: number, columns: number, times: number, each = tokens, isHead = false): void => {
		if (times > 0) products.push({ name, depth, columns, times, tokens: each, isHead });
	};
	if (attention.kind === 'latent') {
		const { heads, queryRank, kvRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
		const queryWidth = heads * (nopeHeadDim + ropeHeadDim);
		if (queryRank === null) add('queries', hidden, queryWidth, layers);
		else {
			add('queries, down', hidden, queryRank, layers);
			add('queries, up', queryRank, queryWidth, layers);
		}
		add('keys and values, down', hidden, kvRank + ropeHeadDim, layers);
		add('keys and values, up', kvRank, heads * (nopeHeadDim + valueHeadDim), layers);
		add('attention output', heads * valueHeadDim, hidden, layers);
	} else {
		const { heads, kvHeads, headDim } = attention;
		add('queries', hidden, heads * headDim, layers);
		add('keys', hidden, kvHeads * headDim, layers);
		add('values', hidden, kvHeads * headDim, layers);
		add('attention output', heads * headDim, hidden, layers);
	}
	const addFeedForward = (what: string, width: number, times: number, each: number): void => {
		if (feedForward.kind === 'gated') add(`${what} gate`, hidden, width, times, each);
		add(`${what} up`, hidden, width, times, each);
		add(`${what} down`, width, hidden, times, each);
	};
	const expertLayers = experts === null ? 0 : layers - experts.denseLayers.length;
	addFeedForward('feed-forward', feedForward.width, layers - expertLayers, tokens);
	if (experts !== null) {
		const { count, activePerToken, width, shared } = experts;
		const distinct = Math.max(1, Math.round(count * (1 - (1 - activePerToken / count) ** tokens)));
		add('router', hidden, count, expertLayers);
		addFeedForward('expert', width, expertLayers * distinct, Math.ceil((tokens * activePerToken) / distinct));
		if (shared !== null) addFeedForward('shared expert', shared.width, expertLayers * shared.count, tokens);
	}
	if (model.outputHead !== 'pooler') add('output head', model.embeddingWidth ?? hidden, model.vocabulary, 1, tokens, true);
	return products;
}
