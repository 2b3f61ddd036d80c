/**
 * The paper's window: k consecutive units are on the device; when kp of them have been computed they leave together and the next kp
 * come. Passes follow each other without a break, so the window wraps around. Three lanes, in, compute and out, run beside each other.
 */
import { type Span, SpanLog } from './spans.ts';
import type { UnitTimes, Writeback } from './units.ts';

export interface WindowOptions {
	/** Units on the device, k: 1 to N; N is the resident run. */
	readonly window: number;
	/** Units that travel together, kp: 1 to k. */
	readonly group: number;
	/** `batch`: a group is one transfer out, then one in. `sequential`: its units go one by one, and each comes as soon as its slot is empty. */
	readonly mode: 'batch' | 'sequential';
	readonly writeback: Writeback;
	readonly passes: number;
	/** Spans to keep; none unless told. */
	readonly spanLimit?: number;
}

export interface WindowRun {
	/** End of each pass, s. */
	readonly passEnds: Float64Array;
	/** Compute waited for weights to arrive, all passes. */
	readonly stallSeconds: number;
	readonly bytesMoved: { readonly unitsIn: number; readonly unitsOut: number };
	readonly spans: readonly Span[];
}

/** Runs passes from a warm window: units 0 to k-1 are there at time 0. */
export function simulateWindow(times: UnitTimes, options: WindowOptions): WindowRun {
	const { window, group, mode, passes } = options;
	const count = times.compute.length;
	if (!(window >= 1 && window <= count && group >= 1 && group <= window)) {
		throw new RangeError(`a window of ${window} with groups of ${group} does not exist for ${count} units`);
	}
	const copies = options.writeback === 'copy';
	const isResident = window === count;
	const log = new SpanLog(options.spanLimit ?? 0);
	/** When the unit at each place of the window arrives; index g stands at g mod window. */
	const arrived = new Float64Array(window);
	const passEnds = new Float64Array(passes);
	let [end, outFree, inFree, stallSeconds] = [0, 0, 0, 0];
	let [waiting, next, unitsIn, unitsOut] = [0, window, 0, 0];

	const exchangeBatch = (first: number): void => {
		let outEnd = end;
		if (copies) {
			const start = Math.max(end, outFree);
			outEnd = start + times.latency;
			for (let i = 0; i < group; i++) outEnd += times.out[(first + i) % count] as number;
			outFree = outEnd;
			unitsOut += group;
			log.add('out', first % count, start, outEnd);
		}
		const start = Math.max(outEnd, inFree);
		inFree = start + times.latency;
		for (let i = 0; i < group; i++) inFree += times.in[(next + i) % count] as number;
		for (let i = 0; i < group; i++) arrived[(next + i) % window] = inFree;
		log.add('in', next % count, start, inFree);
	};
	const exchangeOneByOne = (first: number): void => {
		for (let i = 0; i < group; i++) {
			let emptied = end;
			if (copies) {
				const start = Math.max(end, outFree);
				outFree = start + times.latency + (times.out[(first + i) % count] as number);
				emptied = outFree;
				unitsOut++;
				log.add('out', (first + i) % count, start, outFree);
			}
			const start = Math.max(emptied, inFree);
			inFree = start + times.latency + (times.in[(next + i) % count] as number);
			arrived[(next + i) % window] = inFree;
			log.add('in', (next + i) % count, start, inFree);
		}
	};

	for (let g = 0; g < passes * count; g++) {
		const start = isResident ? end : Math.max(end, arrived[g % window] as number);
		stallSeconds += start - end;
		end = start + (times.compute[g % count] as number);
		log.add('compute', g % count, start, end);
		if (!isResident && ++waiting === group) {
			waiting = 0;
			if (mode === 'batch') exchangeBatch(g - group + 1);
			else exchangeOneByOne(g - group + 1);
			next += group;
			unitsIn += group;
		}
		if ((g + 1) % count === 0) passEnds[(g + 1) / count - 1] = end;
	}
	return { passEnds, stallSeconds, bytesMoved: { unitsIn, unitsOut }, spans: log.spans };
}

/** Mean time of a pass between two passes (1-based, the first not included), so that neither the warm start nor the end enters. */
export function meanPassSeconds(passEnds: Float64Array, after: number, to: number): number {
	return ((passEnds[to - 1] as number) - (passEnds[after - 1] as number)) / (to - after);
}

/**
 * Steady state of N equal units, window k a multiple of the group kp, batches:
 * `(N/kp) · max(kp·C, α + kp·Ti, α + kp·To, (kp·C + α + kp·Ti + α + kp·To) / m)` with m = k/kp; dropped weights have neither To nor its α.
 * `slots` other than k/kp gives the bounds for windows that are no multiple.
 */
export function steadyPassSeconds(
	times: {
		readonly count: number;
		readonly compute: number;
		readonly in: number;
		readonly out: number;
		readonly latency: number;
	},
	window: number,
	group: number,
	writeback: Writeback,
	slots = window / group,
): number {
	const compute = group * times.compute;
	if (window >= times.count) return times.count * times.compute;
	const into = times.latency + group * times.in;
	const out = writeback === 'copy' ? times.latency + group * times.out : 0;
	return (times.count / group) * Math.max(compute, into, out, (compute + into + out) / slots);
}
