/** Memory of one GPU through a step, and of its share of the host. */
import { layerActivationBytes } from '@assay/models';
import { stateBytes } from '../rates/update-rates.ts';
import type { StepWork } from './compute-time.ts';

/** DeepSpeed's defaults in the evaluation, in elements: buckets of gradients and of parameters fetched ahead. */
const REDUCE_BUCKET = 5e8;
const PREFETCH_BUCKET = 5e7;
/** Of the GPU's memory: what the driver, the context and fragments take. */
const USABLE_SHARE = 0.94;

export interface MemoryRequest {
	readonly work: StepWork;
	/** Parameters of the rank. */
	readonly parameters: number;
	readonly ratio: number;
	readonly stride: number | null;
	/** Parameters of the largest sub-group. */
	readonly subGroup: number;
}

/** Bytes of one GPU by class. */
export interface DeviceMemory {
	/** The rank's 16-bit weights and gradients, and buckets. */
	readonly partitionBytes: number;
	/** fp32 state that lives here for ever. */
	readonly residentBytes: number;
	/** Gradients kept here for sub-groups that are updated here. */
	readonly keptGradientBytes: number;
	/** Inputs of all layers, one layer's activations, and logits; gone in the update. */
	readonly activationBytes: number;
	/** State of one sub-group; there only in the update. */
	readonly slotBytes: number;
	readonly forwardBackwardBytes: number;
	readonly updateBytes: number;
	readonly peakBytes: number;
}

export function deviceMemory({ work, parameters, ratio, stride, subGroup }: MemoryRequest): DeviceMemory {
	const { model, microBatch, sequenceTokens } = work;
	const activations = {
		sequenceTokens,
		microBatch,
		tensorParallel: 1,
		sequenceParallel: false,
		dropout: false,
		fusedAttention: false,
	} as const;
	const checkpoints = model.layers * layerActivationBytes(model, { ...activations, recompute: 'full' });
	const layer = layerActivationBytes(model, { ...activations, recompute: 'none' });
	// Logits in 16 bits, in fp32 for the loss, and their gradient.
	const logits = microBatch * sequenceTokens * model.vocabulary * (2 + 4 + 4);
	const activationBytes = checkpoints + layer + logits;
	// A single GPU gathers and reduces nothing.
	const buckets = work.ranks === 1 ? 0 : 2 * (Math.min(REDUCE_BUCKET, parameters * work.ranks) + PREFETCH_BUCKET);
	const partitionBytes = (2 + 2) * parameters + buckets;
	const residentBytes = stateBytes * (1 - ratio) * parameters;
	const keptGradientBytes = stride === null ? 0 : (2 * ratio * parameters) / stride;
	const slotBytes = stride === null ? 0 : stateBytes * subGroup;
	const forwardBackwardBytes = partitionBytes + residentBytes + keptGradientBytes + activationBytes;
	const updateBytes = partitionBytes + residentBytes + keptGradientBytes + slotBytes;
	return {
		partitionBytes,
		residentBytes,
		keptGradientBytes,
		activationBytes,
		slotBytes,
		forwardBackwardBytes,
		updateBytes,
		peakBytes: Math.max(forwardBackwardBytes, updateBytes),
	};
}

/** Bytes that can be used of a GPU's memory. */
export function usableBytes(memoryBytes: number): number {
	return USABLE_SHARE * memoryBytes;
}

/** Host memory of one rank: fp32 state and fp32 gradients of what is offloaded. */
export function hostBytes(parameters: number, ratio: number): number {
	return (stateBytes + 4) * ratio * parameters;
}
