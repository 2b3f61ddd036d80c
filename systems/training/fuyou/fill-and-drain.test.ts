/** The closed form with filling and draining against the step simulated job by job. */
import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Buffers, largestBuffers, publishedBuffers } from './buffers.ts';
import { chooseActivations } from './choose-activations.ts';
import { simulateStep } from './event-simulation.ts';
import { secondsWithFilling } from './fill-and-drain.ts';
import { iterationTime } from './iteration-time.ts';
import { allPolicies, policies } from './policies/policies.ts';
import type { Policy } from './policies/policy.ts';
import { publishedPoints } from './published-points.ts';
import { publishedWorkload } from './published-runs.ts';
import { publishedServer, type Resources } from './resources.ts';
import { anyMachine } from './test-data.ts';
import { describeWorkload, type Workload } from './workload.ts';

const { fuyou } = policies;

/** Share by which the simulated step is longer. */
function difference(workload: Workload, machine: Resources, buffers: Buffers, policy: Policy = fuyou): number {
	const { kept, time } = chooseActivations(policy, workload, machine);
	const simulated = simulateStep(policy, workload, machine, kept, { buffers, reorderTraffic: true }).seconds;
	return simulated / secondsWithFilling(policy, workload, machine, time, buffers) - 1;
}

/** Four to eight of each kind. */
const anyNumbers = fc.record({
	parameters: fc.integer({ min: 4, max: 8 }),
	optimizer: fc.integer({ min: 4, max: 8 }),
	activations: fc.integer({ min: 4, max: 8 }),
});

const anyWorkload = (optimizers: readonly ('adam' | 'adam-8bit' | 'sgd-momentum' | 'muon')[]): fc.Arbitrary<Workload> =>
	fc
		.record({
			name: fc.constantFrom('opt-1.3b', 'opt-13b', 'llama-3-8b', 'llama-2-70b', 'mixtral-8x7b', 'deepseek-v2-lite', 'gpt3-175b'),
			batch: fc.constantFrom(1, 4, 16, 64),
			sequenceTokens: fc.constantFrom(512, 1024, 2048),
			optimizer: fc.constantFrom(...optimizers),
		})
		.map(({ name, ...options }) => describeWorkload(resolveModel(name), { ...options, loraRank: 0 }));

test('on all published settings the two agree within 2 %, with the published buffers and with four of each kind', () => {
	for (const { model, batch, drives } of publishedPoints) {
		const machine = { ...publishedServer, drives };
		for (const buffers of [publishedBuffers, { ...publishedBuffers, parameters: 4, optimizer: 4 }]) {
			const found = difference(publishedWorkload(model, batch), machine, buffers);
			expect(Math.abs(found), `${model}, ${drives} drives, batch ${batch}`).toBeLessThan(0.02);
		}
	}
});

test('on 100 random machines with four to eight buffers of each kind the two agree within 5 %', () => {
	const workload = publishedWorkload('13b', 32);
	fc.assert(
		fc.property(anyMachine, anyNumbers, (machine, numbers) => {
			expect(Math.abs(difference(workload, machine, { ...publishedBuffers, ...numbers }))).toBeLessThan(0.05);
		}),
		{ numRuns: 100 },
	);
});

test('so they do for models from 1.3 to 175 B and with experts, batches from 1 to 64, and other optimizers', () => {
	fc.assert(
		fc.property(anyMachine, anyNumbers, anyWorkload(['adam', 'adam-8bit', 'sgd-momentum']), (machine, numbers, workload) => {
			expect(Math.abs(difference(workload, machine, { ...largestBuffers(workload), ...numbers }))).toBeLessThan(0.05);
		}),
		{ numRuns: 100, seed: 1 },
	);
});

test('and for the other policies whose optimizer does not work a step late', () => {
	const others = allPolicies.filter((policy) => policy !== fuyou && policy.optimizer !== 'one-step-late');
	fc.assert(
		fc.property(anyMachine, anyWorkload(['adam', 'muon']), fc.constantFrom(...others), (machine, workload, policy) => {
			expect(Math.abs(difference(workload, machine, largestBuffers(workload), policy))).toBeLessThan(0.05);
		}),
		{ numRuns: 100, seed: 1 },
	);
});

test('filling and draining only ever add time, and less the more layers the same work is cut into', () => {
	fc.assert(
		fc.property(anyMachine, anyWorkload(['adam', 'muon']), fc.constantFrom(...allPolicies), (machine, workload, policy) => {
			const { time } = chooseActivations(policy, workload, machine);
			const added = (layers: number): number => {
				const cut = { ...workload, layers };
				const buffers = { ...publishedBuffers, subGroupParameters: workload.trainedParameters / layers };
				return secondsWithFilling(policy, cut, machine, time, buffers) - time.seconds;
			};
			expect(added(10)).toBeGreaterThanOrEqual(-1e-9 * time.seconds);
			expect(added(100)).toBeLessThanOrEqual(added(10) + 1e-9 * time.seconds);
			expect(added(1e6) / time.seconds).toBeLessThan(1e-5);
		}),
		{ numRuns: 100 },
	);
});

test('a step followed by hand: four layers, two sub-groups, no server busier than another', () => {
	// A second a layer: reading its weights, bringing them up, computing it forward, bringing its gradients down; two a layer for backward.
	// Two seconds a sub-group of two layers for its update, and two for its write; its state takes no time to read.
	const workload: Workload = {
		...publishedWorkload('13b', 1),
		layers: 4,
		parameters: 4e9,
		trainedParameters: 4e9,
		optimizer: { stateBytes: 0, memoryTrafficBytes: 4, linkBytes: 0, gpuFlopsPerWidth: 0 },
		items: [],
		checkpointBytes: 0,
		forwardFlops: 4e12,
		layerForwardFlops: 0,
		backwardFlops: 8e12,
		optimizerGpuFlops: 0,
	};
	const machine: Resources = {
		...publishedServer,
		gpuFlopsPerSecond: 1e12,
		linkBytesPerSecond: 2e9,
		adamBytesPerSecond: 4e9,
		drives: 1,
		driveReadBytesPerSecond: 2e9,
		driveWriteBytesPerSecond: 2e9,
	};
	const buffers: Buffers = { parameters: 4, optimizer: 4, activations: 4, subGroupParameters: 2e9 };
	const time = iterationTime(fuyou, workload, machine, { bytes: 0, savedFlops: 0 });
	expect(time.forward.seconds).toBe(4);
	expect(time.backward.seconds).toBe(8);
	// Forward: two seconds until the GPU has something to do, then four. Backward: one second up, eight computing, one for the last
	// gradients down, two for the last sub-group's update and two for its write.
	expect(secondsWithFilling(fuyou, workload, machine, time, buffers)).toBe(6 + 14);
	const simulated = simulateStep(fuyou, workload, machine, { bytes: 0, savedFlops: 0 }, { buffers, reorderTraffic: true });
	expect(simulated.seconds).toBeCloseTo(20, 9);
});
