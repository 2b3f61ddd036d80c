/** A model as a chain of units, and the link that carries their weights. */

/** Per unit, in the order of computation. All arrays have the same length N. */
export interface Units {
	readonly weightBytes: Float64Array;
	/** Forward computation on the device, s. */
	readonly computeSeconds: Float64Array;
	/** Output that goes to the next unit, bytes. */
	readonly outputBytes: Float64Array;
}

/** Two engines, one for each direction, each serial: a transfer takes `latencySeconds + bytes / bandwidth`. */
export interface Link {
	readonly latencySeconds: number;
	readonly inBytesPerSecond: number;
	readonly outBytesPerSecond: number;
}

/** What happens to weights that leave: they are copied back although unchanged, or dropped, for the host has a copy. */
export type Writeback = 'copy' | 'drop';

/** Seconds of computing and moving each unit; what schedules are made of. Latency is per transfer and not in them. */
export interface UnitTimes {
	readonly compute: Float64Array;
	readonly in: Float64Array;
	readonly out: Float64Array;
	readonly latency: number;
}

export function unitTimes({ weightBytes, computeSeconds }: Units, link: Link): UnitTimes {
	return {
		compute: computeSeconds,
		in: weightBytes.map((bytes) => bytes / link.inBytesPerSecond),
		out: weightBytes.map((bytes) => bytes / link.outBytesPerSecond),
		latency: link.latencySeconds,
	};
}

/** N equal units, for closed forms and tests. */
export function equalUnitTimes(count: number, compute: number, into: number, out: number, latency = 0): UnitTimes {
	return {
		compute: new Float64Array(count).fill(compute),
		in: new Float64Array(count).fill(into),
		out: new Float64Array(count).fill(out),
		latency,
	};
}

/** Largest sum of `width` neighbours in cyclic order, over windows that start at multiples of `step`. */
export function largestWindow(values: Float64Array, width: number, step = 1): number {
	const count = values.length;
	let largest = 0;
	const starts = count / greatestCommonDivisor(step, count);
	for (let i = 0; i < starts; i++) {
		let sum = 0;
		for (let j = 0; j < width; j++) sum += values[(i * step + j) % count] as number;
		largest = Math.max(largest, sum);
	}
	return largest;
}

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
