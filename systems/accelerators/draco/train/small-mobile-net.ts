/** MobileNetV1 at a quarter of its width for images of 32 x 32: the first convolution keeps their size, the other strides are the paper's. */
import { IMAGE_CHANNELS, IMAGE_SIDE, type NetworkPlan, SHAPE_CLASSES } from '@assay/learning';

/** Outputs and stride of each separable convolution (Howard et al., arXiv:1704.04861, table 1), a quarter as wide. */
const SEPARABLE = [
	[16, 1],
	[32, 2],
	[32, 1],
	[64, 2],
	[64, 1],
	[128, 2],
	[128, 1],
	[128, 1],
	[128, 1],
	[128, 1],
	[128, 1],
	[256, 2],
	[256, 1],
] as const;

const FIRST = 8;

/** Channels per group that the narrowest layers allow. */
export const TRAINABLE_WIDTHS = [1, 2, 4, 8] as const;

/** The network with `width` channels in each group of what were depthwise layers. */
export function smallMobileNet(width: number, batch: number): NetworkPlan {
	let inputs = FIRST;
	const separable = SEPARABLE.flatMap(([outputs, stride]) => {
		const pair = [
			{ outputs: inputs, kernel: 3, stride, groups: inputs / width },
			{ outputs, kernel: 1, stride: 1, groups: 1 },
		];
		inputs = outputs;
		return pair;
	});
	return {
		batch,
		side: IMAGE_SIDE,
		channels: IMAGE_CHANNELS,
		classes: SHAPE_CLASSES.length,
		convolutions: [{ outputs: FIRST, kernel: 3, stride: 1, groups: 1 }, ...separable],
	};
}
