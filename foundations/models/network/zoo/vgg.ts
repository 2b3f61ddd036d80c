/** VGG (Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015), configurations D and E. */
import { NetworkBuilder } from '../builder.ts';
import type { Network } from '../network.ts';
import { type ImageNetwork, type ImageOptions, images } from './image-network.ts';

const CHANNELS = [64, 128, 256, 512, 512];

/** `blocks`: 3x3 convolutions before each of the five poolings. */
function vgg(title: string, blocks: readonly number[], { batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	let x = images(b, batch, image);
	for (const [block, count] of blocks.entries()) {
		for (let i = 1; i <= count; i++) {
			const name = `conv${block + 1}_${i}`;
			const convolved = b.convolution(name, x, { channels: CHANNELS[block] ?? 512, kernel: 3, padding: 1, bias: true });
			x = b.elementwise(`${name}.relu`, 'Relu', [convolved]);
		}
		x = b.pooling(`pool${block + 1}`, x, { operator: 'MaxPool', kernel: 2, stride: 2 });
	}
	x = b.flatten('flatten', x);
	for (const name of ['fc6', 'fc7']) x = b.elementwise(`${name}.relu`, 'Relu', [b.linear(name, x, 4096)]);
	return b.build(title, 'torchvision', [b.linear('fc8', x, 1000)]);
}

export const vggs: readonly ImageNetwork[] = [
	{ name: 'vgg-16', title: 'VGG-16', image: 224, build: (options) => vgg('VGG-16', [2, 2, 3, 3, 3], options) },
	{ name: 'vgg-19', title: 'VGG-19', image: 224, build: (options) => vgg('VGG-19', [2, 2, 4, 4, 4], options) },
];
