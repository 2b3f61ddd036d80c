/** What a layer costs on a sub-accelerator. */
import { type ConvolutionLayer, layerShape, layerSizes, tensorDimensions } from './convolution-layer.ts';
import { C, K, X, Y } from './dimension.ts';
import { levelCost, type TransferMode } from './level-cost.ts';
import { loopNest } from './loop-nest.ts';
import type { Mapping } from './mapping.ts';

/** One of a chip's accelerators. */
export interface SubAccelerator {
	readonly mapping: Mapping;
	readonly elements: number;
	/** Elements (bytes, at one byte a value) a cycle. */
	readonly bandwidth: number;
}

/** Accesses are elements; `local` is the memories of the processing elements (L1), `shared` the accelerator's buffer (L2). */
export interface LayerCost {
	readonly cycles: number;
	/** Multiply-accumulates that the mapping does; overlapping tiles may do some twice. */
	readonly macs: number;
	readonly activeElements: number;
	readonly transferCycles: number;
	readonly sharedReads: { readonly input: number; readonly weight: number; readonly output: number };
	readonly sharedWrites: { readonly input: number; readonly weight: number; readonly output: number };
	readonly localAccesses: number;
	/** In multiply-accumulates. */
	readonly energy: number;
}

/** Energy of an access over that of a multiply-accumulate (constants of MAESTRO's code): element's memory, shared buffer. */
export const LOCAL_ACCESS_ENERGY = 1.68;
export const SHARED_ACCESS_ENERGY = 18.61;

const HOP_CYCLES = 1;

/** Null where the accelerator has fewer elements than a cluster of its mapping. */
export function layerCost(layer: ConvolutionLayer, accelerator: SubAccelerator, mode: TransferMode): LayerCost | null {
	const sizes = layerSizes(layer);
	const levels = loopNest(accelerator.mapping, sizes, layer.stride, accelerator.elements);
	if (levels === null) return null;
	const tensors = tensorDimensions(layer);
	const found = levelCost(
		{ levels, tensors, stride: layer.stride, bandwidth: accelerator.bandwidth, hopCycles: HOP_CYCLES, mode, known: new Map() },
		0,
		sizes,
	);
	const { repeats } = layer;
	const size = (dimension: number): number => sizes[dimension] as number;
	const inputSize = size(C) * size(Y) * size(X);
	const kernel = layer.kernelRows * layer.kernelColumns;
	const weightSize = layer.isDepthwise ? size(C) * kernel : size(K) * size(C) * kernel;
	const outputSize = (layer.isDepthwise ? size(C) : size(K)) * layer.outputRows * layer.outputColumns;
	// Each multiply-accumulate reads an input, a weight and a partial sum and writes one; what comes from the buffer is written once.
	const localAccesses = 4 * found.macs + found.inputReads + found.weightReads;
	const sharedAccesses = inputSize + found.inputReads + weightSize + found.weightReads + outputSize + found.outputWrites;
	return {
		cycles: repeats * found.cycles,
		macs: repeats * found.macs,
		activeElements: found.activeElements,
		transferCycles: repeats * found.transferCycles,
		sharedReads: { input: repeats * found.inputReads, weight: repeats * found.weightReads, output: repeats * outputSize },
		sharedWrites: { input: repeats * inputSize, weight: repeats * weightSize, output: repeats * found.outputWrites },
		localAccesses: repeats * localAccesses,
		energy: repeats * (found.macs + LOCAL_ACCESS_ENERGY * localAccesses + SHARED_ACCESS_ENERGY * sharedAccesses),
	};
}

/** A function like {@link layerCost} that remembers: the same shapes on the same accelerators come up all through a search. */
export function rememberingLayerCost(
	mode: TransferMode,
): (layer: ConvolutionLayer, accelerator: SubAccelerator) => LayerCost | null {
	const known = new Map<string, LayerCost | null>();
	return (layer, accelerator) => {
		const key = `${accelerator.mapping.name}/${accelerator.elements}/${accelerator.bandwidth}/${layer.repeats}*${layerShape(layer)}`;
		let cost = known.get(key);
		if (cost === undefined) {
			cost = layerCost(layer, accelerator, mode);
			known.set(key, cost);
		}
		return cost;
	};
}
