/**
 * U-Net (Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation", 2015): 3x3 convolutions without padding, so
 * what comes down is cut to what goes up; images of one channel, two classes.
 */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import type { ImageNetwork, ImageOptions } from './image-network.ts';

const CHANNELS = [64, 128, 256, 512, 1024];

function uNet({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	const twice = (name: string, x: Tensor, channels: number): Tensor =>
		['1', '2'].reduce(
			(y, part) =>
				b.elementwise(`${name}.${part}.relu`, 'Relu', [b.convolution(`${name}.${part}`, y, { channels, kernel: 3, bias: true })]),
			x,
		);
	let x = b.input('image', [batch, 1, image, image]);
	const left: Tensor[] = [];
	for (const [level, channels] of CHANNELS.entries()) {
		if (level > 0) x = b.pooling(`pool${level}`, x, { operator: 'MaxPool', kernel: 2, stride: 2 });
		x = twice(`down${level + 1}`, x, channels);
		left.push(x);
	}
	for (let level = CHANNELS.length - 2; level >= 0; level--) {
		const channels = CHANNELS[level] ?? 64;
		x = b.upConvolution(`up${level + 1}.up`, x, channels, 2);
		const across = left[level] as Tensor;
		const cut = b.move(`up${level + 1}.crop`, 'Slice', [across], [batch, channels, ...x.shape.slice(2)]);
		x = twice(`up${level + 1}`, b.concatenate(`up${level + 1}.concat`, [cut, x]), channels);
	}
	return b.build('U-Net', 'Ronneberger et al. 2015, figure 1', [
		b.convolution('classes', x, { channels: 2, kernel: 1, bias: true }),
	]);
}

export const uNets: readonly ImageNetwork[] = [{ name: 'u-net', title: 'U-Net', image: 572, build: uNet }];
