/**
 * One step as jobs on five serial servers (GPU, processor, link up, link down, drives) with finite buffers: what the closed forms in
 * `iteration-time.ts` and `fill-and-drain.ts` are checked against, and the timeline people see. Servers take jobs first come first served.
 *
 * Forward, layer i: read weights (needs a host buffer) -> up -> compute (after layer i-1) -> kept activations down -> those beyond host
 * memory out to the drives (needs an activation buffer). Backward, from the last layer: read weights and activations -> up -> compute again and
 * differentiate -> gradients down. An optimizer sub-group closes when the last of its gradients is there: read its state (needs an
 * optimizer buffer) -> update -> write state and weights. With reordered traffic a group's write waits for the next group's read to be
 * done, so that reads do not queue behind writes. The GPU holds weights, and activations on their way down, of two layers.
 *
 * Four choices keep a first-come queue from stalling the GPU where an engine would not:
 * - every layer sends the same share of its activations to the drives; with whole layers there, drives and GPU would wait for each other in turn;
 * - activations are read back in the order backward needs them, not in the order they became readable, which is the opposite;
 * - state is read during backward only, as the published engine does, which reads a sub-group when its gradients come;
 * - a sub-group's read queues behind the weights and activations of the two layers after its first, since the GPU waits for those.
 */
import { type Schedule, TaskGraph } from '@assay/events';
import { type Buffers, subGroups } from './buffers.ts';
import { activationsOnDrives } from './iteration-time.ts';
import { HALF } from './layer-widths.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, readRate, transferSeconds, writeRate } from './resources.ts';
import type { Kept } from './swap-items.ts';
import type { Workload } from './workload.ts';

export const lanes = ['GPU', 'processor', 'link up', 'link down', 'drives'] as const;
const [gpuLane, processorLane, upLane, downLane, driveLane] = [0, 1, 2, 3, 4];

export const jobKinds = [
	'read weights',
	'weights up',
	'forward',
	'activations down',
	'write activations',
	'read activations',
	'backward',
	'gradients down',
	'read optimizer state',
	'state up',
	'update',
	'state down',
	'write optimizer state',
] as const;
export type JobKind = (typeof jobKinds)[number];

export interface SimulatedStep {
	readonly seconds: number;
	/** Seconds each server worked, in the order of `lanes`. */
	readonly busySeconds: readonly number[];
	/** When the last gradient was there: the end of backward proper. */
	readonly backwardEndSeconds: number;
	/** Jobs in the order they were planned. */
	readonly jobs: readonly {
		readonly kind: JobKind;
		readonly lane: number;
		readonly startSeconds: number;
		readonly endSeconds: number;
	}[];
}

export interface SimulationOptions {
	readonly buffers: Buffers;
	/** A group's write waits for the next group's read. */
	readonly reorderTraffic: boolean;
}

/** Jobs while they are planned; a missing job (nothing to move) is -1 and nobody waits for it. */
class Plan {
	readonly graph = new TaskGraph(lanes);

	add(kind: JobKind, lane: number, seconds: number, after: readonly number[]): number {
		if (seconds === 0) {
			const present = after.filter((job) => job >= 0);
			return present.length === 0 ? -1 : this.graph.add(-1, 0, present, jobKinds.indexOf(kind));
		}
		return this.graph.add(
			lane,
			seconds,
			after.filter((job) => job >= 0),
			jobKinds.indexOf(kind),
		);
	}

	require(job: number, earlier: number): void {
		if (job >= 0 && earlier >= 0) this.graph.require(job, earlier);
	}
}

