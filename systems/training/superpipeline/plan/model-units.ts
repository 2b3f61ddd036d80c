/**
 * A transformer's layers as units, from its description and a device's rates. A layer's time is the larger of arithmetic and reading
 * memory, each at a stated share of the device's peak; all layers are taken as equal (a mixture of experts whose first layers are dense is
 * averaged). Embeddings, final norm and head are the shared part: they stay on the device, and the head's time is the last unit's.
 */
import { InputError } from '@assay/contract';
import type { Device } from '@assay/machines';
import {
	bytesPerValue,
	decodeBytes,
	decodeFlops,
	headMatrixParameters,
	kvCacheBytes,
	layerActivationBytes,
	parameterCount,
	prefillBytes,
	prefillFlops,
	requireDecoder,
	type TrainingBytes,
	type TransformerModel,
	trainingFlops,
} from '@assay/models';
import type { Units } from '../schedule/units.ts';

export interface Work {
	/** A token for each sequence; a prompt for each; a training step. */
	readonly use: 'generate' | 'prompt' | 'train';
	/** Sequences. */
	readonly batch: number;
	/** Tokens of each: of context when generating, of the prompt, of a training sequence. */
	readonly tokens: number;
	/** Training: layers are computed again in backward from their inputs, which alone are kept. */
	readonly recompute: boolean;
}

export interface Rates {
	/** Share of the peak arithmetic rate that is reached. */
	readonly computeShare: number;
	/** Share of the memory bandwidth that is reached. */
	readonly memoryShare: number;
}

export interface ModelUnits extends Units {
	readonly backwardSeconds: Float64Array;
	readonly flops: Float64Array;
	readonly sharedBytes: number;
	/** Keys and values, or activations kept for backward: there whatever the schedule. */
	readonly stateBytes: number;
	/** Inputs, outputs and inner results of the layer that is being computed. */
	readonly scratchBytes: number;
	readonly layerParameters: number;
	readonly sharedParameters: number;
	/** Tokens that a pass gives or reads. */
	readonly passTokens: number;
}

/** Weights and gradients in 16 bits, as in the formulas for traffic; Adam's master weights and moments in 32. */
export const STREAMED_TRAINING: TrainingBytes = { weight: 2, gradient: 2, optimizer: 12 };

/** Raises an InputError for an encoder that is to generate and for a device without arithmetic in the model's format. */
export function modelUnits(model: TransformerModel, device: Device, work: Work, rates: Rates): ModelUnits {
	if (work.use === 'generate') requireDecoder(model);
	const { layers } = model;
	const { batch, tokens, use } = work;
	const perValue = bytesPerValue(model.parametersDtype);
	const count = parameterCount(model);
	const normWidth = model.norms.kind === 'layer-norm' ? 2 : 1;
	const outerNorms = ((model.norms.final ? 1 : 0) + (model.norms.embedding ? 1 : 0)) * model.hidden * normWidth;
	const sharedParameters = count.embedding + count.position + count.head + outerNorms;
	const layerParameters = (count.total - sharedParameters) / layers;

	const rowsOfHead = use === 'train' ? tokens : 1;
	const headFlops = 2 * headMatrixParameters(model) * batch * rowsOfHead;
	const flops = forwardFlops(model, work) - headFlops;
	const headBytes = headMatrixParameters(model) * perValue;
	const read = use === 'generate' ? decodeBytes(model, tokens, batch) : prefillBytes(model, tokens, batch);
	const layerBytes = Math.max(0, read.totalBytes - headBytes) / layers;
	const rate = peakRate(model, device) * rates.computeShare;
	const bandwidth = device.memory.bandwidthBytesPerSecond * rates.memoryShare;
	const seconds = (operations: number, bytes: number): number => Math.max(operations / rate, bytes / bandwidth);
	const layerSeconds = seconds(flops / layers, layerBytes);
	const headSeconds = seconds(headFlops, headBytes);

	const rows = batch * (use === 'generate' ? 1 : tokens);
	const activation = rows * model.hidden * perValue;
	const compute = new Float64Array(layers).fill(layerSeconds);
	compute[layers - 1] = layerSeconds + headSeconds;
	const unitFlops = new Float64Array(layers).fill(flops / layers);
	unitFlops[layers - 1] = flops / layers + headFlops;
	const logits = batch * rowsOfHead * model.vocabulary * perValue;
	return {
		weightBytes: new Float64Array(layers).fill(layerParameters * perValue),
		computeSeconds: compute,
		outputBytes: new Float64Array(layers).fill(activation),
		backwardSeconds: compute.map((one) => 2 * one),
		flops: unitFlops,
		sharedBytes: sharedParameters * perValue,
		stateBytes: use === 'train' ? keptActivations(model, work) : model.causal ? batch * kvCacheBytes(model, tokens) : 0,
		scratchBytes: use === 'train' ? layerInside(model, work) : 2 * activation + rows * innerWidth(model) * perValue + logits,
		layerParameters,
		sharedParameters,
		passTokens: rows,
	};
}

function forwardFlops(model: TransformerModel, { use, batch, tokens }: Work): number {
	if (use === 'generate') return batch * decodeFlops(model, tokens);
	return batch * (use === 'prompt' ? prefillFlops(model, tokens) : trainingFlops(model, tokens) / 3);
}

function keptActivations(model: TransformerModel, work: Work): number {
	return model.layers * layerActivationBytes(model, activationOptions(work, work.recompute));
}

function layerInside(model: TransformerModel, work: Work): number {
	return work.recompute ? layerActivationBytes(model, activationOptions(work, false)) : 0;
}

function activationOptions({ batch, tokens }: Work, recompute: boolean) {
	return {
		sequenceTokens: tokens,
		microBatch: batch,
		tensorParallel: 1,
		recompute: recompute ? ('full' as const) : ('none' as const),
		sequenceParallel: false,
		dropout: false,
		fusedAttention: true,
	};
}

/** Widest results inside a layer: queries, keys and values, or what stands between the feed-forward's matrices. */
function innerWidth(model: TransformerModel): number {
	const { attention, feedForward, experts } = model;
	const wide = feedForward.kind === 'gated' ? 2 : 1;
	const visited =
		experts === null ? 0 : experts.activePerToken * experts.width + (experts.shared?.count ?? 0) * (experts.shared?.width ?? 0);
	const heads =
		attention.kind === 'latent'
			? attention.heads * (2 * (attention.nopeHeadDim + attention.ropeHeadDim) + attention.valueHeadDim)
			: (attention.heads + 2 * attention.kvHeads) * attention.headDim;
	return Math.max(wide * (experts === null ? feedForward.width : visited), heads);
}

/** Peak rate in the format of the weights, or in the 16-bit format that narrower weights are computed in. */
function peakRate(model: TransformerModel, device: Device): number {
	const { peakOpsPerSecond: peak } = device;
	const own = model.parametersDtype === 'fp32' ? (peak.fp32 ?? peak.tf32) : peak[model.parametersDtype];
	const rate = own ?? peak.bf16 ?? peak.fp16 ?? peak.tf32 ?? peak.fp32;
	if (rate === undefined) {
		throw new InputError({
			path: ['machine', 'name'],
			found: `${device.name}, of which no arithmetic rate is known`,
			expected: `a device with a peak rate in ${model.parametersDtype}, bf16, fp16 or fp32`,
		});
	}
	return rate;
}
