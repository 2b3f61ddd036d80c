import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, isFeasible } from './evaluate.ts';
import { checkObjectives, publishedObjectives } from './slo.ts';
import { bloomServing, pause } from './test-data.ts';
import { generateTrace } from './trace/generate-trace.ts';
import { embeddedLengths } from './trace/length-distribution.ts';

test('giving up early never changes a verdict', async () => {
	const serving = bloomServing();
	const verdicts = new Set<boolean>();
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 8 }),
			fc.integer({ min: 1, max: 6 }),
			fc.integer({ min: 2, max: 30 }),
			fc.integer({ min: 0, max: 1000 }),
			async (promptMachines, tokenMachines, requestsPerSecond, seed) => {
				const lengths = embeddedLengths.conversation;
				const trace = generateTrace({ requestsPerSecond, durationSeconds: 20, burstShape: 1, lengths }, createRandom(seed));
				const plan = {
					label: '',
					promptType: 'dgx-h100',
					promptMachines,
					tokenType: 'dgx-a100',
					tokenMachines,
					policy: 'mixed-pool',
				} as const;
				const { feasible } = await evaluate(serving, plan, trace);
				verdicts.add(feasible);
				expect(await isFeasible(serving, plan, trace, pause)).toBe(feasible);
			},
		),
		{ numRuns: 60 },
	);
	expect(verdicts.size).toBe(2);
}, 30_000);

test('percentiles interpolate between order statistics; who never ended is infinitely slow', () => {
	const all = Float64Array.from({ length: 100 }, (_, i) => 1 + i / 100);
	const columns = { ttft: all, tbt: all, e2e: all };
	const [p50, p90, p99] = checkObjectives(columns, publishedObjectives);
	expect(p50?.slowdown).toBeCloseTo(1.495, 12);
	expect(p90?.slowdown).toBeCloseTo(1.891, 12);
	expect(p99?.slowdown).toBeCloseTo(1.9801, 12);
	const lost = Float64Array.from(all, (value, i) => (i < 5 ? Number.POSITIVE_INFINITY : value));
	expect(checkObjectives({ ...columns, ttft: lost }, publishedObjectives)[2]).toMatchObject({
		slowdown: Number.POSITIVE_INFINITY,
		met: false,
	});
});
