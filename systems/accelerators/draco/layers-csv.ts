/** Layers as a SCALE-Sim topology, with a column for groups. */
import { csvText } from '@assay/contract';
import type { Convolution } from './convolution.ts';

export function layersCsv(layers: readonly Convolution[]): string {
	return csvText([
		['Layer name', 'IFMAP Height', 'IFMAP Width', 'Filter Height', 'Filter Width', 'Channels', 'Num Filter', 'Strides', 'Groups'],
		...layers.map((layer) => [
			layer.name,
			// SCALE-Sim knows no padding: the input is as large as the outputs make it.
			(layer.outputHeight - 1) * layer.strideHeight + layer.kernelHeight,
			(layer.outputWidth - 1) * layer.strideWidth + layer.kernelWidth,
			layer.kernelHeight,
			layer.kernelWidth,
			layer.groups * layer.inputsPerGroup,
			layer.groups * layer.outputsPerGroup,
			layer.strideHeight,
			layer.groups,
		]),
	]);
}
