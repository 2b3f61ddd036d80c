/** A layer as the cost model sees it: a convolution; matrix products are convolutions with kernels of 1 x 1. */
import { C, dimensionSet, K, R, S, X, Y } from './dimension.ts';

export interface ConvolutionLayer {
	readonly name: string;
	/** Channels of one group; for a depthwise layer all channels, as inputs, and one output each. */
	readonly outputChannels: number;
	readonly inputChannels: number;
	readonly kernelRows: number;
	readonly kernelColumns: number;
	readonly outputRows: number;
	readonly outputColumns: number;
	readonly stride: number;
	/** Each channel has its own kernel; `outputChannels` is 1 then. */
	readonly isDepthwise: boolean;
	/** How often the layer is done: groups and images, one after the other. */
	readonly repeats: number;
}

/** Sizes in the order of the dimensions. Rows and columns of the input are those that the outputs need, padding included. */
export function layerSizes(layer: ConvolutionLayer): Int32Array {
	const sizes = new Int32Array(6);
	sizes[K] = layer.outputChannels;
	sizes[C] = layer.inputChannels;
	sizes[R] = layer.kernelRows;
	sizes[S] = layer.kernelColumns;
	sizes[Y] = (layer.outputRows - 1) * layer.stride + layer.kernelRows;
	sizes[X] = (layer.outputColumns - 1) * layer.stride + layer.kernelColumns;
	return sizes;
}

/** Multiply-accumulates of all repeats. */
export function layerMacs(layer: ConvolutionLayer): number {
	const { outputChannels, inputChannels, kernelRows, kernelColumns, outputRows, outputColumns, repeats } = layer;
	return outputChannels * inputChannels * kernelRows * kernelColumns * outputRows * outputColumns * repeats;
}

/** Which dimensions each tensor of a layer has. */
export interface TensorDimensions {
	readonly input: number;
	readonly weight: number;
	readonly output: number;
}

const STANDARD: TensorDimensions = {
	input: dimensionSet(C, Y, X),
	weight: dimensionSet(K, C, R, S),
	output: dimensionSet(K, Y, X),
};
const DEPTHWISE: TensorDimensions = {
	input: dimensionSet(C, Y, X),
	weight: dimensionSet(C, R, S),
	output: dimensionSet(C, Y, X),
};

export function tensorDimensions({ isDepthwise }: ConvolutionLayer): TensorDimensions {
	return isDepthwise ? DEPTHWISE : STANDARD;
}

/** Text that two layers share exactly if every mapping costs both the same, but for their repeats. */
export function layerShape(layer: ConvolutionLayer): string {
	const { outputChannels, inputChannels, kernelRows, kernelColumns, outputRows, outputColumns, stride, isDepthwise } = layer;
	return `${outputChannels},${inputChannels},${kernelRows},${kernelColumns},${outputRows},${outputColumns},${stride}${isDepthwise ? ',d' : ''}`;
}
