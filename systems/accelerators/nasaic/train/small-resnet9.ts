/**
 * A ResNet9 as it is trained here: every width divided by a number, strides of 2 where the whole network pools, and residual convolutions
 * without their shortcut. Small enough for a processor; how networks rank is all that is asked of it.
 */
import { type ConvolutionPlan, IMAGE_CHANNELS, IMAGE_SIDE, type NetworkPlan, SHAPE_CLASSES } from '@assay/learning';

/** `values` are FN0, FN1, SK1, FN2, SK2, FN3, SK3. */
export function smallResnet9(values: readonly number[], narrower: number, batch: number): NetworkPlan {
	const convolution = (width: number, stride: number): ConvolutionPlan => ({
		outputs: Math.max(1, Math.round(width / narrower)),
		kernel: 3,
		stride,
		groups: 1,
	});
	const [stem = 1, ...stages] = values;
	const convolutions = [convolution(stem, 1)];
	for (let stage = 0; stage < 3; stage++) {
		const width = stages[2 * stage] ?? 1;
		convolutions.push(convolution(width, 2));
		for (let i = 0; i < (stages[2 * stage + 1] ?? 0); i++) convolutions.push(convolution(width, 1));
	}
	return { batch, side: IMAGE_SIDE, channels: IMAGE_CHANNELS, classes: SHAPE_CLASSES.length, convolutions };
}
