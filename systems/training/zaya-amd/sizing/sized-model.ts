/** A model as sizing and planning see it: its matrix products, its attention, what it weighs. Made from a transformer or from a ZAYA config. */
import { expertLayers, kvBytesPerToken, parameterCount, type TransformerModel, trainingFlops } from '@assay/models';
import { expertParameters, zayaCacheValuesPerToken, zayaLedger, zayaTrainingOperations } from '../architecture/ledger.ts';
import type { ZayaConfig } from '../architecture/zaya-config.ts';

/** A weight matrix that tokens are multiplied with. */
export interface MatrixProduct {
	readonly name: string;
	readonly inputs: number;
	readonly outputs: number;
	/** Layers that have it. */
	readonly layers: number;
	/** Matrices beside each other in a layer, of which a token meets `active`: experts, or groups of a convolution. */
	readonly groups: number;
	readonly active: number;
	/** Which side tensor parallelism cuts. */
	readonly cut: 'outputs' | 'inputs' | 'none';
}

export interface SizedModel {
	readonly name: string;
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly kvHeads: number;
	readonly headDim: number;
	readonly vocabulary: number;
	readonly contextTokens: number;
	/** Null for dense models. */
	readonly experts: {
		readonly count: number;
		readonly activePerToken: number;
		readonly width: number;
		readonly parameters: number;
		readonly layers: number;
	} | null;
	readonly products: readonly MatrixProduct[];
	/** Operations of scores and weighted values per pair of tokens and all layers, forward. */
	readonly attentionFlopsPerPair: number;
	readonly parameters: { readonly total: number; readonly embedding: number; readonly activePerToken: number };
	readonly cacheBytesPerToken: number;
	/** Forward and backward, at a sequence length. */
	trainingFlopsPerToken(sequenceTokens: number): number;
}

