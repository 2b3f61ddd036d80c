/** The array that a network is to run on, as the evaluation needs it. */
import type { Dataflow, EnergyTable, HierarchyLevel, SpatialArray } from '@assay/machines';
import type { OperandBuffers } from './arrays/systolic.ts';

export interface Hardware {
	readonly array: SpatialArray;
	readonly dataflow: Dataflow;
	/** Values that the global buffer of the row-stationary dataflow holds. */
	readonly globalBufferElements: number;
	/** Values that the buffers of the systolic dataflows hold. */
	readonly operandBuffers: OperandBuffers;
	/** Values per cycle from and to DRAM; infinite where nothing is said of it. */
	readonly dramElementsPerCycle: number;
	/** By access of a value. */
	readonly energies: EnergyTable<HierarchyLevel>;
}

/** Multiply-accumulates per value from DRAM at which array and DRAM are equally busy; 0 with unlimited bandwidth. */
export function machineBalance({ array, dramElementsPerCycle }: Hardware): number {
	return (array.rows * array.columns) / dramElementsPerCycle;
}
