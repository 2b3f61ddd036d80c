/** A grouped convolution as an array sees it. A matrix product is one of 1 x 1 outputs. */

export interface Convolution {
	readonly name: string;
	readonly batch: number;
	readonly groups: number;
	readonly inputsPerGroup: number;
	readonly outputsPerGroup: number;
	readonly kernelHeight: number;
	readonly kernelWidth: number;
	readonly strideHeight: number;
	readonly strideWidth: number;
	readonly dilationHeight: number;
	readonly dilationWidth: number;
	readonly inputHeight: number;
	readonly inputWidth: number;
	readonly outputHeight: number;
	readonly outputWidth: number;
}

/** One input map per group: the layers that DRACO widens. */
export function isDepthwise({ groups, inputsPerGroup }: Convolution): boolean {
	return groups > 1 && inputsPerGroup === 1;
}

export function macs(layer: Convolution): number {
	return outputElements(layer) * layer.inputsPerGroup * layer.kernelHeight * layer.kernelWidth;
}

export function weightElements(layer: Convolution): number {
	return layer.groups * layer.outputsPerGroup * layer.inputsPerGroup * layer.kernelHeight * layer.kernelWidth;
}

export function inputElements({ batch, groups, inputsPerGroup, inputHeight, inputWidth }: Convolution): number {
	return batch * groups * inputsPerGroup * inputHeight * inputWidth;
}

export function outputElements({ batch, groups, outputsPerGroup, outputHeight, outputWidth }: Convolution): number {
	return batch * groups * outputsPerGroup * outputHeight * outputWidth;
}
