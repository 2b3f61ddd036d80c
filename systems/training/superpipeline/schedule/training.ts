/**
 * Training through a window: forward 0 to N-1 brings u_k to u_{N-1} in as slots become free and ends with the last k there; backward
 * N-1 to 0 uses those first and brings N-k-1 to 0 back. This zig-zag saves k loads at each turn. A unit's slot is empty when its gradient
 * (or, with an optimizer on the device, its new weights) has gone out. An optimizer on the host leaves the k residents stale: they
 * come again, in order, after the last gradient is out. If the optimizer's state lives on the host too, it comes through buffers of its
 * own during backward and leaves with the new weights of its unit, of every unit.
 */
import { type Span, SpanLog } from './spans.ts';
import type { UnitTimes } from './units.ts';

export interface TrainingOptions {
	readonly window: number;
	/** Backward of each unit, s; with recomputation its forward is added. */
	readonly backward: Float64Array;
	readonly recompute: boolean;
	readonly optimizer: 'host' | 'device';
	/** Host optimizer's time for a unit, s; it works on one after the other as gradients come. */
	readonly optimizerSeconds: Float64Array;
	/** Optimizer on the device whose state is streamed; left out: the state of all units is there. */
	readonly streamedState?: StreamedState;
	readonly iterations: number;
	/** Spans to keep; none unless told. */
	readonly spanLimit?: number;
}

export interface StreamedState {
	/** Units whose state is on the device at once, at least 1. */
	readonly buffers: number;
	/** Moving a unit's state, each way, s. Out it shares a transfer with the weights. */
	readonly in: Float64Array;
	readonly out: Float64Array;
}

export interface TrainingRun {
	/** End of each iteration's backward pass, s. */
	readonly iterationEnds: Float64Array;
	/** Units moved in and out in an iteration of the steady state. */
	readonly unitsIn: number;
	readonly unitsOut: number;
	/** In each iteration, computing is forward for units in rising order, then backward in falling order. */
	readonly spans: readonly Span[];
}

export function simulateTraining(times: UnitTimes, options: TrainingOptions): TrainingRun {
	const { window, backward, recompute, optimizer, iterations } = options;
	const count = times.compute.length;
	if (!(window >= 1 && window <= count)) throw new RangeError(`a window of ${window} does not exist for ${count} units`);
	const onHost = optimizer === 'host';
	const isResident = window === count;
	const state = onHost || isResident ? undefined : options.streamedState;
	const stateArrived = new Float64Array(count);
	const arrived = new Float64Array(count);
	const iterationEnds = new Float64Array(iterations);
	const log = new SpanLog(options.spanLimit ?? 0);
	let [end, outFree, inFree, optimizerFree] = [0, 0, 0, 0];
	let [unitsIn, unitsOut] = [0, 0];
	const bring = (unit: number, from: number): void => {
		const start = Math.max(from, inFree);
		inFree = start + times.latency + (times.in[unit] as number);
		arrived[unit] = inFree;
		log.add('in', unit, start, inFree);
		unitsIn++;
	};
	const send = (unit: number): number => {
		const start = Math.max(end, outFree);
		outFree = start + times.latency + (times.out[unit] as number) + (state?.out[unit] ?? 0);
		unitsOut++;
		log.add('out', unit, start, outFree);
		return outFree;
	};
	const bringState = (unit: number, from: number): void => {
		if (state === undefined || unit < 0) return;
		const start = Math.max(from, inFree);
		inFree = start + times.latency + (state.in[unit] as number);
		stateArrived[unit] = inFree;
		log.add('state in', unit, start, inFree);
	};
	const compute = (unit: number, seconds: number): void => {
		const start = Math.max(end, arrived[unit] as number);
		end = start + seconds;
		log.add('compute', unit, start, end);
	};
	for (let iteration = 0; iteration < iterations; iteration++) {
		[unitsIn, unitsOut] = [0, 0];
		for (let unit = 0; unit < count; unit++) {
			compute(unit, times.compute[unit] as number);
			const next = unit + window;
			if (next < count) bring(next, end);
		}
		for (let i = 0; i < (state?.buffers ?? 0); i++) bringState(count - 1 - i, outFree);
		for (let unit = count - 1; unit >= 0; unit--) {
			const forwardAgain = recompute ? (times.compute[unit] as number) : 0;
			compute(unit, (backward[unit] as number) + forwardAgain);
			// Only the update at the end of backward needs the state.
			end = Math.max(end, stateArrived[unit] as number);
			const next = unit - window;
			if (onHost) {
				const gone = isResident ? end : send(unit);
				const start = Math.max(optimizerFree, gone);
				optimizerFree = start + (options.optimizerSeconds[unit] as number);
				log.add('update', unit, start, optimizerFree);
				if (next >= 0) bring(next, gone);
			} else if (state !== undefined) {
				const gone = send(unit);
				// First what is needed first.
				if (state.buffers < window) bringState(unit - state.buffers, gone);
				if (next >= 0) bring(next, gone);
				if (state.buffers >= window) bringState(unit - state.buffers, gone);
			} else if (next >= 0) bring(next, send(unit));
		}
		iterationEnds[iteration] = end;
		if (!onHost) {
			// What stays is new as well and is written back once; that is counted, and nobody is taken to wait for it.
			if (!isResident && state === undefined) unitsOut += window;
			continue;
		}
		// The weights that stayed are old: they come again once the host has updated everything.
		const updated = Math.max(outFree, optimizerFree);
		if (isResident) end = Math.max(end, updated);
		else for (let unit = 0; unit < window; unit++) bring(unit, updated);
	}
	return { iterationEnds, unitsIn, unitsOut, spans: log.spans };
}

/** Mean time of an iteration between two of them. */
export function meanIterationSeconds({ iterationEnds }: TrainingRun, after: number): number {
	const last = iterationEnds.length - 1;
	return ((iterationEnds[last] as number) - (iterationEnds[after] as number)) / (last - after);
}
