/** DRACO's change: a depthwise convolution becomes a grouped one of several channels per group, which gives the array maps to work on. */
import { type Convolution, isDepthwise } from '../convolution.ts';

/** Channels per group that are tried. */
export const GROUP_WIDTHS = [1, 2, 4, 8, 16, 32] as const;

/** Widths of {@link GROUP_WIDTHS} that divide a depthwise layer's channels; only 1 for any other layer. */
export function possibleWidths(layer: Convolution): number[] {
	if (!isDepthwise(layer)) return [1];
	return GROUP_WIDTHS.filter((width) => layer.groups % width === 0);
}

/** The layer with `width` input channels in each group; 1 leaves it as it is. `width` divides the groups. */
export function widenGroups(layer: Convolution, width: number): Convolution {
	return {
		...layer,
		groups: layer.groups / width,
		inputsPerGroup: layer.inputsPerGroup * width,
		outputsPerGroup: layer.outputsPerGroup * width,
	};
}
