import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyNames } from './cluster-scheduler/policies.ts';
import { simulate } from './simulate.ts';
import { e2eSeconds } from './slo.ts';
import { bloomSetup, traceOf } from './test-data.ts';
import { generateTrace } from './trace/generate-trace.ts';
import { embeddedLengths } from './trace/length-distribution.ts';

const requestRow = fc.tuple(
	fc.double({ min: 0, max: 20, noNaN: true }),
	fc.oneof(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 60_000, max: 120_000 })),
	fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 600 })),
);
const anyTrace = fc
	.array(requestRow, { minLength: 1, maxLength: 60 })
	.map((rows) => traceOf([...rows].sort(([a], [b]) => a - b)));

test('whatever the trace, policy and network: every request ends, is rejected or is reported; nothing is lost', async () => {
	await fc.assert(
		fc.asyncProperty(
			anyTrace,
			fc.constantFrom(...policyNames),
			fc.constantFrom('ideal' as const, 'shared' as const),
			fc.integer({ min: 1, max: 3 }),
			fc.integer({ min: 1, max: 3 }),
			fc.record({
				maxBatchSize: fc.integer({ min: 1, max: 8 }),
				maxBatchTokens: fc.integer({ min: 1, max: 3000 }),
				maxPreemptions: fc.integer({ min: 1, max: 4 }),
			}),
			async (trace, policy, network, prompts, tokens, limits) => {
				const splits = policy === 'mixed-pool' || policy.startsWith('kv-');
				const base = bloomSetup(
					[
						[prompts, 'dgx-h100', splits ? 'prompt' : 'any'],
						[tokens, 'dgx-a100', splits ? 'token' : 'any'],
					],
					policy,
				);
				const found = await simulate(trace, { ...base, limits, transfer: { ...base.transfer, network } });
				const { requests, machines, endSeconds } = found;
				let unfinished = 0;
				for (let i = 0; i < requests.count; i++) {
					if (requests.rejected[i] === 1) {
						expect(requests.totalBytes(i) + base.weightBytes).toBeGreaterThan(base.machines[0]?.capacityBytes ?? 0);
						continue;
					}
					if (Number.isNaN(requests.end[i] as number)) {
						unfinished++;
						continue;
					}
					// The request alone on the faster machine is a floor for its latency.
					const floor = base.machines[0]?.curves.promptSeconds(trace.promptTokens[i] as number) ?? 0;
					expect(e2eSeconds(requests, i)).toBeGreaterThanOrEqual(floor * (1 - 1e-9));
					expect(requests.tokensLeft[i]).toBe(0);
				}
				for (const machine of machines) {
					expect(machine.busySeconds).toBeLessThanOrEqual(endSeconds * (1 + 1e-9));
					expect(machine.peakBytes).toBeLessThanOrEqual(machine.capacityBytes);
					if (unfinished === 0) {
						expect(machine.freedBytes).toBe(machine.allocatedBytes);
						expect(machine.memoryBytes).toBe(base.weightBytes);
						expect(machine.scheduledBytes).toBe(base.weightBytes);
						expect(machine.scheduledTokens).toBe(0);
						expect(machine.pool.length + machine.pending.length).toBe(0);
					}
				}
				if (unfinished > 0) expect(found.memoryWaitCount).toBeGreaterThan(0);
			},
		),
		{ numRuns: 150 },
	);
}, 60_000);

test('alone on the cluster, a request takes what its phases and its transfer take', async () => {
	const setup = bloomSetup(
		[
			[1, 'dgx-h100', 'prompt'],
			[1, 'dgx-a100', 'token'],
		],
		'mixed-pool',
	);
	const { requests } = await simulate(traceOf([[0, 1000, 50]]), setup);
	const [prompt, token] = setup.machines;
	const transfer = (4_014_080 * 1000) / (200 * 1024 ** 3);
	const expected = (prompt?.curves.promptSeconds(1000) ?? 0) + transfer + 49 * (token?.curves.tokenSeconds(1) ?? 0);
	expect(e2eSeconds(requests, 0)).toBeCloseTo(expected, 9);
});

test('hiding nine tenths of the transfer makes it ten times as short', async () => {
	const base = bloomSetup(
		[
			[1, 'dgx-h100', 'prompt'],
			[1, 'dgx-h100', 'token'],
		],
		'kv-round-robin',
	);
	const trace = traceOf([[0, 2000, 2]]);
	const gap = async (hiddenShare: number) => {
		const { requests } = await simulate(trace, { ...base, transfer: { ...base.transfer, hiddenShare } });
		return (requests.tokenStart[0] as number) - (requests.promptEnd[0] as number);
	};
	expect((await gap(0)) / (await gap(0.9))).toBeCloseTo(10, 6);
});

test('requests of one output token end with their prompt and take no token machine', async () => {
	const setup = bloomSetup(
		[
			[1, 'dgx-h100', 'prompt'],
			[1, 'dgx-h100', 'token'],
		],
		'mixed-pool',
	);
	const { requests, transfers } = await simulate(
		traceOf([
			[0, 500, 1],
			[0.1, 700, 1],
		]),
		setup,
	);
	expect(transfers).toBe(0);
	expect(requests.end[0]).toBe(requests.promptEnd[0]);
	expect(requests.end[1]).toBe(requests.promptEnd[1]);
});

test('a request larger than any machine is rejected and the others go on', async () => {
	const setup = bloomSetup([[2, 'dgx-h100', 'any']], 'token-jsq');
	const { requests } = await simulate(
		traceOf([
			[0, 200_000, 5],
			[0, 100, 5],
		]),
		setup,
	);
	expect([...requests.rejected]).toEqual([1, 0]);
	expect(requests.end[1]).toBeGreaterThan(0);
});

test('the seed alone decides about the random scheduler', async () => {
	const lengths = embeddedLengths.conversation;
	const trace = generateTrace({ requestsPerSecond: 20, durationSeconds: 10, burstShape: 0.5, lengths }, createRandom(3));
	const setup = bloomSetup([[8, 'dgx-h100', 'any']], 'random');
	const ends = async (seed: number) => [...(await simulate(trace, { ...setup, seed })).requests.end];
	expect(await ends(1)).toEqual(await ends(1));
	expect(await ends(1)).not.toEqual(await ends(2));
});
