import { createRandom, InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pause } from '../test-data.ts';
import { searchInterval } from './best-interval.ts';
import { bestInterval, dalyInterval, expectedGoodput, expectedWallTime, youngInterval } from './checkpoint-interval.ts';
import { clusterMtbfHours, type FailureClass, failurePreset } from './failure-classes.ts';
import { estimateClasses, readFailureLog, weibullShape } from './failure-log.ts';
import { type Job, simulateJob } from './simulate-job.ts';
import { detectSlowSteps, stepThreshold } from './straggler-detector.ts';

/** Minutes: MTBF, save, then Young, Daly and best intervals and the goodput at the best. */
const golden = [
	[1440, 2, 75.89, 74.57, 74.6, 0.94166],
	[1440, 20, 240.0, 226.85, 226.9, 0.83663],
	[360, 2, 37.95, 36.63, 36.6, 0.87365],
	[360, 20, 120.0, 107.04, 107.1, 0.68338],
] as const;

const anyFailure: FailureClass = {
	name: 'any',
	nodeMtbfHours: 24,
	weibullShape: 1,
	effect: 'stop',
	replaceNode: false,
	localShare: 0,
	slowdown: 1,
	lastsHours: 0,
};

const plainJob = (mtbfMinutes: number, saveMinutes: number, intervalMinutes: number): Job => ({
	nodes: 1,
	classes: [{ ...anyFailure, nodeMtbfHours: mtbfMinutes / 60 }],
	save: { intervalSeconds: 60 * intervalMinutes, blockingSeconds: 60 * saveMinutes, backgroundSeconds: 0, local: null },
	response: { kind: 'restart' },
	restartSeconds: 600,
	detection: null,
});

const goodputOf = async (job: Job, hours = 1e5, seed = 1) =>
	(await simulateJob(job, { wallSeconds: hours * 3600, random: createRandom(seed), pause })).goodput;

test.each(golden)('closed forms at MTBF %s and save %s minutes', (mtbf, save, young, daly, best, goodput) => {
	const job = { mtbf, save, restart: 10 };
	expect(youngInterval(job)).toBeCloseTo(young, 2);
	expect(dalyInterval(job)).toBeCloseTo(daly, 2);
	expect(bestInterval(job)).toBeCloseTo(best, 0.9);
	expect(expectedGoodput(job, bestInterval(job))).toBeCloseTo(goodput, 5);
});

test('a save ten times as fast is worth 10.5 points of goodput at an MTBF of a day and 19 at six hours', () => {
	const at = (mtbf: number, save: number) =>
		100 * expectedGoodput({ mtbf, save, restart: 10 }, bestInterval({ mtbf, save, restart: 10 }));
	expect(at(1440, 2) - at(1440, 20)).toBeCloseTo(10.5, 1);
	expect(at(360, 2) - at(360, 20)).toBeCloseTo(19.03, 1);
});

describe('the simulated job against the closed form', () => {
	test.each(golden)(
		'goodput within 0.2 points at MTBF %s and save %s minutes over 100,000 hours, within 0.1 over a million',
		async (mtbf, save) => {
			const closed = { mtbf, save, restart: 10 };
			const job = plainJob(mtbf, save, bestInterval(closed));
			const expected = expectedGoodput(closed, bestInterval(closed));
			expect(Math.abs((await goodputOf(job)) - expected)).toBeLessThan(0.002);
			expect(Math.abs((await goodputOf(job, 1e6)) - expected)).toBeLessThan(0.001);
		},
	);

	test.each(golden)('best interval within 5 % at MTBF %s and save %s minutes', async (mtbf, save) => {
		const best = bestInterval({ mtbf, save, restart: 10 });
		const options = { wallSeconds: 1e5 * 3600, random: createRandom(3), pause };
		const { bestSeconds } = await searchInterval(
			plainJob(mtbf, save, 1),
			60 * youngInterval({ mtbf, save, restart: 10 }),
			options,
		);
		expect(Math.abs(bestSeconds / 60 / best - 1)).toBeLessThan(0.05);
	});

	test('an interval away from the best one as well', async () => {
		for (const interval of [10, 500]) {
			const expected = expectedGoodput({ mtbf: 1440, save: 2, restart: 10 }, interval);
			expect(Math.abs((await goodputOf(plainJob(1440, 2, interval), 4e5)) - expected)).toBeLessThan(0.002);
		}
	});
});

