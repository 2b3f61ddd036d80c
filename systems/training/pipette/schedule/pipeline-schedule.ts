/**
 * The pipeline's schedule, event by event: every forward and backward of every micro-batch on its stage in the order that Megatron-LM
 * fixes (one forward, one backward; plain or interleaved), every message on its link. This is the reference for the closed forms.
 */
import { TaskGraph } from '@assay/events';
import type { PassTimes } from '../stage-times.ts';

/** Kinds of jobs, by the number a task graph gives them. */
export const JOB_KINDS = ['forward', 'backward', 'message', 'gradients'] as const;

/** What the simulation needs. */
export interface PipelineOptions {
	/** Times of a stage for one micro-batch, all its virtual stages together. */
	readonly stages: readonly PassTimes[];
	readonly microBatches: number;
	/** Interleaved stages per device; more than one needs the number of stages to divide the micro-batches. */
	readonly virtualStages: number;
	/** Seconds of a message from each stage to the next, one direction; the last entry is from the last stage back to the first (interleaving). */
	readonly messageSeconds: readonly number[];
	/** Seconds each stage exchanges gradients after its last backward. */
	readonly dataParallelSeconds: number;
}

/** One job of the simulated schedule. */
export interface ScheduledJob {
	readonly stage: number;
	readonly kind: (typeof JOB_KINDS)[number];
	readonly microBatch: number;
	readonly virtualStage: number;
	readonly startSeconds: number;
	readonly endSeconds: number;
}

/** A simulated iteration. */
export interface PipelineRun {
	readonly makespanSeconds: number;
	/** Share of the iteration that each stage computes. */
	readonly busyShare: readonly number[];
	/** Jobs of the stages (messages left out), in the order they were added. */
	readonly jobs: readonly ScheduledJob[];
}

interface Slot {
	readonly forward: boolean;
	readonly microBatch: number;
	readonly chunk: number;
}

/** Order of forwards and backwards on one stage (Narayanan et al., arXiv:2104.04473, and Megatron-LM's `schedules.py`). */
export function stageOrder(stage: number, stages: number, microBatches: number, virtualStages: number): Slot[] {
	const total = microBatches * virtualStages;
	const group = stages * virtualStages;
	const slot = (k: number, forward: boolean): Slot => {
		const chunk = Math.floor((k % group) / stages);
		return {
			forward,
			microBatch: Math.floor(k / group) * stages + (k % stages),
			chunk: forward ? chunk : virtualStages - 1 - chunk,
		};
	};
	const plain = (k: number, forward: boolean): Slot => ({ forward, microBatch: k, chunk: 0 });
	const at = virtualStages === 1 ? plain : slot;
	const ahead = virtualStages === 1 ? stages - 1 - stage : 2 * (stages - 1 - stage) + (virtualStages - 1) * stages;
	const warmUp = Math.min(ahead, total);
	const order: Slot[] = [];
	for (let k = 0; k < warmUp; k++) order.push(at(k, true));
	for (let k = warmUp; k < total; k++) order.push(at(k, true), at(k - warmUp, false));
	for (let k = total - warmUp; k < total; k++) order.push(at(k, false));
	return order;
}

/** Runs one iteration. Raises a RangeError where interleaving meets a number of micro-batches that the stages do not divide. */
export function simulatePipeline(options: PipelineOptions): PipelineRun {
	const { stages, microBatches, virtualStages, messageSeconds } = options;
	const p = stages.length;
	if (virtualStages > 1 && microBatches % p !== 0) {
		throw new RangeError(`${p} interleaved stages take a multiple of ${p} micro-batches, not ${microBatches}`);
	}
	// Lanes: the stages, then the links onward, then the links back.
	const graph = new TaskGraph([
		...stages.map((_, stage) => `stage ${stage}`),
		...stages.map((_, stage) => `link ${stage} onward`),
		...stages.map((_, stage) => `link ${stage} back`),
	]);
	const chunks = p * virtualStages;
	const index = (chunk: number, stage: number, microBatch: number): number => (chunk * p + stage) * microBatches + microBatch;
	const forward = new Int32Array(chunks * microBatches);
	const backward = new Int32Array(chunks * microBatches);
	const jobs: { job: number; stage: number; kind: ScheduledJob['kind']; microBatch: number; virtualStage: number }[] = [];
	for (const [stage, { forwardSeconds, backwardSeconds }] of stages.entries()) {
		let previous = -1;
		for (const slot of stageOrder(stage, p, microBatches, virtualStages)) {
			const seconds = (slot.forward ? forwardSeconds : backwardSeconds) / virtualStages;
			const job = graph.add(stage, seconds, previous < 0 ? [] : [previous], slot.forward ? 0 : 1);
			(slot.forward ? forward : backward)[index(slot.chunk, stage, slot.microBatch)] = job;
			jobs.push({
				job,
				stage,
				kind: slot.forward ? 'forward' : 'backward',
				microBatch: slot.microBatch,
				virtualStage: slot.chunk,
			});
			previous = job;
		}
		if (options.dataParallelSeconds > 0) {
			const job = graph.add(stage, options.dataParallelSeconds, [previous], 3);
			jobs.push({ job, stage, kind: 'gradients', microBatch: -1, virtualStage: 0 });
		}
	}
	for (let chunk = 0; chunk < virtualStages; chunk++) {
		for (let stage = 0; stage < p; stage++) {
			const last = stage === p - 1;
			if (last && chunk === virtualStages - 1) continue;
			const nextStage = last ? 0 : stage + 1;
			const nextChunk = last ? chunk + 1 : chunk;
			const seconds = messageSeconds[stage] ?? 0;
			for (let microBatch = 0; microBatch < microBatches; microBatch++) {
				const here = index(chunk, stage, microBatch);
				const there = index(nextChunk, nextStage, microBatch);
				graph.require(forward[there] as number, graph.add(p + stage, seconds, [forward[here] as number], 2));
				graph.require(backward[here] as number, graph.add(2 * p + stage, seconds, [backward[there] as number], 2));
			}
		}
	}
	for (let microBatch = 0; microBatch < microBatches; microBatch++) {
		const end = index(virtualStages - 1, p - 1, microBatch);
		graph.require(backward[end] as number, forward[end] as number);
	}
	const { startSeconds, endSeconds, makespanSeconds, busySeconds } = graph.run();
	return {
		makespanSeconds,
		busyShare: stages.map((_, stage) => (makespanSeconds > 0 ? (busySeconds[stage] as number) / makespanSeconds : 0)),
		jobs: jobs.map(({ job, ...rest }) => ({
			...rest,
			startSeconds: startSeconds[job] as number,
			endSeconds: endSeconds[job] as number,
		})),
	};
}
