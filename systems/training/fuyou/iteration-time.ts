/**
 * The time of a step in closed form: each phase takes as long as its busiest server.
 *
 *   T_f = max(f / GPU, weights up, activations down, drives: weights in + activations out)
 *   T_b = max((backward + recompute) / GPU, weights and activations up, gradients down, drives: weights, activations and
 *             optimizer state in + new state and weights out, optimizer's memory traffic)
 *
 * Drives are one server for both directions (reads and writes add up); the link is two. What moves, and where the optimizer works, is a
 * policy's placement (`policies/policy.ts`); a policy whose optimizer works after backward has a third phase.
 */

import { HALF } from './layer-widths.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, readRate, transferSeconds, writeRate } from './resources.ts';
import type { Kept } from './swap-items.ts';
import type { Workload } from './workload.ts';

/** Work of one phase on each server, in seconds. */
export interface Phase {
	readonly gpuSeconds: number;
	readonly processorSeconds: number;
	readonly upSeconds: number;
	readonly downSeconds: number;
	readonly driveReadSeconds: number;
	readonly driveWriteSeconds: number;
	/** Reads and writes together: drives are one server. */
	readonly driveSeconds: number;
	/** How long the phase takes. */
	readonly seconds: number;
}

export interface IterationTime {
	readonly forward: Phase;
	readonly backward: Phase;
	/** All zeros where the optimizer works inside backward. */
	readonly optimizer: Phase;
	readonly seconds: number;
	/** Model operations (forward and backward, nothing that is done again) per second. */
	readonly modelFlopsPerSecond: number;
	/** Operations done again in backward, as a share of forward. */
	readonly recomputeShare: number;
	/** Activations on the drives. */
	readonly driveActivationBytes: number;
	readonly hostActivationBytes: number;
}

/** Times a step of a policy that keeps so much. A rate of a server that is needed must be positive. */
export function iterationTime(policy: Policy, workload: Workload, resources: Resources, kept: Kept): IterationTime {
	const { place } = policy;
	const { optimizer, trainedParameters, parameters } = workload;
	const read = readRate(resources);
	const write = writeRate(resources);
	const { linkBytesPerSecond: link, gpuFlopsPerSecond: gpu } = resources;

	const weights = HALF * parameters;
	const gradients = HALF * trainedParameters;
	const state = optimizer.stateBytes * trainedParameters;
	const newWeights = HALF * trainedParameters;
	const driveActivations = activationsOnDrives(policy, resources, kept.bytes);
	const movedActivations = place.activations === 'gpu' ? 0 : kept.bytes;
	const weightsUp = place.weights === 'gpu' ? 0 : weights;
	const weightsRead = place.weights === 'drives' ? weights : 0;
	const inStep = policy.optimizer === 'inside-backward';
	const stateRead = place.state === 'drives' ? state : 0;
	const stateWritten = (place.state === 'drives' ? state : 0) + (place.weights === 'drives' ? newWeights : 0);
	const processorSeconds = (optimizer.memoryTrafficBytes * trainedParameters) / resources.adamBytesPerSecond;
	const recompute = Math.max(0, workload.layerForwardFlops - kept.savedFlops);
	const stepFlops = workload.optimizerGpuFlops;
	const stepLink = optimizer.linkBytes * trainedParameters;

	const forward = phase({
		gpuSeconds: workload.forwardFlops / gpu,
		processorSeconds: 0,
		upSeconds: weightsUp / link,
		downSeconds: movedActivations / link,
		driveReadSeconds: transferSeconds(weightsRead, read),
		driveWriteSeconds: transferSeconds(driveActivations, write),
	});
	const backward = phase({
		gpuSeconds: (workload.backwardFlops + recompute + (inStep ? stepFlops : 0)) / gpu,
		processorSeconds: inStep ? processorSeconds : 0,
		upSeconds: (weightsUp + movedActivations + (inStep ? stepLink : 0)) / link,
		downSeconds: ((place.gradients === 'gpu' ? 0 : gradients) + (inStep ? stepLink : 0)) / link,
		driveReadSeconds: transferSeconds(weightsRead + driveActivations + (inStep ? stateRead : 0), read),
		driveWriteSeconds: inStep ? transferSeconds(stateWritten, write) : 0,
	});
	const optimizerPhase = inStep ? noPhase : optimizerStage(policy, workload, resources, { processorSeconds, stateWritten });
	const passes = forward.seconds + backward.seconds;
	const seconds =
		policy.optimizer === 'one-step-late' ? Math.max(passes, optimizerPhase.seconds) : passes + optimizerPhase.seconds;
	return {
		forward,
		backward,
		optimizer: optimizerPhase,
		seconds,
		modelFlopsPerSecond: (workload.forwardFlops + workload.backwardFlops) / seconds,
		recomputeShare: recompute / workload.forwardFlops,
		driveActivationBytes: driveActivations,
		hostActivationBytes: place.activations === 'gpu' ? 0 : kept.bytes - driveActivations,
	};
}

