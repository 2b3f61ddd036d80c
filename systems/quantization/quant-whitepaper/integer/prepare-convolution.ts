/** The way through a convolution that arithmetic in 8 bits and in float have in common: images, groups, blocks of panels, and pixels that fill no panel. */
import type { Arena } from '@assay/learning';
import { type ConvolutionPlan, imageSizes } from './convolution-plan.ts';
import type { IntegerTensor, Padding } from './integer-network.ts';
import type { Address } from './kernels/kernels.ts';
import { PANEL_OUTPUTS, PANEL_PIXELS } from './kernels/panels.ts';

/** Bytes of gathered panels that are worked on at a time: they should stay in a core's cache. */
const PANEL_BYTES = 1 << 18;

/** What differs: addresses are bytes. */
export interface ConvolutionArithmetic {
	/** Bytes of a value. */
	readonly valueBytes: 1 | 4;
	/** Bytes of a gathered panel. */
	readonly panelBytes: number;
	/** Bytes that pads are filled with. */
	readonly padByte: number;
	/** Gathers so many panels from `panel` on. */
	gather(source: Address, panel: number, target: Address, count: number): void;
	/** All outputs of a group at the pixels of gathered panels. */
	multiply(group: number, panels: Address, out: Address, rowBytes: number, count: number): void;
	/** All outputs of a depthwise convolution of one image. */
	depthwise(source: Address, out: Address): void;
	copyRows(from: Address, fromRowBytes: number, to: Address, toRowBytes: number, bytes: number, rows: number): void;
}

/** Values that are read behind the last one: of eight pixels with a stride of 2. */
const READ_BEHIND = 3 * PANEL_PIXELS;

/** Values that must be free behind a tensor of images: outputs are stored in whole panels of quads, one after the other. */
export function slackOf({ shape }: Pick<IntegerTensor, 'shape'>): number {
	return PANEL_OUTPUTS * shape.slice(2).reduce((product, size) => product * size, 1) + READ_BEHIND;
}

/** `from`, `to`: where the tensors lie. */
export function prepareConvolution(
	plan: ConvolutionPlan,
	input: Pick<IntegerTensor, 'name' | 'shape'>,
	{ groups, padding, strideWidth }: { readonly groups: number; readonly padding: Padding; readonly strideWidth: number },
	[from, to]: readonly [Address, Address],
	arithmetic: ConvolutionArithmetic,
	arena: Arena,
): () => void {
	const { valueBytes, panelBytes } = arithmetic;
	const { batch } = imageSizes(input);
	const source = padImages(plan, input, padding, from, arithmetic, arena);
	const { groupOutputs, pixels } = plan;
	const channelBytes = valueBytes * plan.paddedHeight * plan.paddedWidth;
	const rowBytes = valueBytes * pixels;
	const eachImage = (one: (source: Address, out: Address) => void) => () => {
		for (let image = 0; image < batch; image++) one(source(image), to + image * groups * groupOutputs * rowBytes);
	};
	if (plan.isDepthwise) {
		// With wide strides eight pixels reach further behind: there must be memory.
		arena.bytes(valueBytes * PANEL_PIXELS * strideWidth);
		return eachImage((image, out) => arithmetic.depthwise(image, out));
	}
	const panels = plan.together.length;
	const block = Math.max(1, Math.min(panels, Math.floor(PANEL_BYTES / panelBytes)));
	const gathered = arena.bytes(block * panelBytes);
	const lastBytes = valueBytes * PANEL_PIXELS;
	const last = arena.bytes((groupOutputs + PANEL_OUTPUTS) * lastBytes);
	const whole = Math.floor(pixels / PANEL_PIXELS);
	return eachImage((image, out) => {
		for (let group = 0; group < groups; group++) {
			const groupSource = image + group * plan.groupChannels * channelBytes;
			const groupOut = out + group * groupOutputs * rowBytes;
			for (let panel = 0; panel < panels; panel += block) {
				const count = Math.min(block, panels - panel);
				arithmetic.gather(groupSource, panel, gathered, count);
				const full = Math.min(count, whole - panel);
				if (full > 0) arithmetic.multiply(group, gathered, groupOut + panel * lastBytes, rowBytes, full);
				if (full === count) continue;
				// Pixels that fill no panel are stored aside, and copied.
				arithmetic.multiply(group, gathered + full * panelBytes, last, lastBytes, 1);
				const rest = rowBytes - whole * lastBytes;
				arithmetic.copyRows(last, lastBytes, groupOut + whole * lastBytes, rowBytes, rest, groupOutputs);
			}
		}
	});
}

/** Gives where an image of the batch lies with its padding, and puts it there. */
function padImages(
	plan: ConvolutionPlan,
	input: Pick<IntegerTensor, 'name' | 'shape'>,
	{ top, left }: Padding,
	from: Address,
	{ valueBytes, padByte, copyRows }: ConvolutionArithmetic,
	arena: Arena,
): (image: number) => Address {
	const { channels, height, width } = imageSizes(input);
	const channelBytes = valueBytes * height * width;
	const { paddedHeight, paddedWidth } = plan;
	if (paddedHeight === height && paddedWidth === width) return (image) => from + image * channels * channelBytes;
	const paddedBytes = valueBytes * paddedHeight * paddedWidth;
	const size = channels * paddedBytes + valueBytes * READ_BEHIND;
	const to = arena.bytes(size);
	// Pads are written once: runs write between them.
	new Uint8Array(arena.memory.buffer, to, size).fill(padByte);
	const inside = to + valueBytes * (top * paddedWidth + left);
	const rowBytes = valueBytes * width;
	return (image) => {
		for (let channel = 0; channel < channels; channel++) {
			const source = from + (image * channels + channel) * channelBytes;
			copyRows(source, rowBytes, inside + channel * paddedBytes, valueBytes * paddedWidth, rowBytes, height);
		}
		return to;
	};
}
