/**
 * Simulated annealing over placements, with the published moves and schedule: temperature 1, times 0.999 after every step;
 * reverse a segment, move an element, swap two, move a segment, move a reversed segment. A worse placement is accepted with
 * probability exp(-d/T), d the difference in milliseconds scaled by a power of ten (see `scaled`). It ends after a number of steps rather than a
 * time, so the same seed gives the same placement on any machine.
 */
import { createRandom, type ParallelTask, type Random } from '@assay/contract';
import { GridCost } from './grid-cost.ts';
import { identityOrder, type PlacementProblem } from './placement-problem.ts';

const COOLING = 0.999;
/** Steps between two chances to stop. */
const STEPS_PER_PAUSE = 4000;
/** No difference is brought lower than this. */
const LEAST_SCALED = 0.01;
/** Points kept of the way down. */
const TRACE_POINTS = 60;

/** One annealing run. */
export interface AnnealItem {
	readonly problem: PlacementProblem;
	readonly iterations: number;
	readonly seed: string;
}

/** The best placement an annealing run met. */
export interface AnnealResult {
	readonly order: Int32Array;
	readonly seconds: number;
	/** The dearest placement met on the way: what chance may give. */
	readonly worstSeconds: number;
	/** Best cost so far after so many steps. */
	readonly trace: readonly { readonly step: number; readonly seconds: number }[];
}

/** Anneals from a random permutation. Same item, same result. */
export async function anneal(item: AnnealItem, pause: () => Promise<void>): Promise<AnnealResult> {
	const { problem, iterations } = item;
	const { units } = problem;
	const random = createRandom(item.seed);
	let order: Int32Array = random.shuffle(identityOrder(units));
	let next: Int32Array = order.slice();
	const cost = new GridCost(problem);
	let seconds = cost.propose(order, 0, units, Number.POSITIVE_INFINITY);
	cost.accept();
	const best: Int32Array = order.slice();
	let bestSeconds = seconds;
	let worstSeconds = seconds;
	let temperature = 1;
	const trace = [{ step: 0, seconds }];
	const every = Math.max(1, Math.floor(iterations / TRACE_POINTS));
	if (units < 2) return { order, seconds, worstSeconds, trace };
	for (let step = 1; step <= iterations; step++) {
		if (step % STEPS_PER_PAUSE === 0) await pause();
		const changed = move(order, next, random);
		const tolerated = -temperature * Math.log(1 - random.uniform());
		// Once nothing worse can be accepted, what turns out worse need not be computed to the end.
		const limit = tolerated < LEAST_SCALED ? seconds : Number.POSITIVE_INFINITY;
		const candidate = cost.propose(next, changed.from, changed.to, limit);
		if (candidate > worstSeconds) worstSeconds = candidate;
		if (candidate <= seconds || scaled(candidate - seconds) < tolerated) {
			cost.accept();
			[order, next] = [next, order];
			seconds = candidate;
			if (seconds < bestSeconds) {
				bestSeconds = seconds;
				best.set(order);
			}
		}
		temperature *= COOLING;
		if (step % every === 0) trace.push({ step, seconds: bestSeconds });
	}
	return { order: best, seconds: bestSeconds, worstSeconds, trace };
}

/** Annealing on another thread. */
export const annealTask: ParallelTask<AnnealItem, AnnealResult> = { module: import.meta.url, name: 'annealTask', run: anneal };

/** A difference in milliseconds over a power of ten: between 0.1 and 1 for 1 ms and more, between 0.01 and 0.1 for less. */
function scaled(seconds: number): number {
	const milliseconds = 1000 * seconds;
	return milliseconds / 10 ** (Math.trunc(Math.log10(milliseconds)) + 1);
}

/** Writes a neighbour of `order` into `next`, and tells within which positions the two differ. */
export function move(order: Int32Array, next: Int32Array, random: Random): { readonly from: number; readonly to: number } {
	const { length } = order;
	const kind = random.integer(5);
	const i = random.integer(length);
	const j = random.integer(length);
	const from = Math.min(i, j);
	const to = Math.max(i, j);
	next.set(order);
	switch (kind) {
		case 0:
			reverse(next, from, to);
			return { from, to };
		case 1:
			moveSegment(order, next, from, from + 1, to);
			return { from, to: to + 1 };
		case 2:
			next[i] = order[j] as number;
			next[j] = order[i] as number;
			return { from, to: to + 1 };
		default: {
			// A segment of up to the whole distance goes to a third place.
			const place = random.integer(length - (to - from) + 1);
			moveSegment(order, next, from, to, place);
			if (kind === 4) reverse(next, place, place + to - from);
			return { from: Math.min(from, place), to: Math.max(to, place + to - from) };
		}
	}
}

/** Reverses [from, to) in place. */
function reverse(order: Int32Array, from: number, to: number): void {
	for (let low = from, high = to - 1; low < high; low++, high--) {
		const held = order[low] as number;
		order[low] = order[high] as number;
		order[high] = held;
	}
}

/** Takes [from, to) out of `order` and puts it back so that it begins at `place` of the result. */
function moveSegment(order: Int32Array, next: Int32Array, from: number, to: number, place: number): void {
	const length = to - from;
	if (place < from) next.copyWithin(place + length, place, from);
	else next.copyWithin(from, to, place + length);
	for (let k = 0; k < length; k++) next[place + k] = order[from + k] as number;
}
