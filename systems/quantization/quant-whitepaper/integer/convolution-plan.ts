/**
 * What a convolution needs besides its input: where each pixel and each tap lies in the padded input, and the weights in the order the
 * kernels read them.
 */
import type { Convolution, IntegerTensor, Padding, Window } from './integer-network.ts';
import { PANEL_OUTPUTS, PANEL_PIXELS } from './kernels/panels.ts';

export interface ConvolutionPlan {
	/** Height and width of the input with its padding. */
	readonly paddedHeight: number;
	readonly paddedWidth: number;
	/** Of the output. */
	readonly outHeight: number;
	readonly outWidth: number;
	readonly pixels: number;
	/** Offsets of the output's pixels from a channel's first byte, a whole number of panels. */
	readonly pixelOffsets: Int32Array;
	/** For each panel 1 if its pixels are neighbours. */
	readonly together: Int32Array;
	/** Offsets of the taps from a group's first byte, an even number. */
	readonly tapOffsets: Int32Array;
	/** Taps without the one that makes their number even. */
	readonly taps: number;
	/** Outputs and input channels of each group. */
	readonly groupOutputs: number;
	readonly groupChannels: number;
	/** A group of one input channel each: its outputs are summed tap by tap. */
	readonly isDepthwise: boolean;
}

/** Height and width of a window's output. Raises a RangeError where the window does not fit the padded input. */
export function outputSize(
	[height, width]: readonly [number, number],
	window: Window,
	dilation: { readonly height: number; readonly width: number } = { height: 1, width: 1 },
): { readonly height: number; readonly width: number } {
	const { top, bottom, left, right } = window.padding;
	const one = (size: number, taps: number, step: number, stride: number): number => {
		const room = size - (step * (taps - 1) + 1);
		if (room < 0) throw new RangeError(`a window of ${taps} (dilation ${step}) does not fit ${size}`);
		return Math.floor(room / stride) + 1;
	};
	return {
		height: one(height + top + bottom, window.height, dilation.height, window.strideHeight),
		width: one(width + left + right, window.width, dilation.width, window.strideWidth),
	};
}

/** Sizes of an image tensor; a matrix [batch, channels] counts as images of one pixel. Raises a RangeError for other ranks. */
export function imageSizes({ name, shape }: Pick<IntegerTensor, 'name' | 'shape'>): {
	batch: number;
	channels: number;
	height: number;
	width: number;
} {
	const [batch, channels, height = 1, width = 1] = shape;
	if (batch === undefined || channels === undefined || shape.length === 3 || shape.length > 4)
		throw new RangeError(`${name} of shape [${shape.join(', ')}] is no image`);
	return { batch, channels, height, width };
}

/** `step`: a convolution but for its numbers. */
export function planConvolution(
	step: Omit<Convolution, 'kind' | 'input' | 'output' | 'weights' | 'bias' | 'weightScales' | 'low' | 'high'>,
	input: Pick<IntegerTensor, 'name' | 'shape'>,
): ConvolutionPlan {
	const { channels, height, width } = imageSizes(input);
	const { padding, groups, dilationHeight, dilationWidth } = step;
	const [paddedHeight, paddedWidth] = paddedSize(height, width, padding);
	const out = outputSize([height, width], step, { height: dilationHeight, width: dilationWidth });
	const pixels = out.height * out.width;
	const panels = Math.ceil(pixels / PANEL_PIXELS);
	const pixelOffsets = Int32Array.from({ length: panels * PANEL_PIXELS }, (_, place) => {
		const pixel = Math.min(place, pixels - 1);
		const [row, column] = [Math.floor(pixel / out.width), pixel % out.width];
		return row * step.strideHeight * paddedWidth + column * step.strideWidth;
	});
	const together = Int32Array.from({ length: panels }, (_, panel) => {
		const first = pixelOffsets[panel * PANEL_PIXELS] as number;
		for (let i = 1; i < PANEL_PIXELS; i++) if (pixelOffsets[panel * PANEL_PIXELS + i] !== first + i) return 0;
		return 1;
	});
	const groupChannels = channels / groups;
	const taps = groupChannels * step.height * step.width;
	const tapOffsets = Int32Array.from({ length: taps + (taps % 2) }, (_, place) => {
		const tap = Math.min(place, taps - 1);
		const [channel, rest] = [Math.floor(tap / (step.height * step.width)), tap % (step.height * step.width)];
		const [row, column] = [Math.floor(rest / step.width), rest % step.width];
		return (channel * paddedHeight + row * dilationHeight) * paddedWidth + column * dilationWidth;
	});
	return {
		paddedHeight,
		paddedWidth,
		outHeight: out.height,
		outWidth: out.width,
		pixels,
		pixelOffsets,
		together,
		tapOffsets,
		taps,
		groupOutputs: step.outputs / groups,
		groupChannels,
		isDepthwise: groupChannels === 1 && groups > 1,
	};
}

function paddedSize(height: number, width: number, { top, bottom, left, right }: Padding): [number, number] {
	return [height + top + bottom, width + left + right];
}

/** Weights as 16-bit numbers: for panels [groups of 4 outputs][pairs][4][2], for depthwise [outputs][pairs][2]; zeros fill up. */
export function packWeights({ weights, groups }: Convolution, plan: ConvolutionPlan): Int16Array {
	const { taps, groupOutputs, isDepthwise } = plan;
	const pairs = plan.tapOffsets.length / 2;
	if (isDepthwise) {
		const packed = new Int16Array(groups * groupOutputs * pairs * 2);
		for (const [at, weight] of weights.entries()) packed[Math.floor(at / taps) * pairs * 2 + (at % taps)] = weight;
		return packed;
	}
	const quads = Math.ceil(groupOutputs / PANEL_OUTPUTS);
	const packed = new Int16Array(groups * quads * pairs * PANEL_OUTPUTS * 2);
	for (let group = 0; group < groups; group++) {
		for (let output = 0; output < groupOutputs; output++) {
			const quad = group * quads + Math.floor(output / PANEL_OUTPUTS);
			for (let tap = 0; tap < taps; tap++) {
				const place = ((quad * pairs + (tap >> 1)) * PANEL_OUTPUTS + (output % PANEL_OUTPUTS)) * 2 + (tap & 1);
				packed[place] = weights[(group * groupOutputs + output) * taps + tap] as number;
			}
		}
	}
	return packed;
}
