/** Window, strides, dilations and explicit pads of a convolution or pooling of images. */
import type { OnnxNode } from '@assay/models/onnx';
import type { Padding } from '../integer/integer-network.ts';
import { integers, word } from './attributes.ts';

export interface NodeWindow {
	readonly height: number;
	readonly width: number;
	readonly strideHeight: number;
	readonly strideWidth: number;
	readonly dilationHeight: number;
	readonly dilationWidth: number;
	readonly padding: Padding;
}

/** `kernel`: where the node does not state it, of the weights. `image`, `output`: shapes. */
export function windowOf(
	node: OnnxNode,
	kernel: readonly number[],
	image: readonly number[],
	output: readonly number[],
): NodeWindow {
	const [height = 1, width = 1] = integers(node, 'kernel_shape') ?? kernel;
	const [strideHeight = 1, strideWidth = 1] = integers(node, 'strides') ?? [];
	const [dilationHeight = 1, dilationWidth = 1] = integers(node, 'dilations') ?? [];
	const auto = word(node, 'auto_pad', 'NOTSET');
	const [t = 0, l = 0, b = 0, r = 0] = auto === 'NOTSET' ? (integers(node, 'pads') ?? []) : [];
	const share = (size: number, out: number, taps: number, dilation: number, stride: number): readonly [number, number] => {
		const total = Math.max(0, (out - 1) * stride + (taps - 1) * dilation + 1 - size);
		const less = Math.floor(total / 2);
		return auto === 'SAME_LOWER' ? [total - less, less] : [less, total - less];
	};
	const isSame = auto.startsWith('SAME');
	const [top, bottom] = isSame ? share(image[2] ?? 1, output[2] ?? 1, height, dilationHeight, strideHeight) : [t, b];
	const [left, right] = isSame ? share(image[3] ?? 1, output[3] ?? 1, width, dilationWidth, strideWidth) : [l, r];
	return { height, width, strideHeight, strideWidth, dilationHeight, dilationWidth, padding: { top, left, bottom, right } };
}