/** Simulates one step. Rates of servers that are needed must be positive. */
export function simulateStep(
	policy: Policy,
	workload: Workload,
	resources: Resources,
	kept: Kept,
	{ buffers, reorderTraffic }: SimulationOptions,
): SimulatedStep {
	const { layers } = workload;
	const { place } = policy;
	const plan = new Plan();
	const read = readRate(resources);
	const write = writeRate(resources);
	const link = resources.linkBytesPerSecond;
	const gpu = resources.gpuFlopsPerSecond;
	const onDrives = activationsOnDrives(policy, resources, kept.bytes);
	const moved = place.activations === 'gpu' ? 0 : kept.bytes / layers;
	const spilled = onDrives / layers;
	const weights = (HALF * workload.parameters) / layers;
	const trained = workload.trainedParameters / layers;
	const inside = policy.optimizer === 'inside-backward';
	const recompute = Math.max(0, workload.layerForwardFlops - kept.savedFlops);
	const earlier = (list: readonly number[], index: number): number => list[index] ?? -1;

	const weightsRead: number[] = [];
	const weightsUp: number[] = [];
	const computed: number[] = [];
	const activationsDown: number[] = [];
	const spills: number[] = [];
	/** Reads a layer's weights (and activations) and brings them up, as early as buffers and the GPU's two places allow. */
	const bring = (n: number, activationsUp: number, after: readonly number[]): number => {
		const freed = earlier(weightsUp, n - buffers.parameters);
		const readDone = plan.add('read weights', driveLane, place.weights === 'drives' ? transferSeconds(weights, read) : 0, [
			freed,
		]);
		weightsRead.push(readDone);
		const upBytes = (place.weights === 'gpu' ? 0 : weights) + activationsUp;
		const up = plan.add('weights up', upLane, transferSeconds(upBytes, link), [readDone, earlier(computed, n - 2), ...after]);
		weightsUp.push(up);
		return up;
	};

	for (let i = 0; i < layers; i++) {
		const up = bring(i, 0, []);
		const left = earlier(activationsDown, i - 2);
		const done = plan.add('forward', gpuLane, workload.forwardFlops / layers / gpu, [up, earlier(computed, i - 1), left]);
		computed.push(done);
		const freed = earlier(spills, i - buffers.activations);
		const down = plan.add('activations down', downLane, transferSeconds(moved, link), [done, freed]);
		activationsDown.push(down);
		spills.push(plan.add('write activations', driveLane, transferSeconds(spilled, write), [down]));
	}

	const gradients: number[] = [];
	const activationReads: number[] = [];
	const stepFlops = inside ? workload.optimizerGpuFlops : 0;
	for (let n = 0; n < layers; n++) {
		const layer = layers - 1 - n;
		const at = layers + n;
		const freed = n - buffers.activations >= 0 ? earlier(weightsUp, at - buffers.activations) : -1;
		const stored = earlier(spills, layer);
		const after = [stored, freed, earlier(activationReads, n - 1)];
		const readBack = spilled === 0 ? -1 : plan.add('read activations', driveLane, spilled / read, after);
		activationReads.push(readBack);
		const up = bring(at, moved, [stored, readBack]);
		const flops = (workload.backwardFlops + recompute + stepFlops) / layers;
		const done = plan.add('backward', gpuLane, flops / gpu, [up, earlier(computed, at - 1)]);
		computed.push(done);
		const gradientBytes = place.gradients === 'gpu' ? 0 : HALF * trained;
		gradients.push(plan.add('gradients down', downLane, transferSeconds(gradientBytes, link), [done]));
	}

	planOptimizer();
	const schedule = plan.graph.run();
	return summarize(plan.graph, schedule, gradients);

	/** Sub-groups in the order their gradients come: whole layers together, or parts of a large layer. */
	function planOptimizer(): void {
		const { layersEach, partsOfLayer } = subGroups(workload, buffers);
		const reads: number[] = [];
		const writes: number[] = [];
		const lastGradient = earlier(gradients, layers - 1);
		let previousUpdate = -1;
		for (let first = 0; first < layers; first += layersEach) {
			const last = Math.min(layers, first + layersEach) - 1;
			const ahead = Math.min(layers - 1, first + 2);
			const needed = [earlier(computed, layers - 1), earlier(weightsRead, layers + ahead), earlier(activationReads, ahead)];
			for (let part = 0; part < partsOfLayer; part++) {
				const parameters = (trained * (last - first + 1)) / partsOfLayer;
				const j = reads.length;
				const state = workload.optimizer.stateBytes * parameters;
				const gradient = inside ? earlier(gradients, last) : lastGradient;
				const freed = earlier(writes, j - buffers.optimizer);
				const readAfter = inside ? needed : [lastGradient, sequential() ? earlier(writes, j - 1) : -1];
				const readExtra = sequential() && place.state === 'drives' ? HALF * parameters : 0;
				const readSeconds = place.state === 'drives' ? transferSeconds(state + readExtra, read) : 0;
				const readDone = plan.add('read optimizer state', driveLane, readSeconds, [freed, ...readAfter]);
				reads.push(readDone);
				const update = planUpdate(parameters, state, [readDone, gradient], previousUpdate);
				previousUpdate = update;
				const written = (place.state === 'drives' ? state : 0) + (place.weights === 'drives' ? HALF * parameters : 0);
				writes.push(plan.add('write optimizer state', driveLane, transferSeconds(written, write), [update]));
				if (reorderTraffic && !sequential() && buffers.optimizer > 1) plan.require(earlier(writes, j - 1), readDone);
			}
		}
	}

	/** The separate stage on the processor handles one group after the other, from read to write. */
	function sequential(): boolean {
		return policy.optimizer === 'processor-after-backward' || policy.optimizer === 'one-step-late';
	}

	/** A sub-group's update; what of a processor's update the GPU computes goes up and comes back first. */
	function planUpdate(parameters: number, state: number, after: readonly number[], previous: number): number {
		const { linkBytes, memoryTrafficBytes, gpuFlopsPerWidth } = workload.optimizer;
		const onGpu = policy.optimizer === 'gpu-after-backward';
		const traffic = memoryTrafficBytes * parameters;
		const flops = inside ? 0 : gpuFlopsPerWidth * workload.model.hidden * parameters;
		const stateUp = (place.state === 'gpu' ? 0 : state) + (place.gradients === 'gpu' ? 0 : HALF * parameters);
		const stateDown = place.state === 'gpu' ? 0 : state + HALF * parameters;
		const up = plan.add('state up', upLane, transferSeconds(onGpu ? stateUp : linkBytes * parameters, link), after);
		const gpuSeconds = flops / gpu + (onGpu ? traffic / resources.gpuMemoryBytesPerSecond : 0);
		const computed = plan.add('update', gpuLane, gpuSeconds, [up, ...after]);
		const down = plan.add('state down', downLane, transferSeconds(onGpu ? stateDown : linkBytes * parameters, link), [computed]);
		if (onGpu) return down;
		const update = plan.add('update', processorLane, traffic / resources.adamBytesPerSecond, [...after, down, previous]);
		return place.weights === 'gpu' ? plan.add('weights up', upLane, (HALF * parameters) / link, [update]) : update;
	}
}

function summarize(graph: TaskGraph, schedule: Schedule, gradients: readonly number[]): SimulatedStep {
	const kinds = graph.kind.view();
	const laneOf = graph.lane.view();
	const jobs = [];
	for (let job = 0; job < graph.length; job++) {
		const lane = laneOf[job] as number;
		if (lane < 0) continue;
		jobs.push({
			kind: jobKinds[kinds[job] as number] as JobKind,
			lane,
			startSeconds: schedule.startSeconds[job] as number,
			endSeconds: schedule.endSeconds[job] as number,
		});
	}
	const last = gradients.at(-1) ?? -1;
	return {
		seconds: schedule.makespanSeconds,
		busySeconds: [...schedule.busySeconds],
		backwardEndSeconds: last < 0 ? schedule.makespanSeconds : (schedule.endSeconds[last] as number),
		jobs,
	};
}
