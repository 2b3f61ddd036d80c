/** ShuffleNetV2 1.0x (Ma et al., "ShuffleNet V2: practical guidelines for efficient CNN architecture design", 2018). */
import { NetworkBuilder } from '../builder.ts';
import type { Network, Tensor } from '../network.ts';
import { classifier, type ImageNetwork, type ImageOptions, images, normedConvolution } from './image-network.ts';

/** Units and channels of each stage. */
const STAGES = [
	[4, 116],
	[8, 232],
	[4, 464],
] as const;

function shuffleNetV2({ batch, image }: ImageOptions): Network {
	const b = new NetworkBuilder();
	let x = normedConvolution(b, 'conv1', images(b, batch, image), { channels: 24, kernel: 3, stride: 2 });
	x = b.pooling('pool1', x, { operator: 'MaxPool', kernel: 3, stride: 2, padding: 1 });
	for (const [stage, [units, channels]] of STAGES.entries())
		for (let i = 0; i < units; i++) x = unit(b, `stage${stage + 2}.${i}`, x, channels, i === 0);
	x = normedConvolution(b, 'conv5', x, { channels: 1024, kernel: 1 });
	return b.build('ShuffleNetV2 1.0x', 'torchvision', [classifier(b, x)]);
}

/** Two branches of half the channels, joined and shuffled; the first unit of a stage shrinks the image and gives both branches all channels. */
function unit(b: NetworkBuilder, name: string, input: Tensor, channels: number, shrinks: boolean): Tensor {
	const half = channels / 2;
	const stride = shrinks ? 2 : 1;
	const depthwise = (part: string, x: Tensor): Tensor => {
		const before = x.shape[1] ?? 1;
		return normedConvolution(b, `${name}.${part}`, x, { channels: before, kernel: 3, stride, groups: before, activation: null });
	};
	const pointwise = (part: string, x: Tensor): Tensor =>
		normedConvolution(b, `${name}.${part}`, x, { channels: half, kernel: 1 });
	const [batch = 1, , ...size] = input.shape;
	const part = (which: string): Tensor => b.move(`${name}.${which}`, 'Slice', [input], [batch, half, ...size]);
	const kept = shrinks ? pointwise('1.pw', depthwise('1.dw', input)) : part('kept');
	const changed = pointwise('2.pw2', depthwise('2.dw', pointwise('2.pw1', shrinks ? input : part('changed'))));
	const joined = b.concatenate(`${name}.concat`, [kept, changed]);
	return b.move(`${name}.shuffle`, 'Transpose', [joined], joined.shape);
}

export const shuffleNets: readonly ImageNetwork[] = [
	{ name: 'shufflenet-v2-1.0x', title: 'ShuffleNetV2 1.0x', image: 224, build: shuffleNetV2 },
];
