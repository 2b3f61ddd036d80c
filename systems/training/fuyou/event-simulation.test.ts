import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedBuffers } from './buffers.ts';
import { chooseActivations } from './choose-activations.ts';
import { type JobKind, simulateStep } from './event-simulation.ts';
import type { Phase } from './iteration-time.ts';
import { optimizerNames } from './optimizer.ts';
import { allPolicies, policies } from './policies/policies.ts';
import { publishedPoints } from './published-points.ts';
import { publishedWorkload } from './published-runs.ts';
import { publishedServer, type Resources } from './resources.ts';
import { anyMachine } from './test-data.ts';
import { describeWorkload, type Workload } from './workload.ts';

const { fuyou } = policies;
const options = { buffers: publishedBuffers, reorderTraffic: true };

test('job by job and in the published closed form a step takes the same within 5 %, on all published settings', () => {
	const four = { ...publishedBuffers, parameters: 4, optimizer: 4 };
	for (const { model, batch, drives } of publishedPoints) {
		const workload = publishedWorkload(model, batch);
		const machine = { ...publishedServer, drives };
		const { kept, time } = chooseActivations(fuyou, workload, machine);
		for (const buffers of [publishedBuffers, four]) {
			const { seconds } = simulateStep(fuyou, workload, machine, kept, { buffers, reorderTraffic: true });
			expect(Math.abs(seconds / time.seconds - 1), `${model}, ${drives} drives, batch ${batch}`).toBeLessThan(0.05);
		}
	}
});

test('no server works longer than the step, each does exactly the work of the closed form, and none does two jobs at once', () => {
	const names = fc.constantFrom('opt-13b', 'llama-3-8b', 'mixtral-8x7b');
	const followed = allPolicies.filter((policy) => policy.optimizer !== 'one-step-late');
	const settings = fc.record({
		machine: anyMachine,
		name: names,
		batch: fc.constantFrom(4, 16, 32),
		optimizer: fc.constantFrom(...optimizerNames),
		policy: fc.oneof(fc.constant(fuyou), fc.constantFrom(...followed)),
	});
	fc.assert(
		fc.property(settings, ({ machine, name, batch, optimizer, policy }) => {
			const workload = describeWorkload(resolveModel(name), { batch, sequenceTokens: 1024, optimizer, loraRank: 0 });
			const { kept, time } = chooseActivations(policy, workload, machine);
			const step = simulateStep(policy, workload, machine, kept, options);
			const phases = [time.forward, time.backward, time.optimizer];
			const total = (pick: (phase: Phase) => number): number => phases.reduce((sum, phase) => sum + pick(phase), 0);
			const work = [
				total(({ gpuSeconds }) => gpuSeconds),
				total(({ processorSeconds }) => processorSeconds),
				total(({ upSeconds }) => upSeconds),
				total(({ downSeconds }) => downSeconds),
				total(({ driveSeconds }) => driveSeconds),
			];
			for (const [lane, seconds] of work.entries()) {
				expect(step.busySeconds[lane]).toBeCloseTo(seconds, 6);
				expect(seconds).toBeLessThanOrEqual(step.seconds * (1 + 1e-9));
				const jobs = step.jobs.filter((job) => job.lane === lane).sort((a, b) => a.startSeconds - b.startSeconds);
				for (const [i, job] of jobs.entries())
					expect(job.startSeconds).toBeGreaterThanOrEqual((jobs[i - 1]?.endSeconds ?? 0) - 1e-9);
			}
		}),
		{ numRuns: 60 },
	);
});

