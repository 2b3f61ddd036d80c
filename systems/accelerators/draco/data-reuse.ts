/** How often each value is used: multiply-accumulates over values that must be moved at least once. */
import { type Convolution, inputElements, macs, outputElements, weightElements } from './convolution.ts';

/** Share of activations in the weighted intensity: they move to and from DRAM more often than weights do. */
const ACTIVATION_SHARE = 0.8;

/** Sums over one layer, or over all of a network's. */
export interface DataReuse {
	/** MACs / (weights + inputs + outputs). */
	readonly arithmeticIntensity: number;
	/** MACs / (0.2 weights + 0.8 (inputs + outputs)). */
	readonly weightedIntensity: number;
}

export function dataReuse(layers: readonly Convolution[]): DataReuse {
	let work = 0;
	let weights = 0;
	let activations = 0;
	for (const layer of layers) {
		work += macs(layer);
		weights += weightElements(layer);
		activations += inputElements(layer) + outputElements(layer);
	}
	return {
		arithmeticIntensity: work / (weights + activations),
		weightedIntensity: work / ((1 - ACTIVATION_SHARE) * weights + ACTIVATION_SHARE * activations),
	};
}
