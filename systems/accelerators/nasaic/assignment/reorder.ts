/**
 * Shortens a schedule by exchanging neighbours on an accelerator where they hold up the end, as in job-shop scheduling (van Laarhoven et
 * al. 1992); a short list of tabu exchanges carries the search past schedules that no single exchange shortens.
 */
import type { AssignmentProblem, Schedule } from './assignment-problem.ts';

const TABU_STEPS = 6;

/** The schedule itself, or one with the same places that is shorter; ends at the deadline or after as many exchanges as there are layers. */
export function reorder(problem: AssignmentProblem, from: Schedule, deadline: number): Schedule {
	const { layers, accelerators } = problem;
	const order = Array.from({ length: layers }, (_, l) => l).sort(
		(a, b) => (from.start[a] as number) - (from.start[b] as number) || (from.end[a] as number) - (from.end[b] as number) || a - b,
	);
	const queues = Array.from({ length: accelerators }, (_, j) => order.filter((l) => from.accelerator[l] === j));
	const tabu = new Map<number, number>();
	let best = from;
	let current = from;
	for (let step = 0; step < layers && best.makespan > deadline; step++) {
		let chosen: { schedule: Schedule; queue: number[]; at: number } | undefined;
		for (const { queue, at } of criticalNeighbours(problem, current, queues)) {
			const a = queue[at] as number;
			const b = queue[at + 1] as number;
			exchange(queue, at);
			const found = byQueues(problem, from, queues);
			exchange(queue, at);
			if (found === null || ((tabu.get(a * layers + b) ?? -1) >= step && found.makespan >= best.makespan)) continue;
			if (chosen === undefined || found.makespan < chosen.schedule.makespan) chosen = { schedule: found, queue, at };
		}
		if (chosen === undefined) break;
		exchange(chosen.queue, chosen.at);
		// What has just been put in this order shall not be put back at once.
		tabu.set((chosen.queue[chosen.at + 1] as number) + layers * (chosen.queue[chosen.at] as number), step + TABU_STEPS);
		current = chosen.schedule;
		if (current.makespan < best.makespan) best = current;
	}
	return best;
}

function exchange(queue: number[], at: number): void {
	const held = queue[at] as number;
	queue[at] = queue[at + 1] as number;
	queue[at + 1] = held;
}

/** Neighbours in a queue of which the first, by ending late, makes the second start late, on the way back from the last end. */
function criticalNeighbours(
	{ predecessors }: AssignmentProblem,
	{ start, end, makespan, accelerator }: Schedule,
	queues: number[][],
): { queue: number[]; at: number }[] {
	const found: { queue: number[]; at: number }[] = [];
	let layer = end.indexOf(makespan);
	while (layer >= 0) {
		const begun = start[layer] as number;
		if (begun === 0) break;
		const queue = queues[accelerator[layer] as number] as number[];
		const at = queue.indexOf(layer) - 1;
		const neighbour = queue[at];
		const feeding = (predecessors[layer] as readonly number[]).find((other) => end[other] === begun);
		if (neighbour !== undefined && end[neighbour] === begun && feeding === undefined) {
			found.push({ queue, at });
			layer = neighbour;
		} else layer = feeding ?? -1;
	}
	return found;
}

/** Everything as early as the queues allow; null where they wait for each other. */
function byQueues(
	problem: AssignmentProblem,
	{ accelerator, energy }: Schedule,
	queues: readonly (readonly number[])[],
): Schedule | null {
	const { layers, accelerators, cycles, predecessors } = problem;
	const start = new Float64Array(layers);
	const end = new Float64Array(layers).fill(-1);
	const next = new Int32Array(accelerators);
	let makespan = 0;
	let left = layers;
	for (let moved = true; moved && left > 0; ) {
		moved = false;
		for (let j = 0; j < accelerators; j++) {
			const queue = queues[j] as readonly number[];
			while ((next[j] as number) < queue.length) {
				const at = next[j] as number;
				const layer = queue[at] as number;
				let ready = at === 0 ? 0 : (end[queue[at - 1] as number] as number);
				for (const before of predecessors[layer] as readonly number[]) {
					const done = end[before] as number;
					ready = done < 0 || ready < 0 ? -1 : Math.max(ready, done);
				}
				if (ready < 0) break;
				start[layer] = ready;
				end[layer] = ready + (cycles[layer * accelerators + j] as number);
				makespan = Math.max(makespan, end[layer] as number);
				next[j] = at + 1;
				left--;
				moved = true;
			}
		}
	}
	return left > 0 ? null : { accelerator, start, end, makespan, energy };
}