test('the GPU never waits for activations that were read back in the wrong order, and state is read in backward only', () => {
	// More activations than host memory has room for, in every layer.
	const workload = publishedWorkload('13b', 32);
	const machine = { ...publishedServer, hostActivationBytes: 0, gpuFlopsPerSecond: 1e12 };
	const { kept } = chooseActivations(fuyou, workload, machine);
	const { jobs } = simulateStep(fuyou, workload, machine, kept, options);
	const ends = (kind: JobKind): number[] => jobs.filter((job) => job.kind === kind).map(({ endSeconds }) => endSeconds);
	const starts = (kind: JobKind): number[] => jobs.filter((job) => job.kind === kind).map(({ startSeconds }) => startSeconds);
	const readBack = ends('read activations');
	expect(readBack).toHaveLength(workload.layers);
	expect(readBack).toEqual([...readBack].sort((a, b) => a - b));
	for (const [n, start] of starts('backward').entries()) expect(start).toBeGreaterThanOrEqual(readBack[n] ?? 0);
	expect(Math.min(...starts('read optimizer state'))).toBeGreaterThanOrEqual(Math.max(...ends('forward')));
	// The GPU is all there is to wait for: from its first layer of backward on it does not pause.
	const computing = jobs.filter(({ kind }) => kind === 'backward');
	for (const [n, job] of computing.entries()) {
		if (n > 0) expect(job.startSeconds).toBeCloseTo(computing[n - 1]?.endSeconds ?? 0, 9);
	}
});

test('writing a group’s state after the next one’s read takes at most 2 % longer than writing at once, and gains with two buffers', () => {
	for (const optimizer of [2, 4, 8]) {
		let helped = 0;
		for (const { model, batch, drives } of publishedPoints) {
			const workload = publishedWorkload(model, batch);
			const machine = { ...publishedServer, drives };
			const { kept } = chooseActivations(fuyou, workload, machine);
			const buffers = { ...publishedBuffers, optimizer };
			const seconds = (reorderTraffic: boolean) =>
				simulateStep(fuyou, workload, machine, kept, { buffers, reorderTraffic }).seconds;
			expect(seconds(true) / seconds(false)).toBeLessThan(1.02);
			if (seconds(true) < seconds(false) * 0.999) helped++;
		}
		if (optimizer === 2) expect(helped).toBeGreaterThan(0);
	}
});

test('a separate stage adds its reads, updates and writes one after the other, as the closed form says', () => {
	const workload = publishedWorkload('13b', 16);
	const infinity = policies['zero-infinity'];
	const { kept, time } = chooseActivations(infinity, workload, publishedServer);
	const step = simulateStep(infinity, workload, publishedServer, kept, { ...options, reorderTraffic: false });
	expect(step.seconds / time.seconds).toBeCloseTo(1, 1);
	expect((step.seconds - step.backwardEndSeconds) / time.optimizer.seconds).toBeCloseTo(1, 2);
});

test('three layers on two buffers, followed by hand', () => {
	// One second each: a layer's forward, reading its weights, and bringing them up; nothing else takes time worth counting.
	const base = publishedWorkload('13b', 1);
	const parameters = 3e9;
	const workload: Workload = {
		...base,
		layers: 3,
		parameters,
		trainedParameters: 0,
		items: [],
		checkpointBytes: 0,
		forwardFlops: 3e12,
		layerForwardFlops: 0,
		backwardFlops: 3e12,
	};
	const machine: Resources = {
		...publishedServer,
		gpuFlopsPerSecond: 1e12,
		linkBytesPerSecond: 2e9,
		drives: 1,
		driveReadBytesPerSecond: 2e9,
		arrayReadBytesPerSecond: 2e9,
	};
	const buffers = { parameters: 2, optimizer: 2, activations: 2, subGroupParameters: 1e9 };
	const step = simulateStep(fuyou, workload, machine, { bytes: 0, savedFlops: 0 }, { buffers, reorderTraffic: true });
	// Read 0-1, up 1-2, forward 2-3; from then on drive, link and GPU each take a layer a second, and forward ends at 5. The last
	// layer's activations, of no size here, come up with its weights from then: 5-6, so backward takes 6-9.
	expect(step.seconds).toBeCloseTo(9, 9);
	const computed = step.jobs.filter(({ kind }) => kind === 'forward' || kind === 'backward');
	expect(computed.map(({ startSeconds }) => startSeconds)).toEqual([2, 3, 4, 6, 7, 8]);
});
