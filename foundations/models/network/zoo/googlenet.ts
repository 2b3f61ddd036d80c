/**
 * GoogLeNet (Szegedy et al., "Going deeper with convolutions", 2015) with batch norms and without the auxiliary classifiers, as torchvision has
 * it; like there, the paper's 5x5 convolutions are 3x3.
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { classifier, type ImageNetwork, type ImageOptions, images, normedConvolution } from './image-network.ts';

/** Channels of 1x1, before 3x3, 3x3, before 5x5, 5x5, after pooling (table 1 of the paper); null: a pooling. */
const MODULES = [
	['3a', [64, 96, 128, 16, 32, 32]],
	['3b', [128, 128, 192, 32, 96, 64]],
	['pool3', null],
	['4a', [192, 96, 208, 16, 48, 64]],
	['4b', [160, 112, 224, 24, 64, 64]],
	['4c', [128, 128, 256, 24, 64, 64]],
	['4d', [112, 144, 288, 32, 64, 64]],
	['4e', [256, 160, 320, 32, 128, 128]],
	['pool4', null],
	['5a', [256, 160, 320, 32, 128, 128]],
	['5b', [384, 192, 384, 48, 128, 128]],
] as const;

function googLeNet({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	const shrink = (name: string, x: Tensor, kernel: number): Tensor =>
		b.pooling(name, x, { operator: 'MaxPool', kernel, stride: 2, ceil: true });
	let x = shrink('pool1', normedConvolution(b, 'conv1', images(b, batch, image), { channels: 64, kernel: 7, stride: 2 }), 3);
	x = normedConvolution(b, 'conv2', x, { channels: 64, kernel: 1 });
	x = shrink('pool2', normedConvolution(b, 'conv3', x, { channels: 192, kernel: 3 }), 3);
	for (const [name, channels] of MODULES)
		x = channels === null ? shrink(name, x, name === 'pool3' ? 3 : 2) : inception(b, name, x, channels);
	return b.build('GoogLeNet', 'torchvision', [classifier(b, x)]);
}

type Channels = readonly [number, number, number, number, number, number];

function inception(
	b: NetworkBuilder,
	name: string,
	input: Tensor,
	[one, before3, three, before5, five, pooled]: Channels,
): Tensor {
	const convolved = (part: string, x: Tensor, channels: number, kernel: number): Tensor =>
		normedConvolution(b, `${name}.${part}`, x, { channels, kernel });
	return b.concatenate(`${name}.concat`, [
		convolved('1', input, one, 1),
		convolved('2b', convolved('2a', input, before3, 1), three, 3),
		convolved('3b', convolved('3a', input, before5, 1), five, 3),
		convolved('4b', b.pooling(`${name}.4a`, input, { operator: 'MaxPool', kernel: 3, stride: 1, padding: 1 }), pooled, 1),
	]);
}

export const googLeNets: readonly ImageNetwork[] = [{ name: 'googlenet', title: 'GoogLeNet', image: 224, build: googLeNet }];
