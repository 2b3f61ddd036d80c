/**
 * Pinned host buffers that data pass through. The published code has six for parameters, eight for optimizer sub-groups of at most
 * 700 million parameters, and four for activations; where host memory is short, fewer and smaller ones are taken, never fewer than two.
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

/** Bytes of all buffers: a layer's weights, a sub-group's state with its gradient, a layer's activations at most. */
export function bufferBytes(buffers: Buffers, workload: Workload, layerActivationBytes: number): number {
	const group = Math.min(buffers.subGroupParameters, workload.trainedParameters);
	return (
		buffers.parameters * HALF * workload.largestLayerParameters +
		buffers.optimizer * group * (workload.optimizer.stateBytes + HALF) +
		buffers.activations * layerActivationBytes
	);
}

/** The published buffers, or as much of them as fits into so many bytes; undefined where not even the smallest do. */
export function fitBuffers(workload: Workload, layerActivationBytes: number, availableBytes: number): Buffers | undefined {
	const { activations, subGroupParameters } = publishedBuffers;
	const candidates: Buffers[] = [
		publishedBuffers,
		{ parameters: 4, optimizer: 4, activations, subGroupParameters },
		{ parameters: 4, optimizer: 4, activations, subGroupParameters: subGroupParameters / 2 },
		{ ...smallestBuffers, optimizer: 4, subGroupParameters: subGroupParameters / 4 },
		smallestBuffers,
	];
	return candidates.find((buffers) => bufferBytes(buffers, workload, layerActivationBytes) <= availableBytes);
}
