/**
 * The heuristic of the search, after Shao et al.'s for heterogeneous assignment: from the assignment of least energy, layers on the
 * critical path move to where most time is gained for the energy it takes, until the deadline holds. Then layers move back, alone or two
 * at a time, wherever that saves energy and still holds it. The same is done from assignments that weigh time more, and the best kept.
 */
import type { AssignmentProblem, Schedule } from './assignment-problem.ts';
import { listScheduler } from './list-schedule.ts';

/** Weights of a layer's share of the deadline against its share of the least energy, for the assignments to start from. */
const TIME_WEIGHTS = [0, 0.25, 1, 4, Number.POSITIVE_INFINITY];

/** Makespan over deadline up to which moves that lengthen the schedule for a while are tried too. */
const WITHIN_REACH = 1.1;
const TABU_STEPS = 7;
const STEPS_A_LAYER = 3;
/** What a schedule twice as long as the deadline costs, in energies of the schedule that the search starts from. */
const FIRST_LATENESS_WEIGHT = 5;
/** That weight grows by this factor in a step that ends late and falls by it in any other, so that the search crosses the deadline again and again. */
const OSCILLATION = 1.2;
/** Energy over the least of any assignment, deadline or not, up to which a schedule is good enough. */
const GOOD_ENOUGH = 1.03;

/** Where no move meets the deadline, the schedule that came closest to it; its makespan tells. Null where some layer can run nowhere. */
export function assignByHeuristic(problem: AssignmentProblem, deadline: number): Schedule | null {
	// Where nothing can meet the deadline, coming close is enough, and quick.
	const isHopeless = makespanBound(problem) > deadline;
	const schedule = listScheduler(problem, isHopeless ? Number.POSITIVE_INFINITY : deadline);
	// Exchanging neighbours for every trial would take most of the time and gain little.
	const plain = listScheduler(problem, Number.POSITIVE_INFINITY);
	const seen = new Set<string>();
	let leastEnergy = 0;
	const candidates: Schedule[] = [];
	for (const weight of isHopeless ? [0] : TIME_WEIGHTS) {
		const start = leastWeighted(problem, weight, deadline);
		if (start === null) return null;
		const key = start.join();
		if (seen.has(key)) continue;
		seen.add(key);
		const first = schedule(start);
		// Nothing takes less energy than each layer's least.
		if (weight === 0) {
			leastEnergy = first.energy;
			if (first.makespan <= deadline) return first;
		}
		let found = meetDeadline(problem, schedule, first, deadline);
		if (found.makespan <= deadline) found = saveEnergy(problem, plain, found, deadline);
		candidates.push(found);
	}
	const best = bestOf(candidates, deadline);
	const isGood = best.makespan <= deadline && best.energy <= GOOD_ENOUGH * leastEnergy;
	if (isHopeless || isGood || best.makespan > WITHIN_REACH * deadline) return best;
	// Quick, in list order; only where that ends late with neighbours exchanged as well.
	const quick = tabuSearch(problem, plain, best, deadline);
	if (quick.makespan <= deadline) return quick;
	return bestOf(
		candidates.map((from) => tabuSearch(problem, schedule, from, deadline)),
		deadline,
	);
}

/** No schedule is shorter: the longest chain with each layer where it is fastest, and all that work shared evenly. */
function makespanBound({ layers, accelerators, cycles, predecessors }: AssignmentProblem): number {
	const end = new Float64Array(layers);
	let longest = 0;
	let work = 0;
	for (let l = 0; l < layers; l++) {
		const fastest = Math.min(...cycles.subarray(l * accelerators, (l + 1) * accelerators));
		work += fastest;
		end[l] = fastest + (predecessors[l] as readonly number[]).reduce((at, before) => Math.max(at, end[before] as number), 0);
		longest = Math.max(longest, end[l] as number);
	}
	return Math.max(longest, work / accelerators);
}

function isBetter(a: Schedule, b: Schedule, deadline: number): boolean {
	if (a.makespan <= deadline && b.makespan <= deadline) return a.energy < b.energy;
	return a.makespan < b.makespan;
}

function bestOf(found: readonly Schedule[], deadline: number): Schedule {
	return found.reduce((best, one) => (isBetter(one, best, deadline) ? one : best));
}

type Scheduler = (accelerator: Int32Array) => Schedule;

/** For each layer the accelerator with the least weighted sum of energy and time; null where one has none. */
function leastWeighted(
	{ layers, accelerators, cycles, energy }: AssignmentProblem,
	weight: number,
	deadline: number,
): Int32Array | null {
	const best = new Int32Array(layers);
	for (let l = 0; l < layers; l++) {
		let chosen = -1;
		let least = Number.POSITIVE_INFINITY;
		const scale = Math.min(...energy.subarray(l * accelerators, (l + 1) * accelerators));
		for (let j = 0; j < accelerators; j++) {
			const time = cycles[l * accelerators + j] as number;
			if (!Number.isFinite(time)) continue;
			const cost =
				weight === Number.POSITIVE_INFINITY
					? time
					: (energy[l * accelerators + j] as number) / scale + (weight * layers * time) / deadline;
			if (chosen < 0 || cost < least) {
				chosen = j;
				least = cost;
			}
		}
		if (chosen < 0) return null;
		best[l] = chosen;
	}
	return best;
}

/** Moves that bring the end forward, most time for the energy first. */
function meetDeadline(problem: AssignmentProblem, schedule: Scheduler, from: Schedule, deadline: number): Schedule {
	let current = from;
	while (current.makespan > deadline) {
		const next = bestGain(problem, schedule, current);
		if (next === undefined) break;
		current = next;
	}
	return current;
}

