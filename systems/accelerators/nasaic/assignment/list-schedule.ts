/**
 * List scheduling: whenever a sub-accelerator can start something, it starts what has the longest way to go. Where that misses a deadline
 * which neither the accelerators' work nor the longest way rules out, neighbours are exchanged.
 */
import { type AssignmentProblem, assignmentEnergy, type Schedule, successorsOf } from './assignment-problem.ts';
import { reorder } from './reorder.ts';

/** A scheduler of one problem, which keeps its arrays: searches call it thousands of times. */
export function listScheduler(problem: AssignmentProblem, deadline: number): (accelerator: Int32Array) => Schedule {
	const { layers, accelerators, cycles, predecessors } = problem;
	const successors = successorsOf(problem);
	const tail = new Float64Array(layers);
	const waitsFor = new Int32Array(layers);
	const readyAt = new Float64Array(layers);
	const freeAt = new Float64Array(accelerators);
	const work = new Float64Array(accelerators);
	const ready = new Int32Array(layers);
	return (accelerator) => {
		const time = (layer: number): number => cycles[layer * accelerators + (accelerator[layer] as number)] as number;
		let longestWay = 0;
		work.fill(0);
		for (let l = layers - 1; l >= 0; l--) {
			let longest = 0;
			for (const next of successors[l] as number[]) longest = Math.max(longest, tail[next] as number);
			tail[l] = longest + time(l);
			longestWay = Math.max(longestWay, tail[l] as number);
			work[accelerator[l] as number] = (work[accelerator[l] as number] as number) + time(l);
		}
		readyAt.fill(0);
		freeAt.fill(0);
		let waiting = 0;
		for (let l = 0; l < layers; l++) {
			waitsFor[l] = (predecessors[l] as readonly number[]).length;
			if (waitsFor[l] === 0) ready[waiting++] = l;
		}
		const start = new Float64Array(layers);
		const end = new Float64Array(layers);
		let makespan = 0;
		while (waiting > 0) {
			let best = 0;
			let bestStart = Number.POSITIVE_INFINITY;
			for (let i = 0; i < waiting; i++) {
				const l = ready[i] as number;
				const at = Math.max(readyAt[l] as number, freeAt[accelerator[l] as number] as number);
				const isLonger = (tail[l] as number) > (tail[ready[best] as number] as number);
				if (at < bestStart || (at === bestStart && isLonger)) {
					best = i;
					bestStart = at;
				}
			}
			const l = ready[best] as number;
			ready[best] = ready[--waiting] as number;
			const done = bestStart + time(l);
			start[l] = bestStart;
			end[l] = done;
			freeAt[accelerator[l] as number] = done;
			if (done > makespan) makespan = done;
			for (const next of successors[l] as number[]) {
				readyAt[next] = Math.max(readyAt[next] as number, done);
				waitsFor[next] = (waitsFor[next] as number) - 1;
				if (waitsFor[next] === 0) ready[waiting++] = next;
			}
		}
		const found = { accelerator: accelerator.slice(), start, end, makespan, energy: assignmentEnergy(problem, accelerator) };
		return makespan > deadline && longestWay <= deadline && Math.max(...work) <= deadline
			? reorder(problem, found, deadline)
			: found;
	};
}
