import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedBuffers } from './buffers.ts';
import { chooseActivations } from './choose-activations.ts';
import { simulateStep } from './event-simulation.ts';
import { policies } from './policies/policies.ts';
import { publishedPoints } from './published-points.ts';
import { publishedWorkload } from './published-runs.ts';
import { publishedServer, type Resources } from './resources.ts';
import { anyMachine } from './test-data.ts';
import { describeWorkload, type Workload } from './workload.ts';

const { fuyou } = policies;
const options = { buffers: publishedBuffers, reorderTraffic: true };

function ratio(workload: Workload, machine: Resources, buffers = publishedBuffers): number {
	const { kept, time } = chooseActivations(fuyou, workload, machine);
	return simulateStep(fuyou, workload, machine, kept, { buffers, reorderTraffic: true }).seconds / time.seconds;
}

test('job by job and in closed form a step takes the same within 5 %, on all published settings', () => {
	for (const { model, batch, drives } of publishedPoints) {
		const difference = Math.abs(ratio(publishedWorkload(model, batch), { ...publishedServer, drives }) - 1);
		expect(difference, `${model}, ${drives} drives, batch ${batch}`).toBeLessThan(0.05);
	}
});

test('four buffers of each kind serve nearly as well', () => {
	const four = { ...publishedBuffers, parameters: 4, optimizer: 4 };
	for (const { model, batch, drives } of publishedPoints) {
		const workload = publishedWorkload(model, batch);
		const machine = { ...publishedServer, drives };
		expect(ratio(workload, machine, four) / ratio(workload, machine)).toBeLessThan(1.01);
	}
});

test('no server works longer than the step, each does exactly the work of the closed form, and none does two jobs at once', () => {
	const names = fc.constantFrom('opt-13b', 'llama-3-8b', 'mixtral-8x7b');
	fc.assert(
		fc.property(anyMachine, names, fc.constantFrom(4, 16, 32), (machine, name, batch) => {
			const workload = describeWorkload(resolveModel(name), { batch, sequenceTokens: 1024, optimizer: 'adam', loraRank: 0 });
			const { kept, time } = chooseActivations(fuyou, workload, machine);
			const step = simulateStep(fuyou, workload, machine, kept, options);
			const { forward, backward } = time;
			const work = [
				forward.gpuSeconds + backward.gpuSeconds,
				backward.processorSeconds,
				forward.upSeconds + backward.upSeconds,
				forward.downSeconds + backward.downSeconds,
				forward.driveSeconds + backward.driveSeconds,
			];
			for (const [lane, seconds] of work.entries()) {
				expect((step.busySeconds[lane] as number) / Math.max(seconds, 1e-9)).toBeCloseTo(1, 6);
				expect(seconds).toBeLessThanOrEqual(step.seconds * (1 + 1e-9));
				const jobs = step.jobs.filter((job) => job.lane === lane).sort((a, b) => a.startSeconds - b.startSeconds);
				for (const [i, job] of jobs.entries())
					expect(job.startSeconds).toBeGreaterThanOrEqual((jobs[i - 1]?.endSeconds ?? 0) - 1e-9);
			}
		}),
		{ numRuns: 40 },
	);
});

test('on any machine the two are within 8 %, and within 5 % on nine of ten: what is left is filling and draining where several servers balance', () => {
	const workload = publishedWorkload('13b', 32);
	const ratios: number[] = [];
	fc.assert(
		fc.property(anyMachine, (machine) => {
			const found = ratio(workload, machine);
			ratios.push(found);
			expect(Math.abs(found - 1)).toBeLessThan(0.08);
		}),
		{ numRuns: 150 },
	);
	const within = ratios.filter((found) => Math.abs(found - 1) < 0.05).length;
	expect(within / ratios.length).toBeGreaterThan(0.9);
});

test('writing a group’s state after the next one’s read is never slower than writing at once, and faster with two buffers', () => {
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
