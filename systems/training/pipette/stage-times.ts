/** Seconds of forward and backward of one micro-batch on every pipeline stage: arithmetic, memory traffic, tensor-parallel reductions. */
import { collectiveSeconds, type ProtocolLine } from '@assay/machines';
import { type ComputeRates, productSeconds, streamSeconds } from './compute-rates.ts';
import { headWork, layerWork, type Work } from './layer-work.ts';
import type { Precision, Setting, TrainingJob } from './training-job.ts';

/** A collective's cost on one kind of link: per-hop latency and the bandwidth of one device. */
export interface LinkRates {
	readonly hopSeconds: number;
	readonly bytesPerSecond: number;
}

/** What the times of a cluster's devices and links come from. */
export interface MachineRates {
	readonly compute: ComputeRates;
	/** Between devices of a node. */
	readonly intraNode: LinkRates;
	/** Between devices of different nodes, where nothing was measured: one device's share. */
	readonly interNode: LinkRates;
	/** Added to every collective. */
	readonly collectiveSeconds: number;
}

/** Forward and backward of one micro-batch on one stage. */
export interface PassTimes {
	readonly forwardSeconds: number;
	readonly backwardSeconds: number;
	/** How much of both is tensor-parallel and expert-parallel communication. */
	readonly communicationSeconds: number;
}

/** Times of one layer, and of what the last stage has beyond its layers. */
export interface LayerTimes {
	readonly layer: PassTimes;
	readonly head: PassTimes;
}

/** A collective's line over `ranks` devices on a link: a ring takes 2 (ranks - 1) hops. */
export function protocolLine(machine: MachineRates, link: LinkRates, ranks: number): ProtocolLine {
	return {
		latencySeconds: machine.collectiveSeconds + 2 * Math.max(0, ranks - 1) * link.hopSeconds,
		busBytesPerSecond: link.bytesPerSecond,
	};
}

/**
 * Times of one layer and of the output head. Backward takes twice the products and twice the traffic of forward, a fused attention
 * two and a half times: its five products instead of two compute the scores again (Dao, arXiv:2307.08691, section 4.1). With
 * recomputation the attention (selective) or the whole layer (full, with its reductions) runs forward once more.
 */
export function layerTimes(
	job: TrainingJob,
	setting: Pick<Setting, 'tensorParallel' | 'expertParallel' | 'microBatch' | 'recompute'>,
	machine: MachineRates,
	/** Data-parallel ranks on a node: experts shared by more of them are reached through the network. */
	replicasPerNode: number,
): LayerTimes {
	const { tensorParallel: t, expertParallel: ep, recompute } = setting;
	const { compute } = machine;
	const work = layerWork(job, setting);
	const linear = workSeconds(compute, work.linear, job.precision);
	const attention = workSeconds(compute, work.attention, job.precision);
	// Two reductions, whether as all-reduces or as reduce-scatter and all-gather.
	const reduced =
		t === 1 ? 0 : 2 * collectiveSeconds('all-reduce', work.reducedBytes, t, [protocolLine(machine, machine.intraNode, t)]);
	const experts = ep <= replicasPerNode ? machine.intraNode : machine.interNode;
	const exchanged =
		ep === 1 ? 0 : 2 * collectiveSeconds('all-to-all', work.exchangedBytes, ep, [protocolLine(machine, experts, ep)]);
	const forward = linear + attention;
	const communication = reduced + exchanged;
	const scoresAgain = job.kernels === 'flash' ? attention / 2 : 0;
	const repeated = recompute === 'full' ? forward + communication : recompute === 'selective' ? attention : 0;
	const head = workSeconds(compute, headWork(job, setting), job.precision);
	return {
		layer: {
			forwardSeconds: forward + communication,
			backwardSeconds: 2 * forward + scoresAgain + communication + repeated,
			communicationSeconds: communication * (recompute === 'full' ? 3 : 2),
		},
		head: { forwardSeconds: head, backwardSeconds: 2 * head, communicationSeconds: 0 },
	};
}

function workSeconds(rates: ComputeRates, work: Work, precision: Precision): number {
	let seconds = streamSeconds(rates, work.streamedBytes, work.kernels);
	for (const product of work.products) seconds += productSeconds(rates, product, precision);
	return seconds;
}

/**
 * Layers of each stage: as even as they go, the first stages one more where they do not. With the output head on the last stage
 * this is also what balances best.
 */
export function layersOfStages(layers: number, stages: number): number[] {
	const each = Math.floor(layers / stages);
	const more = layers - each * stages;
	return Array.from({ length: stages }, (_, stage) => each + (stage < more ? 1 : 0));
}

/** Times of every stage from those of a layer and the head. */
export function stageTimes({ layer, head }: LayerTimes, layers: number, stages: number): PassTimes[] {
	return layersOfStages(layers, stages).map((count, stage) => {
		const last = stage === stages - 1 ? 1 : 0;
		return {
			forwardSeconds: count * layer.forwardSeconds + last * head.forwardSeconds,
			backwardSeconds: count * layer.backwardSeconds + last * head.backwardSeconds,
			communicationSeconds: count * layer.communicationSeconds + last * head.communicationSeconds,
		};
	});
}
