/** What a convolutional network looks like before it has weights. */

/** A convolution by what it adds to the one before. */
export interface ConvolutionPlan {
	readonly outputs: number;
	readonly kernel: number;
	readonly stride: number;
	readonly groups: number;
}

export interface NetworkPlan {
	/** Images at once. */
	readonly batch: number;
	/** Height and width of an image, and its channels. */
	readonly side: number;
	readonly channels: number;
	readonly classes: number;
	readonly convolutions: readonly ConvolutionPlan[];
}
