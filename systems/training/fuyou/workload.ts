/**
 * One training step as quantities of work: parameters to stream, operations, and the activations that could be kept.
 *
 * A step works on `batch` sequences of s tokens. The forward pass does 2 operations per token and weight of a layer's matrices, 4 a d per
 * pair of tokens and layer for attention (a heads of width d, the full square, as the published code counts), and 2 per weight of the output
 * head. For a GPT of width h these are the published 24 b s h^2 l + 4 b s^2 h l plus the head. Backward does twice that; with LoRA, whose base
 * weights have no gradients, once.
 */
import { InputError } from '@assay/contract';
import {
	expertLayers,
	expertParameters,
	headMatrixParameters,
	layerActivationBytes,
	layerMatrixParametersPerToken,
	parameterCount,
	type TransformerModel,
} from '@assay/models';
import { HALF, layerWidths } from './layer-widths.ts';
import { type Optimizer, type OptimizerName, optimizers } from './optimizer.ts';
import { type SwapItem, swapItems } from './swap-items.ts';

export interface WorkloadOptions {
	readonly batch: number;
	readonly sequenceTokens: number;
	readonly optimizer: OptimizerName;
	/** Rank of low-rank adapters on every matrix of the layers; 0 trains all parameters. */
	readonly loraRank: number;
}

export interface Workload {
	readonly model: TransformerModel;
	readonly layers: number;
	readonly tokens: number;
	readonly optimizer: Optimizer;
	readonly optimizerName: OptimizerName;
	/** All parameters, streamed in forward and in backward. */
	readonly parameters: number;
	/** Those that have a gradient and optimizer state. */
	readonly trainedParameters: number;
	/** Of the largest layer, and of the embeddings and the head: what must be whole on the GPU. */
	readonly largestLayerParameters: number;
	readonly embeddingParameters: number;
	readonly forwardFlops: number;
	/** The layers' part of forward: what backward may have to do again (the head's result is used at once). */
	readonly layerForwardFlops: number;
	/** Gradients with respect to inputs, and to weights where they are trained. */
	readonly backwardFlops: number;
	/** GPU operations of the optimizer. */
	readonly optimizerGpuFlops: number;
	/** Inputs of every layer's two halves: kept in any case, A_min. */
	readonly checkpointBytes: number;
	/** What can be kept beyond, per layer, the most operations saved per byte first. */
	readonly items: readonly SwapItem[];
	/** Checkpoints and all items, A_all: the most that swapping can keep. */
	readonly allActivationBytes: number;
	/** Every tensor that backward reads, for policies that compute nothing again. */
	readonly everyTensorBytes: number;
	/** Largest live set while half a layer is computed again and differentiated. */
	readonly workingSetBytes: number;
}

/** Raises an `InputError` for sequences the model has no positions for, and for LoRA on a model whose matrices are not plain. */
export function describeWorkload(model: TransformerModel, options: WorkloadOptions): Workload {
	const { batch, sequenceTokens, loraRank } = options;
	if (model.position.kind === 'learned' && sequenceTokens > model.position.positions) {
		throw new InputError({
			path: ['sequenceTokens'],
			found: String(sequenceTokens),
			expected: `at most ${model.position.positions}, the learned positions of ${model.name}`,
			nearest: String(model.position.positions),
		});
	}
	const { layers, hidden } = model;
	const tokens = batch * sequenceTokens;
	const count = parameterCount(model);
	const optimizer = optimizers[options.optimizer];
	const items = swapItems(model, tokens);
	const layerForwardFlops =
		2 * tokens * layerMatrixParametersPerToken(model) + layers * tokens * sequenceTokens * attentionFlopsPerPair(model);
	const forwardFlops = layerForwardFlops + 2 * tokens * headMatrixParameters(model);
	const trainedParameters = loraRank === 0 ? count.total : layers * loraParametersPerLayer(model, loraRank);
	const checkpointBytes = layers * 2 * HALF * tokens * hidden;
	return {
		model,
		layers,
		tokens,
		optimizer,
		optimizerName: options.optimizer,
		parameters: count.total,
		trainedParameters,
		largestLayerParameters: largestLayer(model),
		embeddingParameters: count.embedding + count.position + count.head,
		forwardFlops,
		layerForwardFlops,
		backwardFlops: loraRank === 0 ? 2 * forwardFlops : forwardFlops,
		optimizerGpuFlops: optimizer.gpuFlopsPerWidth * hidden * trainedParameters,
		checkpointBytes,
		items,
		allActivationBytes: checkpointBytes + layers * items.reduce((sum, { bytes }) => sum + bytes, 0),
		everyTensorBytes: layers * layerActivationBytes(model, { ...everything, sequenceTokens, microBatch: batch }),
		workingSetBytes: tokens * workingSetBytesPerToken(model),
	};
}

/** One GPU, fused attention, dropout masks made again from their seed. */
const everything = {
	tensorParallel: 1,
	recompute: 'none',
	sequenceParallel: false,
	dropout: false,
	fusedAttention: true,
} as const;

function attentionFlopsPerPair({ attention }: TransformerModel): number {
	if (attention.kind !== 'latent') return 4 * attention.heads * attention.headDim;
	return 2 * attention.heads * (attention.nopeHeadDim + attention.ropeHeadDim + attention.valueHeadDim);
}

/** Parameters of the largest layer: a mean layer of a dense model, one with experts where there are any. */
function largestLayer(model: TransformerModel): number {
	const count = parameterCount(model);
	const { layers, experts } = model;
	const common = (count.attention + count.norms) / layers;
	if (experts === null) return common + count.feedForward / layers;
	const routed = experts.count * expertParameters(model);
	const withExperts = expertLayers(model);
	const shared = withExperts === 0 ? 0 : (count.experts + count.router - withExperts * routed) / withExperts;
	return common + routed + shared;
}

/** r (inputs + outputs) for each matrix a token is multiplied with. Experts are left as they are. */
function loraParametersPerLayer(model: TransformerModel, rank: number): number {
	const { hidden, attention, feedForward, experts } = model;
	if (attention.kind === 'latent')
		throw new InputError({
			path: ['loraRank'],
			found: `${rank} for latent attention`,
			expected: '0: adapters for latent attention are not described',
		});
	const queries = attention.heads * attention.headDim;
	const keys = attention.kvHeads * attention.headDim;
	const attentionSum = hidden + queries + 2 * (hidden + keys) + (queries + hidden);
	if (experts !== null) return rank * attentionSum;
	const matrices = feedForward.kind === 'gated' ? 3 : 2;
	return rank * (attentionSum + matrices * (hidden + feedForward.width));
}

/**
 * Bytes per token that are live at the worst moment of half a layer's backward, two bytes an element:
 * MLP half: its input, the norm's output, the hidden layer before and after the activation (gated: gate, up, product), the gradient
 * coming in and that of the hidden layer; attention half: input, norm's output, queries, keys and values, attention's result, the
 * gradient coming in, and gradients of the result and of queries, keys and values. A byte per element of a dropout mask. 31 h for a GPT.
 */
function workingSetBytesPerToken(model: TransformerModel): number {
	const width = model.hidden;
	const { qkv, attention, hidden, upMatrices } = layerWidths(model);
	const mlpHalf = 3 * width + (upMatrices + 2) * hidden;
	const attentionHalf = 3 * width + 2 * attention + 2 * qkv;
	return HALF * Math.max(mlpHalf, attentionHalf) + width;
}
