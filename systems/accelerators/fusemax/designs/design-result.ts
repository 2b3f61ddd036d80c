/** What every design's model answers for one layer's attention. */

export const arrays = ['2D', '1D'] as const;
export type ArrayName = (typeof arrays)[number];

/** Time of one Einsum (or of one operation of softmax) on its array. */
export interface EinsumCycles {
	readonly einsum: string;
	readonly array: ArrayName;
	/** The array is occupied for so many cycles. */
	readonly cycles: number;
}

export const limits = ['compute', '2D array', '1D array', 'memory'] as const;
/** What decides the latency. `compute`: both arrays in turn. */
export type Limit = (typeof limits)[number];

export interface DesignResult {
	readonly latencySeconds: number;
	/** Arrays alone, with endless bandwidth. */
	readonly computeSeconds: number;
	/** Memory alone. */
	readonly memorySeconds: number;
	readonly trafficBytes: number;
	readonly cycles: readonly EinsumCycles[];
	/** Busy share of the 2D array's time; where the published figure weighs in idle rows, so does this one. */
	readonly utilization2d: number;
	readonly utilization1d: number;
	readonly limit: Limit;
}

/** Busy cycles of an array. */
export function busyCycles(cycles: readonly EinsumCycles[], array: ArrayName): number {
	let sum = 0;
	for (const one of cycles) if (one.array === array) sum += one.cycles;
	return sum;
}
