import { resolveMachine } from '@assay/machines';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ratesOf } from '../rates/node-rates.ts';
import type { UpdateRates } from '../rates/update-rates.ts';
import { simulateUpdate } from './simulate-update.ts';
import { LANES, updateJobs } from './update-jobs.ts';
import { patternOf, planUpdate } from './update-plan.ts';
import { bestStride, updateSeconds } from './update-time.ts';

const equal = (count: number, size = 1): number[] => Array.from({ length: count }, () => size);

function nodeRates(machine: string): UpdateRates {
	const found = ratesOf(resolveMachine(machine));
	if (found === null) throw new Error(machine);
	return found.rates;
}

describe('who updates which sub-group', () => {
	test.each([
		[2, 'C G C G C G C'],
		[3, 'C c G C c G C'],
		[4, 'C c c G C c c'],
	])('seven sub-groups with stride %i: %s', (stride, pattern) => {
		expect(patternOf(planUpdate(equal(7), 1, stride))).toBe(pattern);
	});

	test('the default update is all on the CPU; TwinFlow keeps the last sub-groups on the GPU', () => {
		expect(patternOf(planUpdate(equal(4), 1, null))).toBe('c c c c');
		expect(patternOf(planUpdate(equal(4), 0.5, 2))).toBe('C G R R');
		expect(patternOf(planUpdate(equal(4), 0, 2))).toBe('R R R R');
		expect(patternOf(planUpdate([10, 1, 1, 1], 0.75, 2))).toBe('C R R R');
	});

	test('a stride below 2 is refused', () => {
		for (const stride of [1, 0, -3, 2.5]) expect(() => planUpdate(equal(4), 1, stride)).toThrow(RangeError);
	});
});

test('state that comes in goes out again, once, after its update; each sub-group is updated once; nothing comes in before the slot is free', () => {
	fc.assert(
		fc.property(
			fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }),
			fc.constantFrom(null, 2, 3, 4, 10),
			fc.constantFrom(0, 0.3, 0.5, 0.8, 1),
			(sizes, stride, ratio) => {
				const plan = planUpdate(sizes, ratio, stride);
				const { jobs, schedule } = simulateUpdate(plan, { ...nodeRates('4xh100') });
				const of = (kind: string, group: number) =>
					jobs.flatMap((job, i) => (job.kind === kind && job.group === group ? [i] : []));
				const start = (job: number): number => schedule.startSeconds[job] as number;
				const end = (job: number): number => schedule.endSeconds[job] as number;
				let freeAt = 0;
				for (const [group, place] of plan.places.entries()) {
					const updates = [...of('update', group), ...of('inline update', group), ...of('GPU update', group)];
					expect(updates).toHaveLength(1);
					const [came] = of('state in', group);
					const [went] = of('state out', group);
					expect(came !== undefined && went !== undefined).toBe(place === 'gpu');
					if (came === undefined || went === undefined) continue;
					expect(start(came)).toBeGreaterThanOrEqual(freeAt);
					expect(end(came)).toBeLessThanOrEqual(start(updates[0] as number));
					expect(end(updates[0] as number)).toBeLessThanOrEqual(start(went));
					freeAt = end(went);
				}
			},
		),
	);
});

test('buffers for 16-bit weights are filled only when they are empty', () => {
	const plan = planUpdate(equal(40, 1e7), 1, 4);
	const { jobs, schedule } = simulateUpdate(plan, { ...nodeRates('4xh100'), linkBytesPerSecond: 1e9 });
	const emptied = new Map<number, number>();
	for (const [i, { kind, buffer }] of jobs.entries()) {
		if (kind === 'convert') expect(schedule.startSeconds[i]).toBeGreaterThanOrEqual(emptied.get(buffer) ?? 0);
		if (kind === 'weights in') emptied.set(buffer, schedule.endSeconds[i] as number);
	}
});

