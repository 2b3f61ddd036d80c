/** Throughput over batch size and number of drives: which of the two to turn first. */
import type { TransformerModel } from '@assay/models';
import { type Plan, planStep } from './plan.ts';
import type { Policy } from './policies/policy.ts';
import type { Resources } from './resources.ts';
import { describeWorkload, type WorkloadOptions } from './workload.ts';

export interface SweepPoint {
	readonly batch: number;
	readonly drives: number;
	/** Null where the setting does not fit. */
	readonly teraflops: number | null;
	readonly tokensPerSecond: number | null;
}

export function sweep(
	policy: Policy,
	model: TransformerModel,
	options: WorkloadOptions,
	resources: Resources,
	batches: readonly number[],
	drives: readonly number[],
): SweepPoint[] {
	return batches.flatMap((batch) => {
		const workload = describeWorkload(model, { ...options, batch });
		return drives.map((count): SweepPoint => {
			const plan = planStep(policy, workload, { ...resources, drives: count });
			const figures = plan.fit.fits ? throughput(plan) : null;
			return { batch, drives: count, teraflops: figures?.teraflops ?? null, tokensPerSecond: figures?.tokensPerSecond ?? null };
		});
	});
}

/** Model TFLOP/s and tokens per second of a plan. */
export function throughput({ choice, workload }: Plan): { teraflops: number; tokensPerSecond: number } {
	return { teraflops: choice.time.modelFlopsPerSecond / 1e12, tokensPerSecond: workload.tokens / choice.time.seconds };
}
