/** How many parameters a transformer has, by part, and the bytes they take. */
import { bytesPerValue, type NumberFormat } from './number-format.ts';
import type { TransformerModel } from './transformer.ts';

/** Parameters by part. The parts are disjoint and sum to `total`. */
export interface ParameterCount {
	/** Token and token-type embeddings, and the projections around a narrow embedding. A tied head is counted here, once. */
	readonly embedding: number;
	/** Table of learned positions. */
	readonly position: number;
	/** Query, key, value and output projections with their biases. */
	readonly attention: number;
	/** Dense feed-forward layers. */
	readonly feedForward: number;
	/** Routed and shared experts. */
	readonly experts: number;
	/** Routers, with the gates of shared experts. */
	readonly router: number;
	/** All norms, inside attention too. */
	readonly norms: number;
	/** Output matrix where it is not the embedding's, its bias, or the pooler. */
	readonly head: number;
	readonly total: number;
	/** `total` less the routed experts that a token does not visit, as model cards count it: embeddings included. */
	readonly activePerToken: number;
}

/** Layers that have experts. */
export function expertLayers(model: TransformerModel): number {
	return model.experts === null ? 0 : model.layers - model.experts.denseLayers.length;
}

/**
 * Counts parameters by part.
 *
 * - attention, standard: `h·(a + 2k)·d + a·d·h` for hidden width h, a query heads, k key-value heads of width d;
 *   latent: `h·q + q·a·(n+r)` for queries (or `h·a·(n+r)` without a query latent), `h·(c+r)` down, `c·a·(n+v)` up, `a·v·h` out;
 * - feed-forward and each expert of width w: `3·h·w` gated, `2·h·w` plain;
 * - router: `h` per expert; embedding: `vocabulary · h`; norms: `h` each, twice that for layer norms, which have biases.
 */
export function parameterCount(model: TransformerModel): ParameterCount {
	const { hidden, layers, attention, experts } = model;
	const normWidth = model.norms.kind === 'layer-norm' ? 2 : 1;
	const embeddingWidth = model.embeddingWidth ?? hidden;
	const projections = model.embeddingWidth === null ? 0 : 2 * embeddingWidth * hidden;
	const embedding = model.vocabulary * embeddingWidth + model.tokenTypes * hidden + projections;
	const position = model.position.kind === 'learned' ? model.position.positions * hidden : 0;

	const moeLayers = expertLayers(model);
	const feedForwardBias = model.feedForward.bias;
	const matrices = model.feedForward.kind === 'gated' ? 3 : 2;
	const block = (width: number): number => matrices * hidden * width + (feedForwardBias ? (matrices - 1) * width + hidden : 0);
	const feedForward = (layers - moeLayers) * block(model.feedForward.width);
	let routed = 0;
	let shared = 0;
	let router = 0;
	if (experts !== null) {
		routed = moeLayers * experts.count * block(experts.width);
		router = moeLayers * experts.count * (hidden + (experts.routerBias ? 1 : 0));
		if (experts.shared !== null) {
			shared = moeLayers * experts.shared.count * block(experts.shared.width);
			if (experts.shared.gated) router += moeLayers * hidden;
		}
	}

	const normsInAttention =
		attention.kind === 'latent'
			? attention.kvRank + (attention.queryRank ?? 0)
			: attention.queryKeyNorm
				? 2 * attention.headDim * normWidth
				: 0;
	const norms =
		layers * (model.norms.perLayer * hidden * normWidth + normsInAttention) +
		((model.norms.final ? 1 : 0) + (model.norms.embedding ? 1 : 0)) * hidden * normWidth;

	const head =
		(model.outputHead === 'untied' ? model.vocabulary * embeddingWidth : 0) +
		(model.outputHead === 'pooler' ? hidden * hidden + hidden : 0) +
		(model.outputHeadBias ? model.vocabulary : 0);

	const attentionTotal = layers * (attentionMatrixParameters(model) + attentionBiases(model));
	const expertTotal = routed + shared;
	const total = embedding + position + attentionTotal + feedForward + expertTotal + router + norms + head;
	const idle = experts === null ? 0 : (routed / experts.count) * (experts.count - experts.activePerToken);
	return {
		embedding,
		position,
		attention: attentionTotal,
		feedForward,
		experts: expertTotal,
		router,
		norms,
		head,
		total,
		activePerToken: total - idle,
	};
}

/** Bytes of all parameters in one format (the published one unless told). */
export function weightBytes(model: TransformerModel, format: NumberFormat = model.parametersDtype): number {
	return parameterCount(model).total * bytesPerValue(format);
}

/**
 * Weights of the layers' matrices that one token is multiplied with: attention, feed-forward, the experts it visits, router.
 * Biases, norms, embeddings and the output head are left out.
 */
export function layerMatrixParametersPerToken(model: TransformerModel): number {
	const { hidden, layers, experts } = model;
	const matrices = model.feedForward.kind === 'gated' ? 3 : 2;
	const moeLayers = expertLayers(model);
	let total = layers * attentionMatrixParameters(model) + (layers - moeLayers) * matrices * hidden * model.feedForward.width;
	if (experts !== null) {
		const sharedWidth = experts.shared === null ? 0 : experts.shared.count * experts.shared.width;
		const gates = experts.shared?.gated === true ? 1 : 0;
		total += moeLayers * hidden * (matrices * (experts.activePerToken * experts.width + sharedWidth) + experts.count + gates);
	}
	return total;
}

/** Weights of the matrices that turn the last hidden state into logits; 0 for models without logits. */
export function headMatrixParameters(model: TransformerModel): number {
	if (model.outputHead === 'pooler') return 0;
	const width = model.embeddingWidth ?? model.hidden;
	return model.vocabulary * width + (model.embeddingWidth === null ? 0 : model.hidden * width);
}

/** Weights of one routed expert in one layer, biases included. */
export function expertParameters(model: TransformerModel): number {
	const experts = model.experts;
	if (experts === null) return 0;
	const matrices = model.feedForward.kind === 'gated' ? 3 : 2;
	const biases = model.feedForward.bias ? (matrices - 1) * experts.width + model.hidden : 0;
	return matrices * model.hidden * experts.width + biases;
}

/** Projection matrices of one layer's attention. */
function attentionMatrixParameters(model: TransformerModel): number {
	const { hidden, attention } = model;
	if (attention.kind !== 'latent') {
		const { heads, kvHeads, headDim } = attention;
		return hidden * (heads + 2 * kvHeads) * headDim + heads * headDim * hidden;
	}
	const { heads, kvRank, queryRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
	const queryWidth = heads * (nopeHeadDim + ropeHeadDim);
	const queries = queryRank === null ? hidden * queryWidth : hidden * queryRank + queryRank * queryWidth;
	return (
		queries + hidden * (kvRank + ropeHeadDim) + kvRank * heads * (nopeHeadDim + valueHeadDim) + heads * valueHeadDim * hidden
	);
}

/** Biases of one layer's attention. */
function attentionBiases(model: TransformerModel): number {
	const { hidden, attention } = model;
	const output = attention.outputBias ? hidden : 0;
	if (!attention.queryKeyValueBias) return output;
	if (attention.kind === 'latent') return output + (attention.queryRank ?? 0) + attention.kvRank + attention.ropeHeadDim;
	return output + (attention.heads + 2 * attention.kvHeads) * attention.headDim;
}
