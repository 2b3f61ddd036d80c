import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noLane, TaskGraph } from './task-graph.ts';

describe('lanes and dependencies', () => {
	test('one lane adds up, two lanes overlap', () => {
		const graph = new TaskGraph(['copy', 'compute']);
		let copied = -1;
		for (let i = 0; i < 4; i++) {
			copied = graph.add(0, 2);
			graph.add(1, 3, [copied]);
		}
		const { makespanSeconds, busySeconds, startSeconds } = graph.run();
		expect(makespanSeconds).toBe(2 + 4 * 3);
		expect([...busySeconds]).toEqual([8, 12]);
		expect([...startSeconds]).toEqual([0, 2, 2, 5, 4, 8, 6, 11]);
	});

	test('n buffers: a producer runs at most n ahead of its consumer', () => {
		const graph = new TaskGraph(['produce', 'consume']);
		const consumed: number[] = [];
		for (let i = 0; i < 6; i++) {
			const produced = graph.add(0, 1, i >= 2 ? [consumed[i - 2] as number] : []);
			consumed.push(graph.add(1, 10, [produced]));
		}
		const { startSeconds } = graph.run();
		expect([...startSeconds].filter((_, job) => job % 2 === 0)).toEqual([0, 1, 11, 21, 31, 41]);
	});

	test('first come first served by readiness, ties by number', () => {
		const graph = new TaskGraph(['lane']);
		const late = graph.add(noLane, 1);
		const waiter = graph.add(0, 1, [late]);
		const long = graph.add(0, 5);
		const first = graph.add(0, 1);
		const { startSeconds } = graph.run();
		expect([long, first, waiter].map((job) => startSeconds[job])).toEqual([0, 5, 6]);
	});

	test('jobs that become ready at one instant queue by number, whatever ended first', () => {
		const graph = new TaskGraph(['a', 'b', 'lane']);
		const a = graph.add(0, 2);
		const b = graph.add(1, 2);
		const second = graph.add(2, 1, [a]);
		const third = graph.add(2, 1, [a]);
		const other = graph.add(2, 1, [b]);
		graph.require(second, b);
		const { startSeconds } = graph.run();
		expect([second, third, other].map((job) => startSeconds[job])).toEqual([2, 3, 4]);
	});

	test('an empty graph ends at 0; a cycle, an unknown job and a wrong time are refused', () => {
		expect(new TaskGraph([]).run().makespanSeconds).toBe(0);
		const graph = new TaskGraph(['lane']);
		const a = graph.add(0, 1);
		const b = graph.add(0, 1, [a]);
		graph.require(a, b);
		expect(() => graph.run()).toThrow('2 of 2 jobs wait for each other');
		expect(() => graph.add(1, 1)).toThrow(RangeError);
		expect(() => graph.add(0, Number.NaN)).toThrow(RangeError);
		expect(() => graph.add(0, 1, [9])).toThrow(RangeError);
	});
});

/** The same rules, spelt out naively: at each instant look at every job. */
function bruteForce(lanes: number, jobs: readonly { lane: number; seconds: number; after: readonly number[] }[]): number[] {
	const start = jobs.map(() => -1);
	const end = jobs.map(() => Number.POSITIVE_INFINITY);
	const readyAt = jobs.map(() => Number.POSITIVE_INFINITY);
	let now = 0;
	for (;;) {
		for (const [j, job] of jobs.entries()) {
			if (readyAt[j] === Number.POSITIVE_INFINITY && job.after.every((i) => (end[i] as number) <= now)) readyAt[j] = now;
		}
		for (let lane = 0; lane < lanes; lane++) {
			const busy = jobs.some((job, j) => job.lane === lane && (start[j] as number) >= 0 && (end[j] as number) > now);
			if (busy) continue;
			const waiting = jobs
				.map((job, j) => ({ job, j }))
				.filter(({ job, j }) => job.lane === lane && start[j] === -1 && (readyAt[j] as number) <= now)
				.sort((a, b) => (readyAt[a.j] as number) - (readyAt[b.j] as number) || a.j - b.j);
			const next = waiting[0];
			if (next === undefined) continue;
			start[next.j] = now;
			end[next.j] = now + next.job.seconds;
		}
		const later = end.filter((time) => time > now && time < Number.POSITIVE_INFINITY);
		if (later.length === 0) return start;
		now = Math.min(...later);
	}
}

test('agrees with a brute force on random graphs', () => {
	const job = fc.record({
		lane: fc.nat(2),
		seconds: fc.integer({ min: 1, max: 6 }),
		picks: fc.array(fc.nat(1000), { maxLength: 3 }),
	});
	fc.assert(
		fc.property(fc.array(job, { minLength: 1, maxLength: 25 }), (drawn) => {
			const jobs = drawn.map(({ lane, seconds, picks }, j) => ({
				lane,
				seconds,
				after: j === 0 ? [] : picks.map((pick) => pick % j),
			}));
			const graph = new TaskGraph(['a', 'b', 'c']);
			for (const { lane, seconds, after } of jobs) graph.add(lane, seconds, after);
			expect([...graph.run().startSeconds]).toEqual(bruteForce(3, jobs));
		}),
	);
});
