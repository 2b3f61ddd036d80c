/** A network as the chip runs it: layers and which of them each one reads. */
import type { ConvolutionLayer } from '../cost/convolution-layer.ts';

export interface TaskNetwork {
	readonly name: string;
	readonly layers: readonly ConvolutionLayer[];
	/** Numbers of the layers that each one reads, through whatever costs nothing; smaller than its own. */
	readonly predecessors: readonly (readonly number[])[];
}

/** A chain: each layer reads the one before. */
export function chainOf(name: string, layers: readonly ConvolutionLayer[]): TaskNetwork {
	return { name, layers, predecessors: layers.map((_, i) => (i === 0 ? [] : [i - 1])) };
}

/** A convolution of squares with padding that keeps their size. */
export function squareConvolution(
	name: string,
	inputChannels: number,
	outputChannels: number,
	side: number,
	kernel = 3,
): ConvolutionLayer {
	return {
		name,
		inputChannels,
		outputChannels,
		kernelRows: kernel,
		kernelColumns: kernel,
		outputRows: side,
		outputColumns: side,
		stride: 1,
		isDepthwise: false,
		repeats: 1,
	};
}

/** Weights of the layers, biases left out. */
export function weightCount(layers: readonly ConvolutionLayer[]): number {
	return layers.reduce(
		(sum, { inputChannels, outputChannels, kernelRows, kernelColumns }) =>
			sum + inputChannels * outputChannels * kernelRows * kernelColumns,
		0,
	);
}
