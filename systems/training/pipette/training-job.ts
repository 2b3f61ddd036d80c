/** What is trained, and how one setting spreads it over devices. */
import type { NumberFormat, RecomputePolicy, TransformerModel } from '@assay/models';

/** Formats that forward and backward can run in. */
export const PRECISIONS = ['bf16', 'fp16', 'fp32'] as const satisfies readonly NumberFormat[];

/** The format that forward and backward run in. */
export type Precision = (typeof PRECISIONS)[number];

/**
 * How far kernels are fused. `flash`: attention never writes its square of scores to memory, and everything elementwise is
 * fused. `fused`: the square is written, but scaled, masked and normalised in one kernel, and biases go with dropouts
 * and activations (Megatron-LM since 2020). `unfused`: a kernel for each step, softmax in fp32.
 */
export const KERNELS = ['flash', 'fused', 'unfused'] as const;

/** How far kernels are fused. */
export type Kernels = (typeof KERNELS)[number];

/** The work that is the same for every setting. */
export interface TrainingJob {
	readonly model: TransformerModel;
	/** Sequences in one iteration. */
	readonly globalBatch: number;
	readonly sequenceTokens: number;
	readonly precision: Precision;
	readonly kernels: Kernels;
	/** Training with dropout writes and keeps its masks. */
	readonly dropout: boolean;
	/** Norms, dropouts and layer inputs are split over the tensor-parallel ranks. */
	readonly sequenceParallel: boolean;
	/** Optimizer state is split over the data-parallel ranks (ZeRO-1, Megatron's distributed optimizer). */
	readonly shardedOptimizer: boolean;
}

/** One way to spread a job. */
export interface Setting {
	readonly pipelineParallel: number;
	readonly tensorParallel: number;
	readonly dataParallel: number;
	/** Data-parallel ranks that share the experts of a layer; 1 for dense models. */
	readonly expertParallel: number;
	/** Sequences in a micro-batch. */
	readonly microBatch: number;
	/** Interleaved stages per device (v). */
	readonly virtualStages: number;
	readonly recompute: RecomputePolicy;
}

/** Micro-batches of one pipeline in an iteration: m = B_g / (dp b). */
export function microBatches(job: Pick<TrainingJob, 'globalBatch'>, setting: Setting): number {
	return job.globalBatch / (setting.dataParallel * setting.microBatch);
}

/** Bytes of one element of weights and activations. */
export function elementBytes(precision: Precision): number {
	return precision === 'fp32' ? 4 : 2;
}

/** A setting as people say it: `pp 8, tp 8, dp 2, b 1, v 3, selective`. */
export function describeSetting(setting: Setting): string {
	const { pipelineParallel, tensorParallel, dataParallel, expertParallel, microBatch, virtualStages, recompute } = setting;
	const experts = expertParallel > 1 ? `, ep ${expertParallel}` : '';
	const interleaved = virtualStages > 1 ? `, v ${virtualStages}` : '';
	return `pp ${pipelineParallel}, tp ${tensorParallel}, dp ${dataParallel}${experts}, b ${microBatch}${interleaved}, recompute ${recompute}`;
}
