/**
 * Pinned host buffers that data pass through. The published code has six for parameters, eight for optimizer sub-groups of at most
 * 700 million parameters, and four for activations; where host memory is short, fewer and smaller ones are taken, never fewer than two. A
 * small model's sub-groups are smaller as well: a sixteenth of it, so that its first update does not wait for half of backward.
 */
import { HALF } from './layer-widths.ts';
import type { Workload } from './workload.ts';

export interface Buffers {
	readonly parameters: number;
	readonly optimizer: number;
	readonly activations: number;
	/** Trained parameters of one optimizer sub-group. */
	readonly subGroupParameters: number;
}

export const publishedBuffers: Buffers = { parameters: 6, optimizer: 8, activations: 4, subGroupParameters: 700e6 };
/** Two of each, so that one fills while the other is used; smaller sub-groups would make requests too short for a drive's full rate. */
export const smallestBuffers: Buffers = { parameters: 2, optimizer: 2, activations: 2, subGroupParameters: 50e6 };

export interface SubGroups {
	/** Whole layers of one sub-group. */
	readonly layersEach: number;
	/** Sub-groups of one layer, where a layer is larger than a sub-group. */
	readonly partsOfLayer: number;
	readonly count: number;
}

/** How the layers fall into optimizer sub-groups: as many whole layers as fit, or equal parts of one. */
export function subGroups({ layers, trainedParameters }: Workload, { subGroupParameters }: Buffers): SubGroups {
	const layerParameters = Math.max(1, trainedParameters / layers);
	const layersEach = Math.min(layers, Math.max(1, Math.floor(subGroupParameters / layerParameters)));
	const partsOfLayer = Math.max(1, Math.ceil(layerParameters / subGroupParameters));
	return { layersEach, partsOfLayer, count: partsOfLayer * Math.ceil(layers / layersEach) };
}

/** Bytes of all buffers: a layer's weights, a sub-group's state with its gradient, a layer's activations at most. */
export function bufferBytes(buffers: Buffers, workload: Workload, layerActivationBytes: number): number {
	const group = Math.min(buffers.subGroupParameters, workload.trainedParameters);
	return (
		buffers.parameters * HALF * workload.largestLayerParameters +
		buffers.optimizer * group * (workload.optimizer.stateBytes + HALF) +
		buffers.activations * layerActivationBytes
	);
}

/** Sub-groups that a model is cut into at least, as far as they do not become too small for a drive's full rate. */
const LEAST_SUB_GROUPS = 16;

/** The published buffers, with sub-groups no larger than a sixteenth of what is trained. */
export function largestBuffers({ trainedParameters }: Workload): Buffers {
	const share = Math.max(smallestBuffers.subGroupParameters, Math.ceil(trainedParameters / LEAST_SUB_GROUPS));
	return { ...publishedBuffers, subGroupParameters: Math.min(publishedBuffers.subGroupParameters, share) };
}

/** The largest buffers, or as much of them as fits into so many bytes; undefined where not even the smallest do. */
export function fitBuffers(workload: Workload, layerActivationBytes: number, availableBytes: number): Buffers | undefined {
	const largest = largestBuffers(workload);
	const least = smallestBuffers.subGroupParameters;
	const part = (share: number): number => Math.max(least, Math.ceil(largest.subGroupParameters * share));
	const candidates: Buffers[] = [
		largest,
		{ ...largest, parameters: 4, optimizer: 4 },
		{ ...largest, parameters: 4, optimizer: 4, subGroupParameters: part(1 / 2) },
		{ ...smallestBuffers, optimizer: 4, subGroupParameters: part(1 / 4) },
		smallestBuffers,
	];
	return candidates.find((buffers) => bufferBytes(buffers, workload, layerActivationBytes) <= availableBytes);
}
