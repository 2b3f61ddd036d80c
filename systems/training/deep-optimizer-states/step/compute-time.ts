/** Forward and backward of one step on one rank, without the flush of gradients. */
import { type Cluster, collectiveSeconds } from '@assay/machines';
import { parameterCount, type TransformerModel, trainingFlops } from '@assay/models';

/** What a rank computes in a step. */
export interface StepWork {
	readonly model: TransformerModel;
	/** Ranks among which parameters, gradients and optimizer state are split. */
	readonly ranks: number;
	readonly microBatch: number;
	readonly sequenceTokens: number;
	/** Micro-batches before an update. */
	readonly accumulation: number;
}

export interface ComputeSeconds {
	readonly forward: number;
	/** With recomputation and with gradients that leave asynchronously. */
	readonly backward: number;
}

/** Share of the 16-bit peak that large matrix products of training reach; a usual figure, set before any comparison. */
const PEAK_SHARE = 0.5;
/**
 * Share of the link's bandwidth at which ZeRO-3 gathers, as far as arithmetic does not hide it. Set by eye to the four models whose
 * phases were logged on four H100 (forward and backward together then come out at 0.86 to 1.03 of the measured).
 */
const GATHER_SHARE = 0.33;
/** Arithmetic of backward over forward: gradients of inputs and of weights, and recomputation. */
const BACKWARD_ARITHMETIC = 3;
/** Traffic of backward over forward: parameters gathered for recomputation and for gradients, and gradients scattered. */
const BACKWARD_TRAFFIC = 3;

/** Estimate for machines and models that nobody measured: arithmetic and the gathering of parameters, one after the other. */
export function estimateCompute(work: StepWork, cluster: Cluster): ComputeSeconds {
	const { model, ranks, accumulation } = work;
	const arithmetic = work.microBatch * sequenceSeconds(work, peakOf(cluster));
	const gather = gatherSeconds(2 * parameterCount(model).total, ranks, cluster);
	return {
		forward: accumulation * (arithmetic + gather),
		backward: accumulation * (BACKWARD_ARITHMETIC * arithmetic + BACKWARD_TRAFFIC * gather),
	};
}

/** Scales phases measured at micro-batch 1 to a larger one: each further sequence adds its arithmetic and no traffic. */
export function scaleMeasured(measured: ComputeSeconds, work: StepWork, cluster: Cluster): ComputeSeconds {
	const more = (work.microBatch - 1) * sequenceSeconds(work, peakOf(cluster));
	return {
		forward: work.accumulation * (measured.forward + more),
		backward: work.accumulation * (measured.backward + BACKWARD_ARITHMETIC * more),
	};
}

/** Forward arithmetic of one sequence. */
function sequenceSeconds({ model, sequenceTokens }: StepWork, peakFlopsPerSecond: number): number {
	return trainingFlops(model, sequenceTokens) / 3 / (PEAK_SHARE * peakFlopsPerSecond);
}

/** The rate of 16-bit arithmetic, or of what comes nearest. */
function peakOf({ device: { peakOpsPerSecond: peaks } }: Cluster): number {
	return peaks.bf16 ?? peaks.fp16 ?? peaks.tf32 ?? peaks.fp32 ?? Number.POSITIVE_INFINITY;
}

/** Between nodes all ports of a node carry their share of a ring, so the node's ports together, or its inner links, are the narrowest. */
function gatherSeconds(bytes: number, ranks: number, { intraNode, interNode, devicesPerNode }: Cluster): number {
	const link = interNode ?? intraNode;
	if (ranks <= 1 || link === null) return 0;
	const ports = interNode === null ? Number.POSITIVE_INFINITY : devicesPerNode * interNode.bandwidthBytesPerSecond;
	const narrowest = Math.min(ports, intraNode?.bandwidthBytesPerSecond ?? Number.POSITIVE_INFINITY);
	const line = { latencySeconds: link.latencySeconds, busBytesPerSecond: GATHER_SHARE * narrowest };
	return collectiveSeconds('all-gather', bytes, ranks, [line]);
}
