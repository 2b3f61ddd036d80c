/** What networks on images have in common. */
import type { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';

export interface ImageOptions {
	readonly batch: number;
	/** Height and width in pixels. */
	readonly image: number;
}

export interface ImageNetwork {
	readonly name: string;
	readonly title: string;
	/** Height and width it was published for. */
	readonly image: number;
	build(options: ImageOptions): Network;
}

/** Images of three channels. */
export function images(b: NetworkBuilder, batch: number, image: number): Tensor {
	return b.input('image', [batch, 3, image, image]);
}

interface NormedConvolution {
	readonly channels: number;
	readonly kernel: number;
	readonly stride?: number;
	readonly groups?: number;
	readonly padding?: number | 'same';
	/** An activation's operator; null for none. */
	readonly activation?: string | null;
}

/** A convolution without bias that keeps the size at stride 1, a batch norm, and an activation. */
export function normedConvolution(b: NetworkBuilder, name: string, input: Tensor, options: NormedConvolution): Tensor {
	const { activation = 'Relu', padding = (options.kernel - 1) / 2, ...rest } = options;
	const normed = b.batchNormalisation(`${name}.bn`, b.convolution(`${name}.conv`, input, { ...rest, padding }));
	return activation === null ? normed : b.elementwise(`${name}.act`, activation, [normed]);
}

/** The average of every channel and a fully connected layer over a thousand classes. */
export function classifier(b: NetworkBuilder, input: Tensor): Tensor {
	return b.linear('fc', b.flatten('flatten', b.globalAverage('pool', input)), 1000);
}

/** `channels` scaled to the nearest multiple of eight, but not below nine tenths (MobileNetV2's rule). */
export function divisibleByEight(channels: number): number {
	const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
	return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** Squeeze and excitation: channels scaled by what a small network makes of their averages. */
export function squeezeExcitation(b: NetworkBuilder, name: string, input: Tensor, squeezed: number, activation: string): Tensor {
	const averages = b.globalAverage(`${name}.pool`, input);
	const small = b.elementwise(`${name}.act`, activation, [
		b.convolution(`${name}.fc1`, averages, { channels: squeezed, kernel: 1, bias: true }),
	]);
	const large = b.convolution(`${name}.fc2`, small, { channels: input.shape[1] ?? 1, kernel: 1, bias: true });
	return b.elementwise(`${name}.scale`, 'Mul', [input, b.elementwise(`${name}.gate`, 'Sigmoid', [large])]);
}
