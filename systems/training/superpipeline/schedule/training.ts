/**
 * Training through a window: forward 0 to N-1 brings u_k to u_{N-1} in as slots become free and ends with the last k there; backward
 * N-1 to 0 uses those first and brings N-k-1 to 0 back. This zig-zag saves k loads at each turn. A unit's slot is empty when its gradient
 * (or, with an optimizer on the device, its new weights) has gone out. An optimizer on the host leaves the k residents stale: they
 * come again, in order, after the last gradient is out.
 */
import type { UnitTimes } from './units.ts';

export interface TrainingOptions {
	readonly window: number;
	/** Backward of each unit, s; with recomputation its forward is added. */
	readonly backward: Float64Array;
	readonly recompute: boolean;
	readonly optimizer: 'host' | 'device';
	/** Host optimizer's time for a unit, s; it works on one after the other as gradients come. */
	readonly optimizerSeconds: Float64Array;
	readonly iterations: number;
}

export interface TrainingRun {
	/** End of each iteration's backward pass, s. */
	readonly iterationEnds: Float64Array;
	/** Units moved in and out in an iteration of the steady state. */
	readonly unitsIn: number;
	readonly unitsOut: number;
}

export function simulateTraining(times: UnitTimes, options: TrainingOptions): TrainingRun {
	const { window, backward, recompute, optimizer, iterations } = options;
	const count = times.compute.length;
	if (!(window >= 1 && window <= count)) throw new RangeError(`a window of ${window} does not exist for ${count} units`);
	const onHost = optimizer === 'host';
	const isResident = window === count;
	const arrived = new Float64Array(count);
	const iterationEnds = new Float64Array(iterations);
	let [end, outFree, inFree, optimizerFree] = [0, 0, 0, 0];
	let [unitsIn, unitsOut] = [0, 0];
	const bring = (unit: number, from: number): void => {
		inFree = Math.max(from, inFree) + times.latency + (times.in[unit] as number);
		arrived[unit] = inFree;
		unitsIn++;
	};
	const send = (unit: number): number => {
		outFree = Math.max(end, outFree) + times.latency + (times.out[unit] as number);
		unitsOut++;
		return outFree;
	};
	for (let iteration = 0; iteration < iterations; iteration++) {
		[unitsIn, unitsOut] = [0, 0];
		for (let unit = 0; unit < count; unit++) {
			end = Math.max(end, arrived[unit] as number) + (times.compute[unit] as number);
			const next = unit + window;
			if (next < count) bring(next, end);
		}
		for (let unit = count - 1; unit >= 0; unit--) {
			const forwardAgain = recompute ? (times.compute[unit] as number) : 0;
			end = Math.max(end, arrived[unit] as number) + (backward[unit] as number) + forwardAgain;
			const next = unit - window;
			if (onHost) {
				const gone = isResident ? end : send(unit);
				optimizerFree = Math.max(optimizerFree, gone) + (options.optimizerSeconds[unit] as number);
				if (next >= 0) bring(next, gone);
			} else if (next >= 0) bring(next, send(unit));
		}
		iterationEnds[iteration] = end;
		if (!onHost) {
			// What stays is new as well and is written back once; that is counted, and nobody is taken to wait for it.
			if (!isResident) unitsOut += window;
			continue;
		}
		// The weights that stayed are old: they come again once the host has updated everything.
		const updated = Math.max(outFree, optimizerFree);
		if (isResident) end = Math.max(end, updated);
		else for (let unit = 0; unit < window; unit++) bring(unit, updated);
	}
	return { iterationEnds, unitsIn, unitsOut };
}

/** Mean time of an iteration between two of them. */
export function meanIterationSeconds({ iterationEnds }: TrainingRun, after: number): number {
	const last = iterationEnds.length - 1;
	return ((iterationEnds[last] as number) - (iterationEnds[after] as number)) / (last - after);
}