describe('the closed form and the simulation', () => {
	test.each(['4xh100', '4xa100'])('agree within 2 % on many equal sub-groups on %s', (machine) => {
		const rates = nodeRates(machine);
		for (const stride of [null, 2, 3, 4, 6, 8, 10]) {
			for (const ratio of [1, 0.5]) {
				const size = 1e7;
				const groups = 480;
				const simulated = simulateUpdate(planUpdate(equal(groups, size), ratio, stride), rates).schedule.makespanSeconds;
				const closed = updateSeconds({ parameters: groups * size, ratio, stride }, rates);
				expect(Math.abs(simulated / closed - 1), `stride ${stride}, ratio ${ratio}`).toBeLessThan(0.02);
			}
		}
	});

	test('a link and a GPU that take no time leave the CPU’s share of the work and the last fetch of each period', () => {
		const rates = {
			cpuPerSecond: 2e9,
			inlineCpuPerSecond: 2e9,
			linkBytesPerSecond: 1e30,
			gpuPerSecond: 1e30,
			flushPerSecond: 1e9,
		};
		for (const stride of [2, 3, 5]) {
			const closed = updateSeconds({ parameters: 30e9, ratio: 1, stride }, rates);
			expect(closed).toBeCloseTo((15 * (stride - 1)) / stride, 9);
			const { schedule } = simulateUpdate(planUpdate(equal(30, 1e9), 1, stride), rates);
			expect(schedule.makespanSeconds).toBeCloseTo(closed, 9);
		}
	});

	const rate = fc.double({ min: 1e6, max: 1e12, noNaN: true });
	const arbitraryRates = fc
		.record({
			cpuPerSecond: rate,
			inlineShare: fc.double({ min: 0.1, max: 1, noNaN: true }),
			linkBytesPerSecond: rate,
			gpuPerSecond: rate,
			flushPerSecond: rate,
		})
		.map(({ inlineShare, ...rates }): UpdateRates => ({ ...rates, inlineCpuPerSecond: inlineShare * rates.cpuPerSecond }));
	const shape = fc.record({
		parameters: fc.double({ min: 1e3, max: 1e12, noNaN: true }),
		ratio: fc.double({ min: 0, max: 1, noNaN: true }),
		stride: fc.constantFrom(null, 2, 3, 4, 7),
	});

	test('a wider link or a faster GPU is never slower; everything twice as fast takes half the time', () => {
		fc.assert(
			fc.property(arbitraryRates, shape, fc.double({ min: 1, max: 8, noNaN: true }), (rates, one, factor) => {
				const seconds = updateSeconds(one, rates);
				for (const name of ['linkBytesPerSecond', 'gpuPerSecond', 'inlineCpuPerSecond'] as const) {
					const faster = { ...rates, [name]: rates[name] * factor };
					if (name === 'inlineCpuPerSecond') faster.inlineCpuPerSecond = Math.min(faster.inlineCpuPerSecond, rates.cpuPerSecond);
					expect(updateSeconds(one, faster)).toBeLessThanOrEqual(seconds * (1 + 1e-12));
				}
				const twice = Object.fromEntries(
					Object.entries(rates).map(([name, value]) => [name, 2 * value]),
				) as unknown as UpdateRates;
				expect(updateSeconds(one, twice) / seconds).toBeCloseTo(0.5, 12);
			}),
		);
	});
});

describe('the best stride', () => {
	test.each(['4xh100', '4xa100'])('is 2 on %s, and larger ones get slower and slower', (machine) => {
		const rates = nodeRates(machine);
		expect(bestStride({ parameters: 1e9, ratio: 1 }, rates)).toBe(2);
		const seconds = [2, 3, 4, 5, 6, 8, 10].map((stride) => updateSeconds({ parameters: 1e9, ratio: 1, stride }, rates));
		expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
	});

	test('moves to 5 or more over a link of 8 GB/s', () => {
		expect(bestStride({ parameters: 1e9, ratio: 1 }, { ...nodeRates('4xh100'), linkBytesPerSecond: 8e9 })).toBeGreaterThanOrEqual(
			5,
		);
	});
});

test('every lane of the jobs has a name', () => {
	for (const { lane } of updateJobs(planUpdate(equal(9), 0.7, 3))) expect(LANES[lane]).toBeDefined();
});
