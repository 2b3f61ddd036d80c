import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseActivations, keptBytes, keptPrefix, releasedRule } from './choose-activations.ts';
import { iterationTime } from './iteration-time.ts';
import { allPolicies, policies } from './policies/policies.ts';
import { publishedWorkload } from './published-runs.ts';
import { publishedServer, type Resources } from './resources.ts';
import { anyMachine } from './test-data.ts';
import { describeWorkload, type Workload } from './workload.ts';

const { fuyou } = policies;
const anyWorkload: fc.Arbitrary<Workload> = fc
	.record({
		name: fc.constantFrom('opt-13b', 'llama-3-8b', 'llama-2-70b', 'mixtral-8x7b', 'gemma-2-9b', 'deepseek-v2-lite'),
		batch: fc.constantFrom(1, 4, 16, 32, 64),
		sequenceTokens: fc.constantFrom(512, 1024, 2048),
		optimizer: fc.constantFrom('adam', 'adam-8bit', 'sgd-momentum', 'muon'),
	})
	.map(({ name, ...options }) => describeWorkload(resolveModel(name), { ...options, loraRank: 0 }));

/** Seconds of a step over 200 evenly spaced amounts of kept bytes. */
function grid(workload: Workload, machine: Resources): number[] {
	const { checkpointBytes, allActivationBytes } = workload;
	return Array.from({ length: 200 }, (_, i) => {
		const bytes = checkpointBytes + (i / 199) * (allActivationBytes - checkpointBytes);
		return iterationTime(fuyou, workload, machine, keptBytes(workload, bytes)).seconds;
	});
}

test('the time of a step is convex in the bytes kept, and the choice is within 1 % of the best of a fine grid', () => {
	fc.assert(
		fc.property(anyMachine, anyWorkload, (machine, workload) => {
			const seconds = grid(workload, machine);
			for (let i = 1; i < seconds.length - 1; i++)
				expect((seconds[i] as number) * 2).toBeLessThanOrEqual(
					((seconds[i - 1] as number) + (seconds[i + 1] as number)) * (1 + 1e-12),
				);
			expect(chooseActivations(fuyou, workload, machine).time.seconds).toBeLessThanOrEqual(Math.min(...seconds) * 1.01);
		}),
		{ numRuns: 100 },
	);
});

test('the choice is the best of all candidates, tried one by one, and the fewest bytes of equals', () => {
	fc.assert(
		fc.property(anyMachine, anyWorkload, (machine, workload) => {
			const all = Array.from({ length: workload.layers * workload.items.length + 1 }, (_, count) =>
				iterationTime(fuyou, workload, machine, keptPrefix(workload, count)),
			);
			const least = Math.min(...all.map(({ seconds }) => seconds));
			const { kept, time } = chooseActivations(fuyou, workload, machine);
			expect(time.seconds).toBeLessThanOrEqual(least * (1 + 1e-9));
			const first = all.findIndex(({ seconds }) => seconds <= least * (1 + 1e-9));
			expect(kept.bytes).toBeLessThanOrEqual(keptPrefix(workload, first + 1).bytes);
		}),
		{ numRuns: 60 },
	);
});

test('more of any rate or memory is never slower, for any policy', () => {
	const better = fc.constantFrom<keyof Resources>(
		'gpuFlopsPerSecond',
		'gpuMemoryBytesPerSecond',
		'linkBytesPerSecond',
		'adamBytesPerSecond',
		'driveReadBytesPerSecond',
		'driveWriteBytesPerSecond',
		'arrayReadBytesPerSecond',
		'arrayWriteBytesPerSecond',
		'hostActivationBytes',
		'drives',
	);
	fc.assert(
		fc.property(anyMachine, anyWorkload, better, fc.constantFrom(...allPolicies), (machine, workload, part, policy) => {
			const before = chooseActivations(policy, workload, machine).time.seconds;
			const after = chooseActivations(policy, workload, { ...machine, [part]: 2 * machine[part] }).time.seconds;
			expect(after).toBeLessThanOrEqual(before * (1 + 1e-9));
		}),
		{ numRuns: 200 },
	);
});

test('twice as fast in everything is twice as fast, for any policy', () => {
	fc.assert(
		fc.property(anyMachine, anyWorkload, fc.constantFrom(...allPolicies), (machine, workload, policy) => {
			const twice: Resources = {
				...machine,
				gpuFlopsPerSecond: 2 * machine.gpuFlopsPerSecond,
				gpuMemoryBytesPerSecond: 2 * machine.gpuMemoryBytesPerSecond,
				linkBytesPerSecond: 2 * machine.linkBytesPerSecond,
				adamBytesPerSecond: 2 * machine.adamBytesPerSecond,
				driveReadBytesPerSecond: 2 * machine.driveReadBytesPerSecond,
				driveWriteBytesPerSecond: 2 * machine.driveWriteBytesPerSecond,
				arrayReadBytesPerSecond: 2 * machine.arrayReadBytesPerSecond,
				arrayWriteBytesPerSecond: 2 * machine.arrayWriteBytesPerSecond,
			};
			const ratio =
				chooseActivations(policy, workload, machine).time.seconds / chooseActivations(policy, workload, twice).time.seconds;
			expect(ratio).toBeCloseTo(2, 9);
		}),
		{ numRuns: 100 },
	);
});

test('the released rule keeps items in order until its budget is used, and more with a larger share', () => {
	const workload = publishedWorkload('13b', 32);
	const unit = workload.checkpointBytes / (2 * workload.layers);
	const gibibytes = 1024 ** 3;
	let before = 0;
	for (const swapRatio of [0.2, 0.3, 0.4, 0.8]) {
		const { kept, keptLayers } = releasedRule(fuyou, workload, publishedServer, swapRatio);
		const budget = (swapRatio * workload.forwardFlops) / publishedServer.gpuFlopsPerSecond;
		const spent = workload.checkpointBytes / (18 * gibibytes) + (kept.bytes - workload.checkpointBytes) / (20 * gibibytes);
		expect(spent).toBeLessThan(Math.max(budget, workload.checkpointBytes / (18 * gibibytes)) + (4 * unit) / (20 * gibibytes));
		expect(kept.bytes).toBeGreaterThanOrEqual(before);
		expect(keptLayers).toEqual([...keptLayers].sort((a, b) => b - a));
		before = kept.bytes;
	}
});
