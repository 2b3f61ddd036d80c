/**
 * Memory that training takes on one device: parameters, gradients, optimizer state, and the activations kept for backward.
 *
 * Activations are counted tensor by tensor as in Korthikanti et al., "Reducing Activation Recomputation in Large Transformer
 * Models" (arXiv:2205.05198): two bytes an element, one for a dropout mask. For a GPT layer of width h with a heads over s tokens
 * and b sequences they add up to that paper's `s·b·h·(10 + 24/t + 5·a·s/(h·t))`; grouped-query attention, gated
 * feed-forwards and experts change the terms they touch.
 */
import { expertLayers, expertParameters, parameterCount } from './parameters.ts';
import type { TransformerModel } from './transformer.ts';

/** Bytes per parameter by class. */
export interface TrainingBytes {
	readonly weight: number;
	readonly gradient: number;
	readonly optimizer: number;
}

/** 16-bit weights, fp32 gradients, and Adam's fp32 weights, momentum and variance: Megatron's 18 bytes a parameter. */
export const MIXED_PRECISION_ADAM: TrainingBytes = { weight: 2, gradient: 4, optimizer: 12 };

/** What of a layer is computed again in backward: nothing; the attention between queries and values; everything. */
export const RECOMPUTE_POLICIES = ['none', 'selective', 'full'] as const;

/** What of a layer is computed again in backward. */
export type RecomputePolicy = (typeof RECOMPUTE_POLICIES)[number];

/** How activations are kept. */
export interface ActivationOptions {
	readonly sequenceTokens: number;
	/** Sequences in a micro-batch. */
	readonly microBatch: number;
	readonly tensorParallel: number;
	readonly recompute: RecomputePolicy;
	/** Norms, dropouts and layer inputs are split over the tensor-parallel ranks as well. */
	readonly sequenceParallel: boolean;
	/** Training with dropout keeps its masks (GPT-2 and 3, BERT); newer models have none. */
	readonly dropout: boolean;
	/** A fused kernel (FlashAttention) never keeps the square of scores; with it `selective` and `none` are the same. */
	readonly fusedAttention: boolean;
}

/** How a model is spread over devices. */
export interface TrainingLayout extends ActivationOptions {
	readonly pipelineParallel: number;
	/** Interleaved stages per device (v); 1 is the plain schedule. */
	readonly virtualStages: number;
	/** Ranks that share the experts of a layer; 1 for dense models. */
	readonly expertParallel: number;
	/** Ranks over which optimizer state is split (ZeRO-1); 1: each keeps its own. */
	readonly optimizerShards: number;
	/** Micro-batches of one pipeline in a step: no more can be in flight. */
	readonly microBatches: number;
	readonly bytes: TrainingBytes;
}

/** Bytes on one device, by class. */
export interface TrainingMemory {
	/** Parameters that the device holds. */
	readonly parameters: number;
	readonly weightBytes: number;
	readonly gradientBytes: number;
	readonly optimizerBytes: number;
	readonly activationBytes: number;
	readonly totalBytes: number;
}

/** Bytes of activations that one layer keeps until backward, on each tensor-parallel rank. */
export function layerActivationBytes(model: TransformerModel, options: ActivationOptions): number {
	const { tensorParallel, sequenceParallel, recompute } = options;
	const tokens = options.sequenceTokens * options.microBatch;
	const input = 2 * model.hidden * tokens;
	if (recompute === 'full') return sequenceParallel ? input / tensorParallel : input;
	const { whole, split } = elementBytesPerToken(model, options.dropout);
	const scores = recompute === 'selective' || options.fusedAttention ? 0 : scoreBytesPerToken(model, options);
	const wholeBytes = sequenceParallel ? whole / tensorParallel : whole;
	return tokens * (wholeBytes + (split + scores) / tensorParallel);
}

/**
 * Memory on the first pipeline stage, where most micro-batches are in flight: min(p, micro-batches) of them, each with l/p
 * layers; interleaving adds (p-1)/(p·v) of it. Parameters are those of the layers, evenly spread, plus the embedding, which the first
 * stage holds (a head of its own sits on the last). Inputs of the embedding and the logits are not counted: they are elsewhere, or gone.
 */