/** Bytes of activations that go to the drives: all, none, or what host memory cannot hold. */
export function activationsOnDrives({ place }: Policy, { hostActivationBytes }: Resources, keptBytes: number): number {
	if (place.activations === 'drives') return keptBytes;
	return place.activations === 'host-then-drives' ? Math.max(0, keptBytes - hostActivationBytes) : 0;
}

/**
 * The optimizer after backward. On the processor it reads all state (and the gradients, as much again as the weights, where they wait on
 * the drives' side), updates, and writes, one after the other. On the GPU the state passes up and down the link meanwhile.
 */
function optimizerStage(
	{ optimizer, place }: Policy,
	workload: Workload,
	resources: Resources,
	{ processorSeconds, stateWritten }: { processorSeconds: number; stateWritten: number },
): Phase {
	const { trainedParameters } = workload;
	const state = workload.optimizer.stateBytes * trainedParameters;
	const halves = HALF * trainedParameters;
	const { linkBytesPerSecond: link } = resources;
	const stepGpuSeconds = workload.optimizerGpuFlops / resources.gpuFlopsPerSecond;
	if (optimizer === 'gpu-after-backward') {
		const moved = place.state === 'gpu' ? 0 : state;
		const gradientsUp = place.gradients === 'gpu' ? 0 : halves;
		const traffic = (workload.optimizer.memoryTrafficBytes * trainedParameters) / resources.gpuMemoryBytesPerSecond;
		return phase({
			gpuSeconds: traffic + stepGpuSeconds,
			processorSeconds: 0,
			upSeconds: (moved + gradientsUp) / link,
			downSeconds: (moved === 0 ? 0 : moved + halves) / link,
			driveReadSeconds: place.state === 'drives' ? transferSeconds(state, readRate(resources)) : 0,
			driveWriteSeconds: place.state === 'drives' ? transferSeconds(state + halves, writeRate(resources)) : 0,
		});
	}
	const onDrives = place.state === 'drives';
	const linkSeconds = (workload.optimizer.linkBytes * trainedParameters) / link;
	const stage = phase({
		gpuSeconds: stepGpuSeconds,
		processorSeconds,
		upSeconds: (place.weights === 'gpu' ? halves / link : 0) + linkSeconds,
		downSeconds: linkSeconds,
		driveReadSeconds: onDrives ? transferSeconds(state + halves, readRate(resources)) : 0,
		driveWriteSeconds: onDrives ? transferSeconds(stateWritten, writeRate(resources)) : 0,
	});
	const { gpuSeconds, upSeconds, downSeconds, driveSeconds } = stage;
	return { ...stage, seconds: gpuSeconds + processorSeconds + upSeconds + downSeconds + driveSeconds };
}

function phase(work: Omit<Phase, 'driveSeconds' | 'seconds'>): Phase {
	const { gpuSeconds, processorSeconds, upSeconds, downSeconds } = work;
	const driveSeconds = work.driveReadSeconds + work.driveWriteSeconds;
	return { ...work, driveSeconds, seconds: Math.max(gpuSeconds, processorSeconds, upSeconds, downSeconds, driveSeconds) };
}

const noPhase = phase({
	gpuSeconds: 0,
	processorSeconds: 0,
	upSeconds: 0,
	downSeconds: 0,
	driveReadSeconds: 0,
	driveWriteSeconds: 0,
});
