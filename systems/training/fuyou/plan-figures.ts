/** Parts of a plan's output, each from what was planned. */
import type { RunContext } from '@assay/contract';
import { keptBytes } from './choose-activations.ts';
import { epochCost, machineDollars, type Prices } from './cost.ts';
import { lanes, type SimulatedStep, simulateStep } from './event-simulation.ts';
import { secondsWithFilling } from './fill-and-drain.ts';
import type { Inputs } from './inputs.ts';
import { iterationTime } from './iteration-time.ts';
import { largestModel } from './largest-model.ts';
import type { Machine } from './machine.ts';
import type { PlanOutput } from './outputs.ts';
import { largestBatch, type Plan, type PlanOptions, planStep } from './plan.ts';
import { policies } from './policies/policies.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, readRate, writeRate } from './resources.ts';
import { throughput } from './sweep.ts';
import { describeWorkload, type WorkloadOptions } from './workload.ts';

const CURVE_POINTS = 120;

/** A policy on the user's setting and at its largest batch. */
export function policyRow(
	policy: Policy,
	model: Plan['workload']['model'],
	options: WorkloadOptions,
	resources: Resources,
	planOptions: PlanOptions,
): PlanOutput['policies'][number] {
	const plan = planStep(policy, describeWorkload(model, options), resources, planOptions);
	const { choice, fit } = plan;
	const { time } = choice;
	const over = fit.tiers.find(({ tier }) => tier === fit.binding);
	const most = largestBatch(policy, model, options, resources, planOptions);
	const atMost =
		most === 0
			? null
			: throughput(planStep(policy, describeWorkload(model, { ...options, batch: most }), resources, planOptions));
	const { teraflops, tokensPerSecond } = throughput(plan);
	return {
		policy: policy.name,
		title: policy.title,
		says: policy.says,
		fits: fit.fits,
		binding: fit.binding,
		needed: over?.bytes ?? 0,
		available: over?.capacityBytes ?? 0,
		seconds: time.seconds,
		teraflops,
		tokensPerSecond,
		largestBatch: most,
		largestBatchTokensPerSecond: atMost?.tokensPerSecond ?? null,
		recomputeShare: time.recomputeShare,
		keptBytes: choice.kept.bytes,
		driveActivationBytes: time.driveActivationBytes,
		forwardSeconds: time.forward.seconds,
		backwardSeconds: time.backward.seconds,
		optimizerSeconds: time.optimizer.seconds,
	};
}

/** The step job by job, and two variations of it. */
export function simulations(plan: Plan, reorderTraffic: boolean): PlanOutput['simulation'] {
	const { policy, workload, resources, choice, buffers } = plan;
	const simulate = (one: Policy, reorder: boolean): SimulatedStep =>
		simulateStep(one, workload, resources, choice.kept, { buffers, reorderTraffic: reorder });
	const step = simulate(policy, reorderTraffic);
	const separate: Policy = { ...policy, optimizer: 'processor-after-backward' };
	return {
		seconds: step.seconds,
		secondsWithFilling: secondsWithFilling(policy, workload, resources, choice.time, buffers),
		backwardEndSeconds: step.backwardEndSeconds,
		busyShares: lanes.map((lane, index) => ({ lane, share: (step.busySeconds[index] ?? 0) / step.seconds })),
		withoutReordering: simulate(policy, false).seconds,
		separateStage: simulate(separate, false).seconds,
		jobs: step.jobs.map(({ kind, lane, startSeconds, endSeconds }) => ({
			kind,
			lane: lanes[lane] ?? 'GPU',
			startSeconds,
			endSeconds,
		})),
	};
}