export function trainingMemory(model: TransformerModel, layout: TrainingLayout): TrainingMemory {
	const { tensorParallel, pipelineParallel, bytes } = layout;
	const parameters = stageParameters(model, layout);
	const inFlight = Math.min(pipelineParallel, layout.microBatches);
	const interleaving = layout.virtualStages > 1 ? 1 + (pipelineParallel - 1) / (pipelineParallel * layout.virtualStages) : 1;
	const activationBytes = ((layerActivationBytes(model, layout) * model.layers) / pipelineParallel) * inFlight * interleaving;
	const embedding = (parameterCount(model).embedding + parameterCount(model).position) / tensorParallel;
	const held = parameters + embedding;
	const weightBytes = held * bytes.weight;
	const gradientBytes = held * bytes.gradient;
	const optimizerBytes = optimizerStateBytes(held, expertStageParameters(model, layout), layout);
	return {
		parameters: held,
		weightBytes,
		gradientBytes,
		optimizerBytes,
		activationBytes,
		totalBytes: weightBytes + gradientBytes + optimizerBytes + activationBytes,
	};
}

/** Layer parameters of one stage on one rank; routed experts are split over the expert-parallel ranks too. */
export function stageParameters(
	model: TransformerModel,
	layout: Pick<TrainingLayout, 'tensorParallel' | 'pipelineParallel' | 'expertParallel'>,
): number {
	const count = parameterCount(model);
	const routed = expertLayers(model) * (model.experts?.count ?? 0) * expertParameters(model);
	const others = count.total - count.embedding - count.position - count.head - routed;
	return (others + routed / layout.expertParallel) / (layout.tensorParallel * layout.pipelineParallel);
}

/** Parameters of routed experts among {@link stageParameters}. */
export function expertStageParameters(
	model: TransformerModel,
	layout: Pick<TrainingLayout, 'tensorParallel' | 'pipelineParallel' | 'expertParallel'>,
): number {
	return stageParameters(model, layout) - stageParameters(model, { ...layout, expertParallel: Number.POSITIVE_INFINITY });
}

/** Optimizer state of `held` parameters, `experts` of them routed experts', which fewer replicas hold and so fewer can share. */
export function optimizerStateBytes(
	held: number,
	experts: number,
	{ optimizerShards, expertParallel, bytes }: Pick<TrainingLayout, 'optimizerShards' | 'expertParallel' | 'bytes'>,
): number {
	const expertShards = Math.max(1, optimizerShards / expertParallel);
	return bytes.optimizer * ((held - experts) / optimizerShards + experts / expertShards);
}

/** Bytes per token kept whole on each rank, and those split by tensor parallelism, apart from the scores. */
function elementBytesPerToken(model: TransformerModel, dropout: boolean): { whole: number; split: number } {
	const { hidden } = model;
	const masks = dropout ? 2 : 0;
	// Inputs of the two norms, of the projections and of the feed-forward; masks of the two dropouts after the blocks.
	const whole = hidden * (4 + 2 + 2 + masks);
	return { whole, split: attentionBytesPerToken(model) + feedForwardBytesPerToken(model) };
}

/** Queries, keys, values and the input of the output projection. */
function attentionBytesPerToken(model: TransformerModel): number {
	const { attention } = model;
	if (attention.kind !== 'latent') return 2 * attention.headDim * (2 * attention.heads + 2 * attention.kvHeads);
	const { heads, nopeHeadDim, ropeHeadDim, valueHeadDim, kvRank, queryRank } = attention;
	const queriesAndKeys = 2 * heads * (nopeHeadDim + ropeHeadDim);
	return 2 * (queriesAndKeys + 2 * heads * valueHeadDim + kvRank + ropeHeadDim + (queryRank ?? 0));
}

/**
 * Mean over layers: plain keeps the activation function's input and output (4 bytes a unit); gated keeps gate, up-projection
 * and their product (6). A token visits `activePerToken` experts and the shared ones.
 */
function feedForwardBytesPerToken(model: TransformerModel): number {
	const perUnit = model.feedForward.kind === 'gated' ? 6 : 4;
	const { experts } = model;
	if (experts === null) return perUnit * model.feedForward.width;
	const share = expertLayers(model) / model.layers;
	const shared = experts.shared === null ? 0 : experts.shared.count * experts.shared.width;
	const visited = experts.activePerToken * experts.width + shared;
	return perUnit * (share * visited + (1 - share) * model.feedForward.width);
}

/** Output of the softmax and what its dropout makes of it, and the mask: 5 bytes a score (2 without dropout), all scores kept. */
function scoreBytesPerToken(model: TransformerModel, { sequenceTokens, dropout }: ActivationOptions): number {
	return (dropout ? 5 : 2) * model.attention.heads * sequenceTokens;
}