/** A transformer. */
export function sizedTransformer(model: TransformerModel): SizedModel {
	const { hidden, layers, attention, experts, feedForward } = model;
	const count = parameterCount(model);
	const gated = feedForward.kind === 'gated';
	const product = (
		name: string,
		inputs: number,
		outputs: number,
		inLayers: number,
		cut: MatrixProduct['cut'],
		groups = 1,
		active = 1,
	): MatrixProduct => ({ name, inputs, outputs, layers: inLayers, groups, active, cut });
	const products: MatrixProduct[] = [];
	if (attention.kind === 'latent') {
		const { heads, kvRank, queryRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
		const queries = heads * (nopeHeadDim + ropeHeadDim);
		if (queryRank === null) products.push(product('queries', hidden, queries, layers, 'outputs'));
		else {
			products.push(product('queries down', hidden, queryRank, layers, 'none'));
			products.push(product('queries up', queryRank, queries, layers, 'outputs'));
		}
		products.push(product('keys and values down', hidden, kvRank + ropeHeadDim, layers, 'none'));
		products.push(product('keys and values up', kvRank, heads * (nopeHeadDim + valueHeadDim), layers, 'outputs'));
		products.push(product('attention output', heads * valueHeadDim, hidden, layers, 'inputs'));
	} else {
		const { heads, kvHeads, headDim } = attention;
		products.push(product('queries, keys, values', hidden, (heads + 2 * kvHeads) * headDim, layers, 'outputs'));
		products.push(product('attention output', heads * headDim, hidden, layers, 'inputs'));
	}
	const moeLayers = expertLayers(model);
	if (layers > moeLayers) {
		products.push(
			product(
				gated ? 'gate and up' : 'feed-forward in',
				hidden,
				(gated ? 2 : 1) * feedForward.width,
				layers - moeLayers,
				'outputs',
			),
		);
		products.push(product('feed-forward out', feedForward.width, hidden, layers - moeLayers, 'inputs'));
	}
	if (experts !== null) {
		const { count: groups, activePerToken: active, width, shared } = experts;
		products.push(product('router', hidden, groups, moeLayers, 'none'));
		products.push(product('experts: gate and up', hidden, (gated ? 2 : 1) * width, moeLayers, 'outputs', groups, active));
		products.push(product('experts: out', width, hidden, moeLayers, 'inputs', groups, active));
		if (shared !== null) {
			products.push(
				product('shared experts: gate and up', hidden, (gated ? 2 : 1) * shared.count * shared.width, moeLayers, 'outputs'),
			);
			products.push(product('shared experts: out', shared.count * shared.width, hidden, moeLayers, 'inputs'));
		}
	}
	if (model.outputHead !== 'pooler')
		products.push(product('output layer', model.embeddingWidth ?? hidden, model.vocabulary, 1, 'outputs'));
	const latent = attention.kind === 'latent';
	const headDim = latent ? attention.nopeHeadDim + attention.ropeHeadDim : attention.headDim;
	const pairWidth = latent ? headDim + attention.valueHeadDim : 2 * headDim;
	return {
		name: model.name,
		layers,
		hidden,
		heads: attention.heads,
		kvHeads: latent ? attention.heads : attention.kvHeads,
		headDim,
		vocabulary: model.vocabulary,
		contextTokens: model.contextTokens,
		experts:
			experts === null
				? null
				: {
						count: experts.count,
						activePerToken: experts.activePerToken,
						width: experts.width,
						parameters: (gated ? 3 : 2) * hidden * experts.width,
						layers: moeLayers,
					},
		products,
		attentionFlopsPerPair: 2 * layers * attention.heads * pairWidth,
		parameters: {
			total: count.total,
			embedding: count.embedding + (model.outputHead === 'untied' ? count.head : 0),
			activePerToken: count.activePerToken,
		},
		cacheBytesPerToken: kvBytesPerToken(model),
		trainingFlopsPerToken: (sequenceTokens) => trainingFlops(model, sequenceTokens) / sequenceTokens,
	};
}

/** A ZAYA model. */
export function sizedZaya(config: ZayaConfig, name = 'zaya1'): SizedModel {
	const { layers, hidden, queryHeads, kvHeads, headDim, experts, expertWidth, routerWidth, vocabulary } = config;
	const ledger = zayaLedger(config);
	const mixed = (queryHeads + kvHeads) * headDim;
	const product = (
		productName: string,
		inputs: number,
		outputs: number,
		cut: MatrixProduct['cut'],
		groups = 1,
		active = 1,
	): MatrixProduct => ({ name: productName, inputs, outputs, layers, groups, active, cut });
	return {
		name,
		layers,
		hidden,
		heads: queryHeads,
		kvHeads,
		headDim,
		vocabulary,
		contextTokens: config.contextTokens,
		experts: { count: experts, activePerToken: 1, width: expertWidth, parameters: expertParameters(config), layers },
		products: [
			product('queries, keys, values', hidden, mixed + kvHeads * headDim, 'outputs'),
			product('grouped convolution', 2 * headDim, headDim, 'none', mixed / headDim, mixed / headDim),
			product('attention output', queryHeads * headDim, hidden, 'inputs'),
			product('router in', hidden, routerWidth, 'none'),
			product('router first', routerWidth, routerWidth, 'none'),
			product('router second', routerWidth, routerWidth, 'none'),
			product('router out', routerWidth, experts + 1, 'none'),
			product('experts: gate and up', hidden, 2 * expertWidth, 'outputs', experts, 1),
			product('experts: out', expertWidth, hidden, 'inputs', experts, 1),
			{ name: 'output layer', inputs: hidden, outputs: vocabulary, layers: 1, groups: 1, active: 1, cut: 'outputs' },
		],
		attentionFlopsPerPair: 4 * layers * queryHeads * headDim,
		parameters: {
			total: ledger.total,
			embedding: ledger.total - ledger.withoutEmbedding,
			activePerToken: ledger.activeWithoutEmbedding + ledger.total - ledger.withoutEmbedding,
		},
		cacheBytesPerToken: 2 * zayaCacheValuesPerToken(config),
		trainingFlopsPerToken: (sequenceTokens) => zayaTrainingOperations(config, sequenceTokens).total,
	};
}
