/** SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016) and its smaller revision 1.1. */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { type ImageNetwork, type ImageOptions, images } from './image-network.ts';

interface SqueezeNet {
	readonly first: { readonly channels: number; readonly kernel: number };
	/** Fire modules after which the image is pooled. */
	readonly pooledAfter: readonly number[];
}

/** Channels of the squeezing convolution; each of the two that follow has four times as many. */
const SQUEEZED = [16, 16, 32, 32, 48, 48, 64, 64];

function squeezeNet(title: string, { first, pooledAfter }: SqueezeNet, { batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	const activated = (name: string, x: Tensor, channels: number, kernel: number, options = {}): Tensor =>
		b.elementwise(`${name}.relu`, 'Relu', [b.convolution(name, x, { channels, kernel, bias: true, ...options })]);
	const pooled = (name: string, x: Tensor): Tensor =>
		b.pooling(name, x, { operator: 'MaxPool', kernel: 3, stride: 2, ceil: true });
	let x = pooled('pool1', activated('conv1', images(b, batch, image), first.channels, first.kernel, { stride: 2 }));
	for (const [i, squeezed] of SQUEEZED.entries()) {
		const name = `fire${i + 2}`;
		const small = activated(`${name}.squeeze`, x, squeezed, 1);
		const parts = [
			activated(`${name}.expand1x1`, small, 4 * squeezed, 1),
			activated(`${name}.expand3x3`, small, 4 * squeezed, 3, { padding: 1 }),
		];
		x = b.concatenate(`${name}.concat`, parts);
		if (pooledAfter.includes(i + 2)) x = pooled(`pool${i + 2}`, x);
	}
	x = b.flatten('flatten', b.globalAverage('pool10', activated('conv10', x, 1000, 1)));
	return b.build(title, 'torchvision', [x]);
}

const version0: SqueezeNet = { first: { channels: 96, kernel: 7 }, pooledAfter: [4, 8] };
const version1: SqueezeNet = { first: { channels: 64, kernel: 3 }, pooledAfter: [3, 5] };

export const squeezeNets: readonly ImageNetwork[] = [
	{
		name: 'squeezenet-1.0',
		title: 'SqueezeNet 1.0',
		image: 224,
		build: (options) => squeezeNet('SqueezeNet 1.0', version0, options),
	},
	{
		name: 'squeezenet-1.1',
		title: 'SqueezeNet 1.1',
		image: 224,
		build: (options) => squeezeNet('SqueezeNet 1.1', version1, options),
	},
];
