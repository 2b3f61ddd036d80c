/** How often a layer reads or writes a value at each level of the memory hierarchy. */
import type { ActionCounts, Dataflow, HierarchyLevel, SpatialArray } from '@assay/machines';
import { chooseRounds, layOutSets } from '../arrays/row-stationary.ts';
import { foldsOf, groupProduct, type SystolicDataflow } from '../arrays/systolic.ts';
import { type Convolution, inputElements, macs, outputElements, weightElements } from '../convolution.ts';
import type { OperandTraffic } from './buffer-tiling.ts';

type Grid = Pick<SpatialArray, 'rows' | 'columns'>;

/** Register accesses of a multiply-accumulate: two operands, the sum read and written. */
const REGISTER_ACCESSES = 4;

/** Accesses at each level; `traffic` is what moves to and from DRAM. */
export function accessCounts(
	layer: Convolution,
	array: Grid,
	dataflow: Dataflow,
	traffic: OperandTraffic,
): ActionCounts<HierarchyLevel> {
	const work = macs(layer);
	return {
		'multiply-accumulate': work,
		'register file': REGISTER_ACCESSES * work,
		...(dataflow === 'row-stationary' ? rowStationaryCounts(layer, array) : systolicCounts(layer, array, dataflow)),
		DRAM: traffic.input + traffic.weight + traffic.output,
	};
}

type InnerCounts = ActionCounts<'array' | 'global buffer'>;

/**
 * - Global buffer: inputs once for each round of output maps, weights once for each part of a folded set, partial sums in and out for each
 *   round of input maps.
 * - Array: a value from the buffer goes to each element that uses it (input rows to the k sets of rows that overlap them and to the copies
 *   for other outputs, kernel rows along the Ho elements of their row), and sums pass through k elements and the copies below each other.
 */
function rowStationaryCounts(layer: Convolution, array: Grid): InnerCounts {
	const sets = layOutSets(layer, array);
	const rounds = chooseRounds(layer, sets);
	const { kernelHeight, outputHeight, inputsPerGroup } = layer;
	const input = inputElements(layer) * rounds.outputRounds;
	const weight = weightElements(layer) * layer.batch * sets.foldColumns;
	const output = outputElements(layer);
	return {
		array:
			input * kernelHeight * rounds.outputsAcross * rounds.outputsDown +
			weight * Math.ceil(outputHeight / sets.foldColumns) +
			output * inputsPerGroup * kernelHeight,
		'global buffer': input + weight + output * (2 * rounds.inputRounds - 1),
	};
}

/** Global buffer: each fold reads what streams past it, the stationary operand once. Array: two values pass at each multiply-accumulate. */
function systolicCounts(layer: Convolution, array: Grid, dataflow: SystolicDataflow): InnerCounts {
	const product = groupProduct(layer);
	const { down, across } = foldsOf(product, array, dataflow);
	const windows = layer.groups * product.windows * product.depth;
	const kernels = layer.groups * product.depth * product.kernels;
	const outputs = layer.groups * product.windows * product.kernels;
	const accesses = {
		'output-stationary': windows * across + kernels * down + outputs,
		'weight-stationary': windows * across + kernels + outputs * (2 * down - 1),
		'input-stationary': windows + kernels * across + outputs * (2 * down - 1),
	};
	return { array: 2 * macs(layer), 'global buffer': accesses[dataflow] };
}
