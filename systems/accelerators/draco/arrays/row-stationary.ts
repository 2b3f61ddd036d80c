/**
 * The row-stationary dataflow with replication and folding (Chen, Emer and Sze, ISCA 2016).
 *
 * A logical set of k x Ho processing elements computes one output map from one input map: each element convolves one row of the kernel with
 * one row of the input, Wo outputs of k multiply-accumulates, and the elements of a column add up. A set larger than the array is folded;
 * a smaller one is replicated, across rows and columns, as long as the group has maps for the copies. Sets are never replicated over groups:
 * a depthwise layer, whose groups have one map, leaves the room of all copies empty.
 */
import type { SpatialArray } from '@assay/machines';
import { type Convolution, macs } from '../convolution.ts';
import type { ArrayRun } from './array-run.ts';

/** How sets lie on the array. */
export interface SetLayout {
	/** Parts that a set's rows and columns are cut into, worked off one after the other. */
	readonly foldRows: number;
	readonly foldColumns: number;
	/** Copies of a set that have room. */
	readonly copiesDown: number;
	readonly copiesAcross: number;
	/** Share of the array that holds some set, if there were maps for all copies. */
	readonly structuralUtilisation: number;
}

/** How a convolution's sets lie on an array. */
export function layOutSets(layer: Convolution, { rows, columns }: Pick<SpatialArray, 'rows' | 'columns'>): SetLayout {
	const { kernelHeight, outputHeight } = layer;
	const foldRows = Math.ceil(kernelHeight / rows);
	const across = Math.ceil(outputHeight / columns);
	const down = Math.max(1, Math.floor(rows / kernelHeight));
	const copiesAcross = Math.max(1, Math.floor(columns / outputHeight));
	// Parts of a set that is too wide lie below each other where there is room.
	const stacked = Math.min(down, across);
	const foldColumns = Math.ceil(across / stacked);
	const copiesDown = Math.floor(down / stacked);
	return {
		foldRows,
		foldColumns,
		copiesDown,
		copiesAcross,
		structuralUtilisation: (kernelHeight * outputHeight * copiesDown * copiesAcross) / (rows * columns * foldRows * foldColumns),
	};
}

/** Rounds of a group: how many output and input maps are worked on at once, and how often. */
export interface Rounds {
	/** Output maps at once: side by side, and one below the other. */
	readonly outputsAcross: number;
	readonly outputsDown: number;
	/** Input maps at once, one below the other, adding up. */
	readonly inputsDown: number;
	readonly outputRounds: number;
	readonly inputRounds: number;
}

/** The split of the copies between output and input maps that takes the fewest rounds. With `acrossGroups` all maps of the layer count as one group's outputs. */
export function chooseRounds(layer: Convolution, { copiesDown, copiesAcross }: SetLayout, acrossGroups = false): Rounds {
	const outputs = acrossGroups ? layer.groups * layer.outputsPerGroup : layer.outputsPerGroup;
	const inputs = layer.inputsPerGroup;
	const outputsAcross = Math.min(copiesAcross, outputs);
	const remaining = Math.ceil(outputs / outputsAcross);
	let best: Rounds | undefined;
	for (let down = 1; down <= copiesDown; down++) {
		const outputsDown = Math.min(down, remaining);
		const inputsDown = Math.min(Math.floor(copiesDown / down), inputs);
		const outputRounds = Math.ceil(remaining / outputsDown);
		const inputRounds = Math.ceil(inputs / inputsDown);
		if (best === undefined || outputRounds * inputRounds < best.outputRounds * best.inputRounds)
			best = { outputsAcross, outputsDown, inputsDown, outputRounds, inputRounds };
	}
	return best as Rounds;
}

/** Cycles and utilisation of a layer. `acrossGroups` lets copies work on other groups: what the dataflow does not do. */
export function runRowStationary(
	layer: Convolution,
	array: Pick<SpatialArray, 'rows' | 'columns'>,
	{ acrossGroups = false }: { readonly acrossGroups?: boolean } = {},
): ArrayRun {
	const sets = layOutSets(layer, array);
	const { outputRounds, inputRounds } = chooseRounds(layer, sets, acrossGroups);
	const rounds = (acrossGroups ? 1 : layer.groups) * outputRounds * inputRounds;
	const cycles = layer.batch * rounds * sets.foldRows * sets.foldColumns * layer.kernelWidth * layer.outputWidth;
	return { cycles, utilisation: macs(layer) / (cycles * array.rows * array.columns) };
}
