/**
 * Systolic arrays with output-, weight- or input-stationary data, as SCALE-Sim counts them (Samajdar et al., ISPASS 2020).
 *
 * A group's convolution is a product of an Ho Wo x T matrix of input windows (T = kernel x input maps) with a T x n matrix of kernels. The
 * stationary operand is cut into folds of the array's size; operands enter skewed, one row and column later each, so that a fold takes
 * 2A + B + (streamed length) - 2 cycles: filling or draining over A rows, the skew over A - 1 rows and B - 1 columns, and the stream.
 */
import type { Dataflow, SpatialArray } from '@assay/machines';
import { type Convolution, inputElements, macs, outputElements, weightElements } from '../convolution.ts';
import type { ArrayRun } from './array-run.ts';

export type SystolicDataflow = Exclude<Dataflow, 'row-stationary'>;

/** On-chip memories of an array, in values; each is double-buffered, so half of it holds what is worked on. */
export interface OperandBuffers {
	readonly input: number;
	readonly weight: number;
	readonly output: number;
}

/** The product of a group: `windows` x `depth` times `depth` x `kernels`. */
export interface GroupProduct {
	readonly windows: number;
	readonly depth: number;
	readonly kernels: number;
}

export function groupProduct(layer: Convolution): GroupProduct {
	return {
		windows: layer.batch * layer.outputHeight * layer.outputWidth,
		depth: layer.kernelHeight * layer.kernelWidth * layer.inputsPerGroup,
		kernels: layer.outputsPerGroup,
	};
}

/** Folds down and across, and the length that streams past each. */
export function foldsOf(
	{ windows, depth, kernels }: GroupProduct,
	{ rows, columns }: Pick<SpatialArray, 'rows' | 'columns'>,
	dataflow: SystolicDataflow,
): { readonly down: number; readonly across: number; readonly streamed: number } {
	switch (dataflow) {
		case 'output-stationary':
			return { down: Math.ceil(windows / rows), across: Math.ceil(kernels / columns), streamed: depth };
		case 'weight-stationary':
			return { down: Math.ceil(depth / rows), across: Math.ceil(kernels / columns), streamed: windows };
		case 'input-stationary':
			return { down: Math.ceil(depth / rows), across: Math.ceil(windows / columns), streamed: kernels };
	}
}

/** Cycles and utilisation of a layer, memory aside. Groups come one after the other. */
export function runSystolic(
	layer: Convolution,
	array: Pick<SpatialArray, 'rows' | 'columns'>,
	dataflow: SystolicDataflow,
): ArrayRun {
	const { down, across, streamed } = foldsOf(groupProduct(layer), array, dataflow);
	const cycles = layer.groups * down * across * (2 * array.rows + array.columns + streamed - 2);
	return { cycles, utilisation: macs(layer) / (cycles * array.rows * array.columns) };
}

/**
 * Values moved to and from DRAM: every operand once, and again for each pass over it that its buffer cannot bridge. Folds run across
 * first, then down.
 */
export function systolicTraffic(
	layer: Convolution,
	array: Pick<SpatialArray, 'rows' | 'columns'>,
	dataflow: SystolicDataflow,
	buffers: OperandBuffers,
): { readonly input: number; readonly weight: number; readonly output: number } {
	const product = groupProduct(layer);
	const { down, across } = foldsOf(product, array, dataflow);
	const input = inputElements(layer);
	const weight = weightElements(layer);
	const output = outputElements(layer);
	const inputOfGroup = input / layer.groups;
	const weightOfGroup = weight / layer.groups;
	const outputOfGroup = output / layer.groups;
	const fits = (values: number, buffer: number): boolean => values <= buffer / 2;
	// What all folds of a row of folds read: once if it is held, else once for each of them.
	const overAcross = (values: number, buffer: number): number => (fits(values / down, buffer) ? 1 : across);
	// What every row of folds reads again.
	const overDown = (values: number, buffer: number): number => (fits(values, buffer) ? 1 : down);
	// Partial sums of every row of folds but the last go out and come back.
	const partialSums = fits(outputOfGroup, buffers.output) ? 1 : 2 * down - 1;
	switch (dataflow) {
		case 'output-stationary':
			return {
				input: input * overAcross(inputOfGroup, buffers.input),
				weight: weight * overDown(weightOfGroup, buffers.weight),
				output,
			};
		case 'weight-stationary':
			return { input: input * overAcross(inputOfGroup, buffers.input), weight, output: output * partialSums };
		case 'input-stationary':
			return { input, weight: weight * overAcross(weightOfGroup, buffers.weight), output: output * partialSums };
	}
}
