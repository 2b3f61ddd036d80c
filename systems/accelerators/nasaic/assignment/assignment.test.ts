import { describe, expect, test } from 'vitest';
import { randomProblem, seeded } from '../test-data.ts';
import { assignByHeuristic } from './assign-by-heuristic.ts';
import { assignExactly } from './assign-exactly.ts';
import type { AssignmentProblem, Schedule } from './assignment-problem.ts';
import { listScheduler } from './list-schedule.ts';

const NODES = 5000;

/** Whether a schedule keeps to its own times: layers one at a time, after those they read. */
function isSound(
	{ layers, accelerators, cycles, predecessors }: AssignmentProblem,
	{ accelerator, start, end, makespan }: Schedule,
): boolean {
	for (let l = 0; l < layers; l++) {
		if ((end[l] as number) - (start[l] as number) !== cycles[l * accelerators + (accelerator[l] as number)]) return false;
		if ((predecessors[l] ?? []).some((before) => (end[before] as number) > (start[l] as number))) return false;
		for (let other = 0; other < l; other++)
			if (
				accelerator[other] === accelerator[l] &&
				(start[other] as number) < (end[l] as number) &&
				(start[l] as number) < (end[other] as number)
			)
				return false;
	}
	return makespan === Math.max(...end);
}

/** Between 0.8 and 1.2 times the shorter of the makespans of the fastest and the most frugal places. */
function deadlineFor(problem: AssignmentProblem, share: number): number {
	const { layers, accelerators } = problem;
	const schedule = listScheduler(problem, Number.POSITIVE_INFINITY);
	const makespan = (table: Float64Array): number =>
		schedule(
			Int32Array.from({ length: layers }, (_, l) => {
				const row = table.subarray(l * accelerators, (l + 1) * accelerators);
				return row.indexOf(Math.min(...row));
			}),
		).makespan;
	return Math.floor(Math.min(makespan(problem.cycles), makespan(problem.energy)) * (0.8 + 0.4 * share));
}

/** Least energy within the deadline over all places and all orders, by trying them. */
function bruteForce(problem: AssignmentProblem, deadline: number): number {
	const { layers, accelerators, cycles, energy, predecessors } = problem;
	let best = Number.POSITIVE_INFINITY;
	const visit = (done: number, ends: number[], free: number[], spent: number): void => {
		if (spent >= best) return;
		if (done === (1 << layers) - 1) {
			best = spent;
			return;
		}
		for (let l = 0; l < layers; l++) {
			if ((done >> l) & 1 || (predecessors[l] ?? []).some((before) => ((done >> before) & 1) === 0)) continue;
			for (let j = 0; j < accelerators; j++) {
				const ready = Math.max(free[j] as number, ...(predecessors[l] ?? []).map((before) => ends[before] as number));
				const end = ready + (cycles[l * accelerators + j] as number);
				if (end > deadline) continue;
				visit(done | (1 << l), ends.with(l, end), free.with(j, end), spent + (energy[l * accelerators + j] as number));
			}
		}
	};
	visit(0, new Array<number>(layers).fill(0), new Array<number>(accelerators).fill(0), 0);
	return best;
}

test('the program’s energy is that of trying everything, on small instances', async () => {
	const random = seeded('brute force');
	for (let i = 0; i < 12; i++) {
		const problem = randomProblem(random, 6, 2);
		const deadline = deadlineFor(problem, random.uniform());
		const exact = await assignExactly(problem, deadline, NODES);
		const best = bruteForce(problem, deadline);
		expect(exact.status).toBe(Number.isFinite(best) ? 'optimal' : 'infeasible');
		if (exact.schedule !== null) expect(exact.schedule.energy).toBeCloseTo(best, 3);
	}
});

describe('50 random instances of 10 to 30 layers on two and three accelerators', () => {
	test('the heuristic keeps the deadline and is within 5 % of the program’s energy; without a schedule none is claimed', {
		timeout: 300_000,
	}, async () => {
		const random = seeded('hap');
		let infeasible = 0;
		for (let i = 0; i < 50; i++) {
			const problem = randomProblem(random, 10 + random.integer(21), 2 + random.integer(2));
			const deadline = deadlineFor(problem, random.uniform());
			const found = assignByHeuristic(problem, deadline) as Schedule;
			expect(isSound(problem, found)).toBe(true);
			// The bound without an order of layers often is enough, and quick.
			const quick = await assignExactly(problem, deadline, 1);
			if (quick.status !== 'infeasible' && found.makespan <= deadline && found.energy <= 1.05 * quick.lowerBound) continue;
			const exact = await assignExactly(problem, deadline, NODES);
			if (exact.status === 'infeasible') {
				infeasible++;
				expect(found.makespan).toBeGreaterThan(deadline);
				continue;
			}
			expect(exact.status).toBe('optimal');
			expect(isSound(problem, exact.schedule as Schedule)).toBe(true);
			expect(exact.schedule?.makespan).toBeLessThanOrEqual(deadline * (1 + 1e-6));
			expect(found.makespan).toBeLessThanOrEqual(deadline);
			expect(found.energy).toBeLessThanOrEqual(1.05 * exact.lowerBound);
		}
		expect(infeasible).toBeGreaterThan(0);
	});
});

test('a schedule within the deadline is never ruled out, where presolving alone would', async () => {
	const random = seeded('probe 14');
	const problem = randomProblem(random, 10 + random.integer(21), 2 + random.integer(2));
	const deadline = deadlineFor(problem, random.uniform());
	expect(assignByHeuristic(problem, deadline)?.makespan).toBeLessThanOrEqual(deadline);
	expect((await assignExactly(problem, deadline, NODES)).status).toBe('optimal');
});

test('what no accelerator can run has no schedule', () => {
	const problem = randomProblem(seeded('nowhere'), 4, 2);
	problem.cycles.fill(Number.POSITIVE_INFINITY, 2, 4);
	expect(assignByHeuristic(problem, 1e9)).toBeNull();
});