/** The time of a step over the bytes kept, and what each server has to do. */
export function curve({ policy, workload, resources }: Plan): PlanOutput['curve'] {
	const { checkpointBytes, allActivationBytes } = workload;
	return Array.from({ length: CURVE_POINTS + 1 }, (_, index) => {
		const kept = keptBytes(workload, checkpointBytes + (index / CURVE_POINTS) * (allActivationBytes - checkpointBytes));
		const { forward, backward, optimizer, seconds } = iterationTime(policy, workload, resources, kept);
		const phases = [forward, backward, optimizer];
		const total = (pick: (phase: typeof forward) => number): number => phases.reduce((sum, phase) => sum + pick(phase), 0);
		return {
			keptBytes: kept.bytes,
			seconds,
			gpuSeconds: total((phase) => phase.gpuSeconds),
			driveSeconds: total((phase) => phase.driveSeconds),
			linkSeconds: total((phase) => Math.max(phase.upSeconds, phase.downSeconds)),
		};
	});
}

/** The largest model over host memory, for three policies. */
export async function largestModelCurve(
	inputs: Inputs,
	options: WorkloadOptions,
	resources: Resources,
	context: RunContext,
): Promise<PlanOutput['largestModels']> {
	const rows: PlanOutput['largestModels'] = [];
	const compared = [policies.fuyou, policies['zero-infinity'], policies['zero-offload']];
	for (const gigabytes of inputs.search.memorySizes) {
		for (const policy of compared) {
			await context.pause();
			const sized = { ...resources, hostMemoryBytes: gigabytes * 1e9 };
			rows.push({
				policy: policy.name,
				hostMemoryBytes: gigabytes * 1e9,
				parameters: largestModel(policy, { ...options, loraRank: 0 }, sized),
			});
		}
	}
	return rows;
}

/** The machine as it was planned with. */
export function machineOutput(machine: Machine, resources: Resources): PlanOutput['machine'] {
	return {
		name: machine.name,
		gpus: machine.gpus,
		gpuFlopsPerSecond: resources.gpuFlopsPerSecond,
		linkBytesPerSecond: resources.linkBytesPerSecond,
		hostMemoryBytes: resources.hostMemoryBytes,
		drives: resources.drives,
		readBytesPerSecond: readRate(resources),
		writeBytesPerSecond: writeRate(resources),
		hostActivationBytes: resources.hostActivationBytes,
		assumptions: [...machine.assumptions],
	};
}

/** Money and energy. */
export function costOutput(inputs: Inputs, machine: Machine, plan: Plan): PlanOutput['cost'] {
	const { prices: asked } = inputs;
	const prices: Prices = {
		gpuDollars: asked.gpuDollars ?? machine.gpuDollars ?? 2000,
		driveDollars: asked.driveDollars ?? machine.driveDollars ?? 400,
		hostDollars: asked.hostDollars,
		dollarsPerKilowattHour: asked.dollarsPerKilowattHour,
		gpuWatts: asked.gpuWatts ?? machine.gpuWatts ?? 350,
		hostWatts: asked.hostWatts,
	};
	const dollars = machineDollars(prices, plan.resources.drives);
	const { time } = plan.choice;
	const { teraflops, tokensPerSecond } = throughput(plan);
	const busy = (time.forward.gpuSeconds + time.backward.gpuSeconds + time.optimizer.gpuSeconds) / time.seconds;
	const epoch = plan.fit.fits ? epochCost(inputs.epochTokens, tokensPerSecond, Math.min(1, busy), prices) : null;
	// Weights, gradients and Adam's state, 16 bytes a parameter, and a fifth more for activations.
	const nodes = Math.max(1, Math.ceil((1.2 * 16 * plan.workload.parameters) / (asked.nodeMemoryGigabytes * 1e9)));
	return {
		epochHours: epoch?.hours ?? null,
		epochJoules: epoch?.joules ?? null,
		epochDollars: epoch?.dollars ?? null,
		machineDollars: dollars,
		gigaflopsPerDollar: plan.fit.fits && dollars > 0 ? (teraflops * 1000) / dollars : null,
		nodes,
		nodeGigaflopsPerDollar: (asked.nodeTeraflops * 1000) / asked.nodeDollars,
	};
}
