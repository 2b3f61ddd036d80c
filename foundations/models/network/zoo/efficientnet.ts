/** EfficientNet-B0 (Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019). */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import {
	classifier,
	type ImageNetwork,
	type ImageOptions,
	images,
	normedConvolution,
	squeezeExcitation,
} from './image-network.ts';

/** Expansion, kernel, first stride, channels and repetitions of each stage (table 1 of the paper). */
const STAGES = [
	[1, 3, 1, 16, 1],
	[6, 3, 2, 24, 2],
	[6, 5, 2, 40, 2],
	[6, 3, 2, 80, 3],
	[6, 5, 1, 112, 3],
	[6, 5, 2, 192, 4],
	[6, 3, 1, 320, 1],
] as const;

function efficientNetB0({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	const activation = 'Swish';
	let x: Tensor = normedConvolution(b, 'stem', images(b, batch, image), { channels: 32, kernel: 3, stride: 2, activation });
	let block = 0;
	for (const [expansion, kernel, first, channels, count] of STAGES) {
		for (let i = 0; i < count; i++) {
			const name = `block${++block}`;
			const input = x;
			const before = input.shape[1] ?? 1;
			const width = before * expansion;
			const stride = i === 0 ? first : 1;
			if (expansion > 1) x = normedConvolution(b, `${name}.expand`, x, { channels: width, kernel: 1, activation });
			x = normedConvolution(b, `${name}.depthwise`, x, { channels: width, kernel, stride, groups: width, activation });
			// A quarter of the block's input channels, whatever the expansion.
			x = squeezeExcitation(b, `${name}.se`, x, before / 4, activation);
			x = normedConvolution(b, `${name}.project`, x, { channels, kernel: 1, activation: null });
			if (stride === 1 && before === channels) x = b.elementwise(`${name}.add`, 'Add', [x, input]);
		}
	}
	x = normedConvolution(b, 'head', x, { channels: 1280, kernel: 1, activation });
	return b.build('EfficientNet-B0', 'torchvision', [classifier(b, x)]);
}

export const efficientNets: readonly ImageNetwork[] = [
	{ name: 'efficientnet-b0', title: 'EfficientNet-B0', image: 224, build: efficientNetB0 },
];
