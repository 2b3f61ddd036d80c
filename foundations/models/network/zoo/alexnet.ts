/** AlexNet in one column, as torchvision has it (Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014). */
import { NetworkBuilder } from '../builder.ts';
import type { Network } from '../network.ts';
import { type ImageNetwork, type ImageOptions, images } from './image-network.ts';

const CONVOLUTIONS = [
	{ channels: 64, kernel: 11, stride: 4, padding: 2, pooled: true },
	{ channels: 192, kernel: 5, stride: 1, padding: 2, pooled: true },
	{ channels: 384, kernel: 3, stride: 1, padding: 1, pooled: false },
	{ channels: 256, kernel: 3, stride: 1, padding: 1, pooled: false },
	{ channels: 256, kernel: 3, stride: 1, padding: 1, pooled: true },
] as const;

function alexNet({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	let x = images(b, batch, image);
	for (const [i, { pooled, ...convolution }] of CONVOLUTIONS.entries()) {
		x = b.elementwise(`relu${i + 1}`, 'Relu', [b.convolution(`conv${i + 1}`, x, { ...convolution, bias: true })]);
		if (pooled) x = b.pooling(`pool${i + 1}`, x, { operator: 'MaxPool', kernel: 3, stride: 2 });
	}
	x = b.flatten('flatten', x);
	for (const name of ['fc6', 'fc7']) x = b.elementwise(`${name}.relu`, 'Relu', [b.linear(name, x, 4096)]);
	return b.build('AlexNet', 'torchvision', [b.linear('fc8', x, 1000)]);
}

export const alexNets: readonly ImageNetwork[] = [{ name: 'alexnet', title: 'AlexNet', image: 224, build: alexNet }];
