/** TensorFlow Lite's images and weights, channels last, in our order, and its windows with explicit pads. */
import type { InputError } from '@assay/contract';
import type { TfliteNode } from '@assay/models/tflite';
import type { Padding } from './integer-network.ts';

type Operation<Kind extends TfliteNode['operation']['kind']> = Extract<TfliteNode['operation'], { readonly kind: Kind }>;

/** Makes the error that names a place. */
export type Wrong = (place: string, found: string, expected: string) => InputError;

/** [batch, height, width, channels] as [batch, channels, height, width]; other ranks stay. */
export function channelsFirst(shape: readonly number[]): readonly number[] {
	const [batch, height, width, channels] = shape;
	if (batch === undefined || height === undefined || width === undefined || channels === undefined || shape.length !== 4)
		return shape;
	return [batch, channels, height, width];
}

export function dimensions(shape: readonly number[], place: string, wrong: Wrong): readonly [number, number, number, number] {
	const [a, b, c, d] = shape;
	if (a === undefined || b === undefined || c === undefined || d === undefined || shape.length !== 4)
		throw wrong(place, `weights of [${shape.join(', ')}]`, 'four dimensions');
	return [a, b, c, d];
}

/** [outputs, taps, channels] to [outputs, channels, taps]. */
export function tapsLast(values: Int8Array, outputs: number, taps: number): Int8Array {
	const channels = values.length / outputs / taps;
	return Int8Array.from(values, (_, place) => {
		const [output, rest] = [Math.floor(place / (channels * taps)), place % (channels * taps)];
		const [channel, tap] = [Math.floor(rest / taps), rest % taps];
		return values[(output * taps + tap) * channels + channel] as number;
	});
}

/** [taps, outputs] to [outputs, taps]. */
export function outputsFirst(values: Int8Array, taps: number): Int8Array {
	const outputs = values.length / taps;
	return Int8Array.from(values, (_, place) => values[(place % taps) * outputs + Math.floor(place / taps)] as number);
}

/** Strides, and padding as TensorFlow has it: `same` shares it out, the odd pixel at the end. */
export function window(
	operation: Operation<'convolution' | 'depthwise-convolution' | 'average-pool' | 'max-pool'>,
	image: readonly number[],
	filterHeight: number,
	filterWidth: number,
) {
	const { padding, strideHeight, strideWidth } = operation;
	const [dilationHeight, dilationWidth] =
		'dilationHeight' in operation ? [operation.dilationHeight, operation.dilationWidth] : [1, 1];
	const share = (size: number, filter: number, dilation: number, stride: number): readonly [number, number] => {
		if (padding === 'valid') return [0, 0];
		const spread = (filter - 1) * dilation + 1;
		const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + spread - size);
		return [Math.floor(total / 2), Math.ceil(total / 2)];
	};
	const [top, bottom] = share(image[1] ?? 1, filterHeight, dilationHeight, strideHeight);
	const [left, right] = share(image[2] ?? 1, filterWidth, dilationWidth, strideWidth);
	return { strideHeight, strideWidth, padding: { top, left, bottom, right } satisfies Padding };
}
