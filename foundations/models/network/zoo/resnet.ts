/**
 * ResNet (He et al., "Deep residual learning for image recognition", 2016) and ResNeXt (Xie et al., "Aggregated residual transformations for
 * deep neural networks", 2017). As in torchvision, a bottleneck that shrinks the image does so in its 3x3 convolution.
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { classifier, type ImageNetwork, type ImageOptions, images, normedConvolution } from './image-network.ts';

interface ResNet {
	/** Residual blocks in each of the four stages. */
	readonly blocks: readonly number[];
	/** Three convolutions a block with four times the channels at its end; otherwise two. */
	readonly bottleneck: boolean;
	/** Groups of the 3x3 convolutions, and channels of each in the first stage. */
	readonly groups?: number;
	readonly groupWidth?: number;
}

function resNet(
	title: string,
	{ blocks, bottleneck, groups = 1, groupWidth = 64 }: ResNet,
	{ batch, image }: ImageOptions,
): Network {
	const b = new NetworkBuilder();
	let x = normedConvolution(b, 'conv1', images(b, batch, image), { channels: 64, kernel: 7, stride: 2 });
	x = b.pooling('pool1', x, { operator: 'MaxPool', kernel: 3, stride: 2, padding: 1 });
	for (const [stage, count] of blocks.entries()) {
		const width = groups * groupWidth * 2 ** stage;
		const channels = 64 * 2 ** stage * (bottleneck ? 4 : 1);
		for (let i = 0; i < count; i++) {
			const stride = i === 0 && stage > 0 ? 2 : 1;
			x = residualBlock(b, `layer${stage + 1}.${i}`, x, { width, channels, stride, groups, bottleneck });
		}
	}
	return b.build(title, 'torchvision', [classifier(b, x)]);
}

interface ResidualBlock {
	readonly width: number;
	readonly channels: number;
	readonly stride: number;
	readonly groups: number;
	readonly bottleneck: boolean;
}

function residualBlock(
	b: NetworkBuilder,
	name: string,
	input: Tensor,
	{ width, channels, stride, groups, bottleneck }: ResidualBlock,
): Tensor {
	let x = input;
	if (bottleneck) {
		x = normedConvolution(b, `${name}.1`, x, { channels: width, kernel: 1 });
		x = normedConvolution(b, `${name}.2`, x, { channels: width, kernel: 3, stride, groups });
		x = normedConvolution(b, `${name}.3`, x, { channels, kernel: 1, activation: null });
	} else {
		x = normedConvolution(b, `${name}.1`, x, { channels, kernel: 3, stride });
		x = normedConvolution(b, `${name}.2`, x, { channels, kernel: 3, activation: null });
	}
	const changed = stride > 1 || input.shape[1] !== channels;
	const shortcut = changed
		? normedConvolution(b, `${name}.shortcut`, input, { channels, kernel: 1, stride, activation: null })
		: input;
	return b.elementwise(`${name}.relu`, 'Relu', [b.elementwise(`${name}.add`, 'Add', [x, shortcut])]);
}

const resNetOf = (name: string, title: string, shape: ResNet): ImageNetwork => ({
	name,
	title,
	image: 224,
	build: (options) => resNet(title, shape, options),
});

export const resNets: readonly ImageNetwork[] = [
	resNetOf('resnet-18', 'ResNet-18', { blocks: [2, 2, 2, 2], bottleneck: false }),
	resNetOf('resnet-34', 'ResNet-34', { blocks: [3, 4, 6, 3], bottleneck: false }),
	resNetOf('resnet-50', 'ResNet-50', { blocks: [3, 4, 6, 3], bottleneck: true }),
	resNetOf('resnet-101', 'ResNet-101', { blocks: [3, 4, 23, 3], bottleneck: true }),
	resNetOf('resnext-50-32x4d', 'ResNeXt-50 32x4d', { blocks: [3, 4, 6, 3], bottleneck: true, groups: 32, groupWidth: 4 }),
];
