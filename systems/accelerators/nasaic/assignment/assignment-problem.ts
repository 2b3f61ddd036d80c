/**
 * Which sub-accelerator does which layer (the paper's heterogeneous accelerator problem): each layer on one, each sub-accelerator one layer
 * at a time, a layer after those it reads. Least energy such that everything ends by a deadline.
 */

export interface AssignmentProblem {
	readonly layers: number;
	readonly accelerators: number;
	/** Cycles and energy of layer l on accelerator j at `l * accelerators + j`; infinite where it cannot run there. */
	readonly cycles: Float64Array;
	readonly energy: Float64Array;
	/** Layers that each one reads; all have smaller numbers. */
	readonly predecessors: readonly (readonly number[])[];
}

/** Layer l runs on accelerator `accelerator[l]` from `start[l]` to `end[l]`. */
export interface Schedule {
	readonly accelerator: Int32Array;
	readonly start: Float64Array;
	readonly end: Float64Array;
	readonly makespan: number;
	readonly energy: number;
}

export function assignmentEnergy({ layers, accelerators, energy }: AssignmentProblem, accelerator: ArrayLike<number>): number {
	let total = 0;
	for (let l = 0; l < layers; l++) total += energy[l * accelerators + (accelerator[l] as number)] as number;
	return total;
}

/** Layers that read each one. */
export function successorsOf({ layers, predecessors }: AssignmentProblem): number[][] {
	const successors = Array.from({ length: layers }, (): number[] => []);
	for (const [layer, before] of predecessors.entries()) for (const other of before) successors[other]?.push(layer);
	return successors;
}
