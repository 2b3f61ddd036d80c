/**
 * MobileNetV1 (Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017) with its width
 * multiplier, and MobileNetV2 (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018).
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import {
	classifier,
	divisibleByEight,
	type ImageNetwork,
	type ImageOptions,
	images,
	normedConvolution,
} from './image-network.ts';

/** Channels and stride of each depthwise separable convolution (table 1 of the paper). */
const SEPARABLE = [
	...[
		[64, 1],
		[128, 2],
		[128, 1],
		[256, 2],
		[256, 1],
		[512, 2],
	],
	...[
		[512, 1],
		[512, 1],
		[512, 1],
		[512, 1],
		[512, 1],
		[1024, 2],
		[1024, 1],
	],
] as const satisfies readonly (readonly [number, number])[];

function mobileNetV1(title: string, width: number, { batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	const scaled = (channels: number): number => Math.floor(channels * width);
	let x = normedConvolution(b, 'conv1', images(b, batch, image), { channels: scaled(32), kernel: 3, stride: 2, padding: 'same' });
	for (const [i, [channels, stride]] of SEPARABLE.entries()) {
		const before = x.shape[1] ?? 1;
		x = normedConvolution(b, `dw${i + 1}`, x, { channels: before, kernel: 3, stride, groups: before, padding: 'same' });
		x = normedConvolution(b, `pw${i + 1}`, x, { channels: scaled(channels), kernel: 1 });
	}
	return b.build(title, 'Howard et al. 2017, table 1', [classifier(b, x)]);
}

/** Expansion, channels, repetitions and first stride of each stage (table 2 of the paper). */
const BOTTLENECKS = [
	[1, 16, 1, 1],
	[6, 24, 2, 2],
	[6, 32, 3, 2],
	[6, 64, 4, 2],
	[6, 96, 3, 1],
	[6, 160, 3, 2],
	[6, 320, 1, 1],
] as const;

function mobileNetV2({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	let x = normedConvolution(b, 'conv1', images(b, batch, image), { channels: 32, kernel: 3, stride: 2, activation: 'Clip' });
	let block = 0;
	for (const [expansion, channels, count, stride] of BOTTLENECKS)
		for (let i = 0; i < count; i++)
			x = invertedResidual(b, `block${++block}`, x, {
				expansion,
				channels: divisibleByEight(channels),
				stride: i === 0 ? stride : 1,
			});
	x = normedConvolution(b, 'conv2', x, { channels: 1280, kernel: 1, activation: 'Clip' });
	return b.build('MobileNetV2', 'torchvision', [classifier(b, x)]);
}

interface InvertedResidual {
	readonly expansion: number;
	readonly channels: number;
	readonly stride: number;
}

/** Wide in the middle: expand, filter each channel, project; added to the input where the shapes are alike. */
function invertedResidual(
	b: NetworkBuilder,
	name: string,
	input: Tensor,
	{ expansion, channels, stride }: InvertedResidual,
): Tensor {
	const width = (input.shape[1] ?? 1) * expansion;
	let x = input;
	if (expansion > 1) x = normedConvolution(b, `${name}.expand`, x, { channels: width, kernel: 1, activation: 'Clip' });
	x = normedConvolution(b, `${name}.depthwise`, x, { channels: width, kernel: 3, stride, groups: width, activation: 'Clip' });
	x = normedConvolution(b, `${name}.project`, x, { channels, kernel: 1, activation: null });
	return stride === 1 && input.shape[1] === channels ? b.elementwise(`${name}.add`, 'Add', [x, input]) : x;
}

const version1 = (name: string, title: string, width: number): ImageNetwork => ({
	name,
	title,
	image: 224,
	build: (options) => mobileNetV1(title, width, options),
});

export const mobileNets: readonly ImageNetwork[] = [
	version1('mobilenet-v1', 'MobileNetV1', 1),
	version1('mobilenet-v1-0.75', 'MobileNetV1 0.75', 0.75),
	version1('mobilenet-v1-0.5', 'MobileNetV1 0.5', 0.5),
	version1('mobilenet-v1-0.25', 'MobileNetV1 0.25', 0.25),
	{ name: 'mobilenet-v2', title: 'MobileNetV2', image: 224, build: mobileNetV2 },
];
