/** A trained network as other programs read and write it. */
import type { ConvolutionPlan } from './network-plan.ts';

/** A convolution and its norm, as other programs write them. */
export interface TrainedConvolution extends ConvolutionPlan {
	/** [outputs, inputs a group, rows, columns] */
	readonly weights: Float32Array;
	readonly gain: Float32Array;
	readonly offset: Float32Array;
	readonly mean: Float32Array;
	readonly variance: Float32Array;
}

export interface TrainedNetwork {
	readonly convolutions: readonly TrainedConvolution[];
	/** [classes, inputs] */
	readonly linear: Float32Array;
	readonly bias: Float32Array;
	/** Added to a variance before its root is taken. */
	readonly epsilon: number;
}