test('without failures only saves cost; a failure an instant leaves nothing, and neither hangs', async () => {
	const never = { ...plainJob(1440, 2, 58), classes: [] };
	expect(await goodputOf(never, 1000)).toBeCloseTo(58 / 60, 3);
	const always = { ...plainJob(1440, 2, 60), classes: [{ ...anyFailure, nodeMtbfHours: 0.001 }] };
	expect(await goodputOf(always, 200)).toBe(0);
	expect(expectedWallTime({ mtbf: 1440, save: 0, restart: 0 }, 60)).toBeGreaterThan(60);
});

test('the time in all states is the wall-clock time, and spans follow each other', async () => {
	const job: Job = {
		...plainJob(300, 2, 40),
		nodes: 16,
		classes: [
			{ ...anyFailure, nodeMtbfHours: 200, replaceNode: true, localShare: 0.5 },
			{ ...anyFailure, name: 'nic', effect: 'slow', slowdown: 1.6, lastsHours: 3, nodeMtbfHours: 400 },
		],
		save: {
			intervalSeconds: 2400,
			blockingSeconds: 10,
			backgroundSeconds: 300,
			local: { intervalSeconds: 600, blockingSeconds: 5 },
		},
		response: { kind: 'spares', spares: 1, swapSeconds: 60, repairSeconds: 40 * 3600 },
		detection: { deviations: 5, consecutiveSteps: 10, windowSteps: 200, stepSeconds: 8, stepNoise: 0.02 },
	};
	const run = await simulateJob(job, { wallSeconds: 720 * 3600, random: createRandom(5), pause, recordSeconds: 720 * 3600 });
	const total = Object.values(run.stateSeconds).reduce((sum, seconds) => sum + seconds, 0);
	expect(total).toBeCloseTo(run.wallSeconds, 3);
	expect(run.exclusions).toBeGreaterThan(0);
	expect(run.stateSeconds['waiting for a node']).toBeGreaterThan(0);
	for (const [i, span] of run.spans.entries()) expect(span.startSeconds).toBe(i === 0 ? 0 : run.spans[i - 1]?.endSeconds);
});

describe('policies do what they are for', () => {
	const base: Job = {
		...plainJob(360, 10, 85),
		nodes: 64,
		classes: [{ ...anyFailure, nodeMtbfHours: 6 * 64, replaceNode: true, localShare: 1 }],
	};

	test('writing behind beats standing still', async () => {
		const behind = { ...base, save: { ...base.save, blockingSeconds: 30, backgroundSeconds: 570 } };
		expect(await goodputOf(behind)).toBeGreaterThan((await goodputOf(base)) + 0.05);
	});

	test('copies on the nodes lose less work, if they survive', async () => {
		const local = { ...base, save: { ...base.save, local: { intervalSeconds: 600, blockingSeconds: 5 } } };
		expect(await goodputOf(local)).toBeGreaterThan((await goodputOf(base)) + 0.03);
		const gone = { ...local, classes: [{ ...anyFailure, nodeMtbfHours: 6 * 64, replaceNode: true, localShare: 0 }] };
		expect(await goodputOf(gone)).toBeLessThan(await goodputOf(base));
	});

	test('more spares never wait longer; with enough of them only the swap is lost', async () => {
		const spares = (count: number): Job => ({
			...base,
			response: { kind: 'spares', spares: count, swapSeconds: 0, repairSeconds: 48 * 3600 },
		});
		const found = [];
		for (const count of [4, 8, 16, 64]) found.push(await goodputOf(spares(count)));
		expect(found).toEqual([...found].sort((a, b) => a - b));
		expect(found.at(-1)).toBeCloseTo(await goodputOf(base), 10);
	});

	test('shrinking keeps the share of the nodes that are there', async () => {
		const shrink: Job = { ...base, response: { kind: 'shrink', repairSeconds: 24 * 3600 } };
		// A failure every six hours and a day at repair, returning at the next start: four nodes and a bit missing of 64.
		const ratio = (await goodputOf(shrink)) / (await goodputOf(base));
		expect(ratio).toBeGreaterThan(1 - 6 / 64);
		expect(ratio).toBeLessThan(1 - 4 / 64);
	});

	test('excluding slow nodes is worth it', async () => {
		const slow: Job = {
			...base,
			classes: [{ ...anyFailure, effect: 'slow', slowdown: 2, lastsHours: 12, nodeMtbfHours: 24 * 64 }],
		};
		const watched: Job = {
			...slow,
			detection: { deviations: 5, consecutiveSteps: 20, windowSteps: 200, stepSeconds: 10, stepNoise: 0.02 },
		};
		expect(await goodputOf(watched)).toBeGreaterThan((await goodputOf(slow)) + 0.1);
	});

	test('failures in clusters (Weibull shape 0.7) come at the same mean rate', async () => {
		const clustered = { ...base, classes: [{ ...anyFailure, nodeMtbfHours: 6 * 64, weibullShape: 0.7 }] };
		const run = await simulateJob(clustered, { wallSeconds: 2e5 * 3600, random: createRandom(1), pause });
		expect(run.failures / (2e5 / 6)).toBeCloseTo(1, 1);
	});
});

