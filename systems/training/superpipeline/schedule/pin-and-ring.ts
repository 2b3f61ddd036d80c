/**
 * Better than the window at the same memory: a window over a cyclic order uses nothing twice, every pass moves all N units. Here p
 * units stay for ever and only the other S = N - p go through a ring of q slots. Streamed units are spread evenly, so that
 * resident ones hide their transfers. No policy can do better than max(N·C, (N-k)·Ti) with k slots (Belady on a cycle).
 */
import { type Span, SpanLog } from './spans.ts';
import type { UnitTimes, Writeback } from './units.ts';

export interface RingOptions {
	/** 1 for each unit that stays. */
	readonly pinned: Uint8Array;
	/** Slots of the ring, q. */
	readonly slots: number;
	readonly writeback: Writeback;
	readonly passes: number;
	readonly spanLimit?: number;
}

export interface RingRun {
	readonly passEnds: Float64Array;
	readonly stallSeconds: number;
	readonly spans: readonly Span[];
}

/** The even choice: unit i is streamed iff floor((i+1)S/N) > floor(iS/N). */
export function spreadPins(count: number, pinned: number): Uint8Array {
	const streamed = count - pinned;
	return Uint8Array.from({ length: count }, (_, i) =>
		Math.floor(((i + 1) * streamed) / count) > Math.floor((i * streamed) / count) ? 0 : 1,
	);
}

/** Runs passes; at time 0 the pinned units and the first q streamed ones are there. */
export function simulateRing(times: UnitTimes, options: RingOptions): RingRun {
	const { pinned, slots, passes } = options;
	const count = times.compute.length;
	const streamed: number[] = [];
	for (let unit = 0; unit < count; unit++) if (pinned[unit] === 0) streamed.push(unit);
	if (!(slots >= 1) && streamed.length > 0) throw new RangeError('streamed units need at least one slot');
	const copies = options.writeback === 'copy';
	const log = new SpanLog(options.spanLimit ?? 0);
	const fits = streamed.length <= slots;
	const arrived = new Float64Array(Math.max(1, slots));
	const passEnds = new Float64Array(passes);
	let [end, outFree, inFree, stallSeconds, turn] = [0, 0, 0, 0, 0];
	for (let pass = 0; pass < passes; pass++) {
		for (let unit = 0; unit < count; unit++) {
			const isStreamed = pinned[unit] === 0 && !fits;
			const slot = turn % slots;
			const start = isStreamed ? Math.max(end, arrived[slot] as number) : end;
			stallSeconds += start - end;
			end = start + (times.compute[unit] as number);
			log.add('compute', unit, start, end);
			if (!isStreamed) continue;
			let emptied = end;
			if (copies) {
				const outStart = Math.max(end, outFree);
				outFree = outStart + times.latency + (times.out[unit] as number);
				emptied = outFree;
				log.add('out', unit, outStart, outFree);
			}
			const next = streamed[(turn + slots) % streamed.length] as number;
			const inStart = Math.max(emptied, inFree);
			inFree = inStart + times.latency + (times.in[next] as number);
			arrived[slot] = inFree;
			log.add('in', next, inStart, inFree);
			turn++;
		}
		passEnds[pass] = end;
	}
	return { passEnds, stallSeconds, spans: log.spans };
}

/** Bytes on the device: what is pinned, and for each slot the largest unit that ever stands in it. */
export function ringBytes(weightBytes: Float64Array, pinned: Uint8Array, slots: number): number {
	const streamed: number[] = [];
	let bytes = 0;
	for (let unit = 0; unit < weightBytes.length; unit++) {
		if (pinned[unit] === 1) bytes += weightBytes[unit] as number;
		else streamed.push(weightBytes[unit] as number);
	}
	if (streamed.length <= slots) return bytes + streamed.reduce((sum, one) => sum + one, 0);
	// q neighbours of the streamed order are there at once.
	let largest = 0;
	for (let i = 0; i < streamed.length; i++) {
		let sum = 0;
		for (let j = 0; j < slots; j++) sum += streamed[(i + j) % streamed.length] as number;
		largest = Math.max(largest, sum);
	}
	return bytes + largest;
}
