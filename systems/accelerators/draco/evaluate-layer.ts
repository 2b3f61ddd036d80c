/** What a layer takes on an array: cycles, traffic, energy, and what limits it. */
import { energyByAction, type HierarchyLevel } from '@assay/machines';
import { runRowStationary } from './arrays/row-stationary.ts';
import { runSystolic, systolicTraffic } from './arrays/systolic.ts';
import { type Convolution, macs } from './convolution.ts';
import { dataReuse } from './data-reuse.ts';
import { accessCounts } from './energy/access-counts.ts';
import { type OperandTraffic, optimalTraffic } from './energy/buffer-tiling.ts';
import { type Hardware, machineBalance } from './hardware.ts';

export interface LayerEvaluation {
	/** Of the array, memory aside. */
	readonly arrayCycles: number;
	/** With waiting for DRAM. */
	readonly cycles: number;
	/** Of the array while it works. */
	readonly utilisation: number;
	/** Values moved to and from DRAM. */
	readonly traffic: OperandTraffic;
	readonly energyByLevel: Readonly<Record<HierarchyLevel, number>>;
	readonly energy: number;
	/** Fewer multiply-accumulates per value than the machine's balance. */
	readonly isMemoryBound: boolean;
}

export function evaluateLayer(layer: Convolution, hardware: Hardware): LayerEvaluation {
	const { array, dataflow } = hardware;
	const isRowStationary = dataflow === 'row-stationary';
	const { cycles: arrayCycles, utilisation } = isRowStationary
		? runRowStationary(layer, array)
		: runSystolic(layer, array, dataflow);
	const traffic = isRowStationary
		? optimalTraffic(layer, hardware.globalBufferElements)
		: systolicTraffic(layer, array, dataflow, hardware.operandBuffers);
	const moved = traffic.input + traffic.weight + traffic.output;
	const energyByLevel = energyByAction(accessCounts(layer, array, dataflow, traffic), hardware.energies);
	return {
		arrayCycles,
		cycles: Math.max(arrayCycles, Math.ceil(moved / hardware.dramElementsPerCycle)),
		utilisation,
		traffic,
		energyByLevel,
		energy: Object.values(energyByLevel).reduce((sum, energy) => sum + energy, 0),
		isMemoryBound: dataReuse([layer]).arithmeticIntensity < machineBalance(hardware),
	};
}

/** Sums and means over a network's layers. */
export interface NetworkEvaluation {
	readonly layers: readonly LayerEvaluation[];
	readonly macs: number;
	readonly arrayCycles: number;
	readonly cycles: number;
	/** Plain mean over layers, as the paper's average. */
	readonly meanUtilisation: number;
	/** Over the whole run. */
	readonly overallUtilisation: number;
	readonly energy: number;
}

/** `evaluate` is for who has evaluated many of the layers before. */
export function evaluateNetwork(
	layers: readonly Convolution[],
	hardware: Hardware,
	evaluate: (layer: Convolution) => LayerEvaluation = (layer) => evaluateLayer(layer, hardware),
): NetworkEvaluation {
	const evaluated = layers.map((layer) => evaluate(layer));
	const sum = (of: (one: LayerEvaluation) => number): number => evaluated.reduce((total, one) => total + of(one), 0);
	const work = layers.reduce((total, layer) => total + macs(layer), 0);
	const cycles = sum((one) => one.cycles);
	const { rows, columns } = hardware.array;
	return {
		layers: evaluated,
		macs: work,
		arrayCycles: sum(({ arrayCycles }) => arrayCycles),
		cycles,
		meanUtilisation: sum(({ utilisation }) => utilisation) / layers.length,
		overallUtilisation: work / (cycles * rows * columns),
		energy: sum(({ energy }) => energy),
	};
}
