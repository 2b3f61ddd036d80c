/**
 * Another change to depthwise layers, to compare with: FuSeConv (Selvam, Ganesan and Kumar, DATE 2021) replaces a k x k kernel by a k x 1 one on
 * half of the channels and a 1 x k one on the other half, and lets every row of the array slide a kernel of its own along a line.
 */
import type { SpatialArray } from '@assay/machines';
import type { ArrayRun } from '../arrays/array-run.ts';
import { type Convolution, macs } from '../convolution.ts';

/** The two one-dimensional layers in the place of a depthwise one; the first takes the odd channel. */
export function oneDimensional(layer: Convolution): readonly [Convolution, Convolution] {
	const columns = Math.floor(layer.groups / 2);
	return [
		{ ...layer, name: `${layer.name} along columns`, groups: layer.groups - columns, kernelWidth: 1 },
		{ ...layer, name: `${layer.name} along rows`, groups: columns, kernelHeight: 1 },
	];
}

/**
 * A depthwise one-dimensional layer where each row of the array has a line to itself and its kernel is broadcast along the row: all columns
 * work on neighbouring outputs, k cycles for each of them.
 */
export function runOnLines(layer: Convolution, { rows, columns }: Pick<SpatialArray, 'rows' | 'columns'>): ArrayRun {
	const isAlongRows = layer.kernelHeight === 1;
	const lineLength = isAlongRows ? layer.outputWidth : layer.outputHeight;
	const linesPerMap = isAlongRows ? layer.outputHeight : layer.outputWidth;
	const lines = layer.batch * layer.groups * layer.outputsPerGroup * linesPerMap;
	const kernel = Math.max(layer.kernelHeight, layer.kernelWidth);
	const cycles = Math.ceil(lines / rows) * Math.ceil(lineLength / columns) * kernel;
	return { cycles, utilisation: macs(layer) / (cycles * rows * columns) };
}