/**
 * Where no move shortens the schedule, the least bad one is made and not taken back for some steps (tabu search): often two moves
 * shorten it that each alone do not. Bad is the energy, and dearly the time beyond the deadline.
 */
function tabuSearch(problem: AssignmentProblem, schedule: Scheduler, from: Schedule, deadline: number): Schedule {
	const { layers, accelerators, cycles } = problem;
	let latenessWeight = FIRST_LATENESS_WEIGHT;
	const badness = ({ energy, makespan }: Schedule): number =>
		energy / from.energy + latenessWeight * Math.max(0, makespan / deadline - 1);
	const tabuUntil = new Int32Array(layers * accelerators);
	let current = from;
	let best = from;
	for (let step = 1; step <= STEPS_A_LAYER * layers; step++) {
		const trial = current.accelerator.slice();
		let chosen: Schedule | undefined;
		let left = 0;
		for (let layer = 0; layer < layers; layer++) {
			const home = trial[layer] as number;
			for (let j = 0; j < accelerators; j++) {
				if (j === home || !Number.isFinite(cycles[layer * accelerators + j])) continue;
				trial[layer] = j;
				const moved = schedule(trial);
				if ((tabuUntil[layer * accelerators + j] as number) >= step && !isBetter(moved, best, deadline)) continue;
				if (chosen !== undefined && badness(moved) >= badness(chosen)) continue;
				chosen = moved;
				left = layer * accelerators + home;
			}
			trial[layer] = home;
		}
		if (chosen === undefined) break;
		tabuUntil[left] = step + TABU_STEPS;
		current = chosen;
		latenessWeight *= current.makespan > deadline ? OSCILLATION : 1 / OSCILLATION;
		if (isBetter(current, best, deadline)) best = current;
	}
	return best;
}

function bestGain(problem: AssignmentProblem, schedule: Scheduler, current: Schedule): Schedule | undefined {
	const { accelerators, cycles } = problem;
	const trial = current.accelerator.slice();
	let best: Schedule | undefined;
	let bestRatio = 0;
	for (const layer of criticalLayers(problem, current)) {
		const home = trial[layer] as number;
		for (let j = 0; j < accelerators; j++) {
			if (j === home || !Number.isFinite(cycles[layer * accelerators + j])) continue;
			trial[layer] = j;
			const moved = schedule(trial);
			const gained = current.makespan - moved.makespan;
			if (gained <= 0) continue;
			const ratio = gained / Math.max(moved.energy - current.energy, 1e-12 * current.energy);
			if (ratio <= bestRatio) continue;
			best = moved;
			bestRatio = ratio;
		}
		trial[layer] = home;
	}
	return best;
}

/** Layers that hold up the end: from the last to end back over what each waited for. */
function criticalLayers({ layers, predecessors }: AssignmentProblem, { accelerator, start, end, makespan }: Schedule): number[] {
	const path: number[] = [];
	let at = end.indexOf(makespan);
	while (at >= 0) {
		path.push(at);
		const begun = start[at] as number;
		let before = (predecessors[at] as readonly number[]).find((other) => end[other] === begun) ?? -1;
		for (let other = 0; before < 0 && begun > 0 && other < layers; other++)
			if (other !== at && accelerator[other] === accelerator[at] && end[other] === begun) before = other;
		at = before;
	}
	return path;
}

/** Single moves and exchanges of two layers' places that save energy within the deadline, best first, until there is none. */
function saveEnergy(problem: AssignmentProblem, schedule: Scheduler, from: Schedule, deadline: number): Schedule {
	let current = from;
	for (;;) {
		const next = bestSaving(problem, schedule, current, deadline);
		if (next === undefined) return current;
		current = next;
	}
}

function bestSaving(problem: AssignmentProblem, schedule: Scheduler, current: Schedule, deadline: number): Schedule | undefined {
	const { layers, accelerators, cycles, energy } = problem;
	const moves: { layer: number; to: number; change: number }[] = [];
	for (let layer = 0; layer < layers; layer++) {
		const here = layer * accelerators + (current.accelerator[layer] as number);
		for (let to = 0; to < accelerators; to++) {
			const there = layer * accelerators + to;
			if (there === here || !Number.isFinite(cycles[there])) continue;
			moves.push({ layer, to, change: (energy[there] as number) - (energy[here] as number) });
		}
	}
	moves.sort((a, b) => a.change - b.change || a.layer - b.layer || a.to - b.to);
	const trial = current.accelerator.slice();
	let best: Schedule | undefined;
	const consider = (): void => {
		const moved = schedule(trial);
		if (moved.makespan <= deadline && moved.energy < (best ?? current).energy * (1 - 1e-12)) best = moved;
	};
	const leastGain = (): number => (best?.energy ?? current.energy) - current.energy;
	for (const [i, first] of moves.entries()) {
		// Sorted, so no later move saves more alone.
		if (first.change >= 0) break;
		trial[first.layer] = first.to;
		if (first.change < leastGain()) consider();
		for (let k = i + 1; k < moves.length; k++) {
			const second = moves[k] as (typeof moves)[number];
			if (first.change + second.change >= leastGain()) break;
			if (second.layer === first.layer) continue;
			trial[second.layer] = second.to;
			consider();
			trial[second.layer] = current.accelerator[second.layer] as number;
		}
		trial[first.layer] = current.accelerator[first.layer] as number;
	}
	return best;
}
