import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iterationTime } from '../iteration-time.ts';
import { hiddenCriticalPath } from '../latency-models.ts';
import { simulatePipeline, stageOrder } from './pipeline-schedule.ts';

const stagesOf = (p: number, forwardSeconds: number, backwardSeconds: number) =>
	Array.from({ length: p }, () => ({ forwardSeconds, backwardSeconds, communicationSeconds: 0 }));

describe('one forward, one backward', () => {
	test('without messages it takes exactly (m + pp - 1)(f + w)', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 12 }),
				fc.integer({ min: 1, max: 40 }),
				fc.integer({ min: 1, max: 64 }),
				fc.integer({ min: 1, max: 64 }),
				(p, m, f, w) => {
					// Eighths are exact in binary, so is every sum of them.
					const stages = stagesOf(p, f / 8, w / 8);
					const run = simulatePipeline({
						stages,
						microBatches: m,
						virtualStages: 1,
						messageSeconds: stages.map(() => 0),
						dataParallelSeconds: 0,
					});
					expect(run.makespanSeconds).toBe(((m + p - 1) * (f + w)) / 8);
				},
			),
		);
	});

	test('with messages it agrees with the hidden critical path within 5 % where pp divides m', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 2, max: 10 }),
				fc.integer({ min: 1, max: 8 }),
				fc.double({ min: 0.5, max: 3, noNaN: true }),
				fc.double({ min: 0, max: 0.12, noNaN: true }),
				(p, rounds, w, c) => {
					const m = p * rounds;
					const simulated = simulatePipeline({
						stages: stagesOf(p, 1, w),
						microBatches: m,
						virtualStages: 1,
						messageSeconds: Array.from({ length: p }, () => c),
						dataParallelSeconds: 0,
					}).makespanSeconds;
					const setting = {
						layers: 1,
						hidden: 1,
						sequenceTokens: 1,
						vocabulary: 1,
						globalBatch: m,
						microBatch: 1,
						pipelineParallel: p,
						tensorParallel: 1,
						devices: p,
						devicesPerNode: 1,
						elementBytes: 2,
						weightsPerLayer: 12 as const,
						forwardMilliseconds: 1,
						backwardMilliseconds: w,
						bandwidths: { pipeline: 1, inside: 1, outside: 1 },
					};
					const closed = hiddenCriticalPath(setting, 2 * (p - 1) * c, 0);
					expect(Math.abs(simulated / closed - 1)).toBeLessThan(0.05);
				},
			),
		);
	});

	test.for([
		[1, 4, 16],
		[1, 8, 8],
		[2, 4, 16],
		[3, 8, 32],
		[4, 4, 8],
	])('the closed form with warm-up and cool-down is exact for even stages: v %i, p %i, m %i', ([v, p, m]) => {
		const stages = stagesOf(p as number, 1, 2);
		const messageSeconds = stages.map(() => 0.05);
		const run = simulatePipeline({
			stages,
			microBatches: m as number,
			virtualStages: v as number,
			messageSeconds,
			dataParallelSeconds: 0.5,
		});
		// A journey over v·p stages also takes the way back to the first, v - 1 times: 2(vp - 1) messages in all.
		const closed = iterationTime({
			stages,
			microBatches: m as number,
			virtualStages: v as number,
			roundTripSeconds: 2 * ((p as number) - 1) * 0.05,
			dataParallelSeconds: 0.5,
			stepSeconds: 0,
		});
		expect(run.makespanSeconds).toBeCloseTo(closed.totalSeconds, 9);
	});
});

test('uneven stages: the closed form stays within 3 % of the schedule', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 2, max: 8 }),
			fc.integer({ min: 1, max: 6 }),
			fc.integer({ min: 1, max: 8 }),
			(p, rounds, extra) => {
				const stages = stagesOf(p, 1, 2).map((stage, index) =>
					index === p - 1 ? { ...stage, forwardSeconds: 1 + extra / 10, backwardSeconds: 2 + extra / 5 } : stage,
				);
				const options = { stages, microBatches: p * rounds, virtualStages: 1, dataParallelSeconds: 0 };
				const run = simulatePipeline({ ...options, messageSeconds: stages.map(() => 0.02) });
				const closed = iterationTime({ ...options, roundTripSeconds: 2 * (p - 1) * 0.02, stepSeconds: 0 });
				expect(Math.abs(run.makespanSeconds / closed.totalSeconds - 1)).toBeLessThan(0.03);
			},
		),
	);
});

test('every stage does every pass of every micro-batch once, forward before backward', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 6 }),
			fc.integer({ min: 1, max: 5 }),
			fc.integer({ min: 1, max: 4 }),
			(p, rounds, v) => {
				const m = p * rounds;
				for (let stage = 0; stage < p; stage++) {
					const order = stageOrder(stage, p, m, v);
					expect(order).toHaveLength(2 * m * v);
					const seen = new Map<string, number>();
					for (const [at, { forward, microBatch, chunk }] of order.entries()) {
						const key = `${microBatch} ${chunk}`;
						if (forward) {
							expect(seen.has(key)).toBe(false);
							seen.set(key, at);
						} else {
							expect(seen.get(key)).toBeLessThan(at);
						}
					}
					expect(seen.size).toBe(m * v);
				}
			},
		),
	);
});

test('at most pp micro-batches are in flight on the first stage', () => {
	let inFlight = 0;
	let most = 0;
	for (const { forward } of stageOrder(0, 6, 24, 1)) {
		inFlight += forward ? 1 : -1;
		most = Math.max(most, inFlight);
	}
	expect(most).toBe(6);
});

test('messages share a link: two of them back to back take twice as long', () => {
	// Forward is so quick that the second message waits for the first.
	const run = simulatePipeline({
		stages: stagesOf(2, 0.001, 0.001),
		microBatches: 2,
		virtualStages: 1,
		messageSeconds: [1, 0],
		dataParallelSeconds: 0,
	});
	expect(run.makespanSeconds).toBeGreaterThan(3);
});

test('interleaving asks for a multiple of the stages', () => {
	const options = { stages: stagesOf(4, 1, 1), microBatches: 6, virtualStages: 2, messageSeconds: [], dataParallelSeconds: 0 };
	expect(() => simulatePipeline(options)).toThrow(RangeError);
});
