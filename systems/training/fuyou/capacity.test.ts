import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gptOfWidth, largestModel } from './largest-model.ts';
import { largestBatch, planStep, standardPlanOptions } from './plan.ts';
import { allPolicies, policies } from './policies/policies.ts';
import { publishedServer, type Resources } from './resources.ts';
import { anyMachine } from './test-data.ts';
import { describeWorkload } from './workload.ts';

const options = { batch: 8, sequenceTokens: 1024, optimizer: 'adam', loraRank: 0 } as const;

test('less memory of any tier never makes something fit that did not', () => {
	const sized = fc
		.record({
			machine: anyMachine,
			gpu: fc.constantFrom(8e9, 16e9, 24e9, 80e9),
			host: fc.constantFrom(16e9, 64e9, 256e9, 1024e9),
			drive: fc.constantFrom(0.1e12, 1e12, 4e12),
		})
		.map(
			({ machine, gpu, host, drive }): Resources => ({
				...machine,
				gpuMemoryBytes: gpu,
				hostMemoryBytes: host,
				driveBytes: drive,
			}),
		);
	const part = fc.constantFrom<keyof Resources>('gpuMemoryBytes', 'hostMemoryBytes', 'driveBytes', 'drives');
	const name = fc.constantFrom('llama-3-8b', 'opt-13b', 'opt-66b', 'mixtral-8x7b');
	fc.assert(
		fc.property(sized, part, name, fc.constantFrom(...allPolicies), (machine, shrunk, model, policy) => {
			const workload = describeWorkload(resolveModel(model), options);
			const less = { ...machine, [shrunk]: Math.floor(machine[shrunk] / 2) };
			fc.pre(less.drives > 0);
			if (planStep(policy, workload, less).fit.fits) expect(planStep(policy, workload, machine).fit.fits).toBe(true);
		}),
		{ numRuns: 300 },
	);
});

test('the largest batch fits and one more does not, found as by trying all', () => {
	const model = resolveModel('opt-13b');
	const fits = (batch: number) =>
		planStep(policies.fuyou, describeWorkload(model, { ...options, batch }), publishedServer).fit.fits;
	let tried = 0;
	while (tried < 200 && fits(tried + 1)) tried++;
	expect(largestBatch(policies.fuyou, model, options, publishedServer, standardPlanOptions, 200)).toBe(tried);
});

test('drives too small, and what is in the way is named with its figures', () => {
	const workload = describeWorkload(resolveModel('opt-13b'), options);
	const { fit } = planStep(policies.fuyou, workload, { ...publishedServer, drives: 1, driveBytes: 100e9 });
	expect(fit.binding).toBe('drives');
	const drives = fit.tiers.find(({ tier }) => tier === 'drives');
	expect(drives?.bytes).toBeGreaterThanOrEqual(14 * workload.parameters);
	expect(drives?.capacityBytes).toBe(100e9);
});

test('where activations would overfill the drives, fewer are kept instead of giving up', () => {
	const workload = describeWorkload(resolveModel('opt-13b'), { ...options, batch: 64 });
	const tight = { ...publishedServer, drives: 12, driveBytes: (14 * workload.parameters + 10e9) / 12 };
	const plan = planStep(policies.fuyou, workload, tight);
	expect(plan.fit.fits).toBe(true);
	expect(plan.choice.time.driveActivationBytes).toBeLessThanOrEqual(10e9);
	// One more layer's item would have been too much.
	const smallest = Math.min(...workload.items.map(({ bytes }) => bytes));
	expect(plan.choice.time.driveActivationBytes + 4 * smallest).toBeGreaterThan(10e9);
});

test('the largest model grows with host memory for ZeRO-Infinity and hardly depends on it for Fuyou', () => {
	const at = (policy: 'fuyou' | 'zero-infinity', gigabytes: number) =>
		largestModel(policies[policy], options, { ...publishedServer, hostMemoryBytes: gigabytes * 1e9 });
	expect(at('zero-infinity', 768)).toBeGreaterThan(2 * at('zero-infinity', 256));
	expect(at('fuyou', 128)).toBeGreaterThan(100e9);
	expect(at('fuyou', 768) / at('fuyou', 256)).toBeLessThan(1.5);
	expect(gptOfWidth(12288).layers).toBe(96);
});
