/** Narrower layers to make up for what wider groups cost: every number of channels is multiplied by the same factor. */
import { type Convolution, isDepthwise } from '../convolution.ts';

/** Channels come in multiples of so many. */
const CHANNEL_MULTIPLE = 8;

/** A number of channels times a factor, to the nearest multiple; few channels, such as an image's, stay as they are. */
export function scaledChannels(channels: number, factor: number, multiple = CHANNEL_MULTIPLE): number {
	if (channels < CHANNEL_MULTIPLE) return channels;
	return Math.max(multiple, Math.round((channels * factor) / multiple) * multiple);
}

/** The layer in a network whose channels are all scaled; groups stay, but for a depthwise layer's. */
export function scaleWidth(layer: Convolution, factor: number): Convolution {
	const { groups } = layer;
	if (isDepthwise(layer)) return { ...layer, groups: scaledChannels(groups, factor) };
	const multiple = leastCommonMultiple(CHANNEL_MULTIPLE, groups);
	return {
		...layer,
		inputsPerGroup: scaledChannels(groups * layer.inputsPerGroup, factor, multiple) / groups,
		outputsPerGroup: scaledChannels(groups * layer.outputsPerGroup, factor, multiple) / groups,
	};
}

function leastCommonMultiple(a: number, b: number): number {
	let [larger, smaller] = [a, b];
	while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
	return (a / larger) * b;
}
