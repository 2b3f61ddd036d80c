/**
 * Time of an iteration in closed form. It extends the paper's hidden critical path (a one-forward-one-backward schedule cannot hide
 * the round trip of every p micro-batches) to uneven stages, to numbers of micro-batches that p does not divide, to the messages of
 * warm-up and cool-down, and to interleaving:
 *
 *   T = m·max + (sum - max)/v + rounds·C_pp + C_dp + step
 *
 * with max and sum over the stages' f + w. The event-driven schedule gives the same for even stages.
 */
import type { PassTimes } from './stage-times.ts';

/** What the closed form needs. */
export interface IterationParts {
	readonly stages: readonly PassTimes[];
	readonly microBatches: number;
	readonly virtualStages: number;
	/** C_pp: messages of one micro-batch through all stage boundaries and back. */
	readonly roundTripSeconds: number;
	/** C_dp: gradients (and, with a sharded optimizer, weights) between replicas. */
	readonly dataParallelSeconds: number;
	/** The optimizer's step and whatever happens once an iteration. */
	readonly stepSeconds: number;
}

/** An iteration's time and its parts, which sum to it. */
export interface IterationTime {
	readonly totalSeconds: number;
	/** m micro-batches on the slowest stage, without communication between devices. */
	readonly computeSeconds: number;
	/** Tensor- and expert-parallel communication in them. */
	readonly tensorParallelSeconds: number;
	/** Stages waiting for the first and after the last micro-batch. */
	readonly bubbleSeconds: number;
	readonly pipelineSeconds: number;
	readonly dataParallelSeconds: number;
	readonly stepSeconds: number;
}

/**
 * How often the round trip of a micro-batch stays exposed on a pipeline of `stages` devices: once for every p micro-batches, and
 * all but one message each way of warm-up and cool-down. Interleaved, twice as many micro-batches are on their way, which
 * hides all but one journey over all v·p virtual stages.
 */
export function exposedRoundTrips(stages: number, microBatches: number, virtualStages: number): number {
	if (stages <= 1) return 0;
	if (virtualStages > 1) return (virtualStages * stages - 1) / (stages - 1);
	return Math.max(1, microBatches / stages + (stages - 2) / (stages - 1));
}

/**
 * What interleaving fails to hide where a message takes longer than the slack of the schedule, (p-2)/(2(p-1)) of a virtual
 * stage's f + w: about v - 1 times the excess for every micro-batch.
 */
function interleavedExcess(parts: IterationParts, slowest: number): number {
	const { stages, microBatches, virtualStages, roundTripSeconds } = parts;
	if (virtualStages <= 1 || stages.length <= 1) return 0;
	const boundaries = 2 * (stages.length - 1);
	const slack = ((stages.length - 2) / boundaries) * (slowest / virtualStages);
	return microBatches * (virtualStages - 1) * Math.max(0, roundTripSeconds / boundaries - slack);
}

/** Time of an iteration, part by part. */
export function iterationTime(parts: IterationParts): IterationTime {
	const { stages, microBatches, virtualStages } = parts;
	let slowest = 0;
	let communication = 0;
	let sum = 0;
	for (const { forwardSeconds, backwardSeconds, communicationSeconds } of stages) {
		const both = forwardSeconds + backwardSeconds;
		sum += both;
		if (both > slowest) {
			slowest = both;
			communication = communicationSeconds;
		}
	}
	const tensorParallelSeconds = microBatches * communication;
	const computeSeconds = microBatches * slowest - tensorParallelSeconds;
	const bubbleSeconds = (sum - slowest) / virtualStages;
	const pipelineSeconds =
		exposedRoundTrips(stages.length, microBatches, virtualStages) * parts.roundTripSeconds + interleavedExcess(parts, slowest);
	const { dataParallelSeconds, stepSeconds } = parts;
	return {
		totalSeconds: computeSeconds + tensorParallelSeconds + bubbleSeconds + pipelineSeconds + dataParallelSeconds + stepSeconds,
		computeSeconds,
		tensorParallelSeconds,
		bubbleSeconds,
		pipelineSeconds,
		dataParallelSeconds,
		stepSeconds,
	};
}
