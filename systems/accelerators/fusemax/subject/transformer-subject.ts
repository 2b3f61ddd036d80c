/** A described transformer's attention and the products around it. */
import type { TransformerModel } from '@assay/models';
import type { AttentionSubject, Heads, TokenProduct } from './subject.ts';

/** The attention of a layer of a model. */
export function transformerSubject(model: TransformerModel): AttentionSubject {
	const { attention, hidden } = model;
	const notes: string[] = [];
	if (model.causal) notes.push('Causal attention is counted in full, as published: tiles above the diagonal are not skipped.');
	let heads: Heads;
	const projections: TokenProduct[] = [];
	const product = (name: string, inner: number, outer: number, count = 1, experts: number | null = null) =>
		projections.push({ name, inner, outer, count, experts });
	if (attention.kind === 'latent') {
		const { kvRank, queryRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
		heads = {
			heads: attention.heads,
			kvHeads: attention.heads,
			queryKeyWidth: nopeHeadDim + ropeHeadDim,
			valueWidth: valueHeadDim,
		};
		notes.push('Latent attention is run with keys and values unpacked for every head.');
		if (queryRank !== null) product('query down', hidden, queryRank);
		product('query', queryRank ?? hidden, attention.heads * (nopeHeadDim + ropeHeadDim));
		product('keys and values down', hidden, kvRank + ropeHeadDim);
		product('keys and values', kvRank, attention.heads * (nopeHeadDim + valueHeadDim));
		product('output', attention.heads * valueHeadDim, hidden);
	} else {
		const { kvHeads, headDim, slidingWindow } = attention;
		heads = { heads: attention.heads, kvHeads, queryKeyWidth: headDim, valueWidth: headDim };
		if (slidingWindow !== null) notes.push('Its sliding window is not used: every layer attends to all keys.');
		product('Q', hidden, attention.heads * headDim);
		product('K, V', hidden, kvHeads * headDim, 2);
		product('output', attention.heads * headDim, hidden);
	}
	const ups = model.feedForward.kind === 'gated' ? 2 : 1;
	if (model.experts === null) {
		product('feed-forward up', hidden, model.feedForward.width, ups);
		product('feed-forward down', model.feedForward.width, hidden);
	} else {
		const { count, activePerToken, width, shared } = model.experts;
		for (let i = 0; i < ups; i++) product('experts up', hidden, width, activePerToken, count);
		product('experts down', width, hidden, activePerToken, count);
		if (shared !== null) {
			product('shared experts up', hidden, shared.width * shared.count, ups);
			product('shared experts down', shared.width * shared.count, hidden);
		}
	}
	return { name: model.name, source: model.source, heads, products: projections, stated: null, layers: model.layers, notes };
}