test('the detector flags five deviations above the median, and not noise', () => {
	const random = createRandom(1);
	const steps = Float64Array.from({ length: 500 }, () => 1 + 0.01 * random.normal());
	const rule = { deviations: 5, consecutiveSteps: 3, windowSteps: 500 };
	const threshold = stepThreshold(steps, rule);
	// A normal distribution's median absolute deviation is 0.6745 standard deviations.
	expect(threshold).toBeCloseTo(1 + 5 * 0.006745, 2);
	expect(detectSlowSteps(steps, threshold, rule)).toBe(-1);
	expect(detectSlowSteps([1, 1.1, 1.1, 1, 1.1, 1.1, 1.1, 1.1], threshold, rule)).toBe(6);
});

test('rates and shapes are found again from a log of failures', () => {
	const random = createRandom(4);
	let [gpu, nic] = [0, 0];
	const rows: string[] = [];
	for (let i = 0; i < 4000; i++) {
		gpu += 10 * random.exponential(1) ** (1 / 0.7);
		nic += random.exponential(40);
		rows.push(`n${i % 128},gpu,${gpu}`, `n${i % 128},nic,${nic}`);
	}
	const log = readFailureLog(`node,class,time\n${rows.join('\n')}\n`, 'log.csv');
	const found = estimateClasses(
		log.filter(({ hours }) => hours < Math.min(gpu, nic)),
		128,
		anyFailure,
	);
	expect(found.map(({ estimate }) => estimate.name)).toEqual(['gpu', 'nic']);
	expect(found[0]?.estimate.weibullShape).toBeCloseTo(0.7, 1);
	expect(found[1]?.estimate.weibullShape).toBeCloseTo(1, 1);
	expect((found[1]?.estimate.nodeMtbfHours ?? 0) / 128 / 40).toBeCloseTo(1, 1);
	expect(weibullShape([1, 1, 1, 1])).toBeGreaterThan(40);
	expect(readFailureLog('time,node,class\n2025-01-01 00:00:00,a,x\n2025-01-02 12:00:00,b,y', 'l')[1]?.hours).toBe(36);
});

test('a failure log that is none is one InputError; no text makes it hang or crash', () => {
	expect(() => readFailureLog('when,where\n1,2', 'l.csv')).toThrow(/l.csv, line 1.*columns time, node, class/);
	expect(() => readFailureLog('time,node,class\nsoon,a,b\n1,a,b', 'l.csv')).toThrow(/line 2, time: found "soon"/);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ maxLength: 300 }),
				fc.string().map((text) => `time,node,class\n${text}`),
			),
			(text) => {
				try {
					readFailureLog(text, 'l.csv');
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			},
		),
		{ numRuns: 500 },
	);
});

test('the published interruptions are one every three hours at 2,048 nodes', () => {
	const { classes } = failurePreset('llama-3-2024');
	expect(clusterMtbfHours(classes, 2048)).toBeCloseTo((54 * 24) / 419, 6);
	expect(clusterMtbfHours(failurePreset('one-day-at-128-nodes').classes, 128)).toBeCloseTo(24, 9);
});
