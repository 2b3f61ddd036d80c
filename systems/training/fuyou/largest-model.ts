/** The largest model each policy can train, over the size of host memory. */
import { parameterCount, resolveModel, type TransformerModel } from '@assay/models';
import { planStep } from './plan.ts';
import type { Policy } from './policies/policy.ts';
import type { Resources } from './resources.ts';
import { describeWorkload, type WorkloadOptions } from './workload.ts';

/** GPT shapes with heads of 128 and a layer for every 128 of width, as GPT-3's largest (96 layers of 12,288). */
export function gptOfWidth(width: number): TransformerModel {
	return resolveModel({
		model_type: 'gpt2',
		vocab_size: 50257,
		n_positions: 65_536,
		n_layer: Math.max(1, Math.round(width / 128)),
		n_embd: width,
		n_head: width / 128,
		torch_dtype: 'float16',
	});
}

const STEP = 128;
const WIDEST = 32_768;

/** Parameters of the widest shape that fits; 0 where none does. Every class of memory grows with the width. */
export function largestModel(policy: Policy, options: WorkloadOptions, resources: Resources): number {
	let low = 0;
	let high = WIDEST / STEP;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		const fits = planStep(policy, describeWorkload(gptOfWidth(STEP * middle), options), resources).fit.fits;
		if (fits) low = middle;
		else high = middle - 1;
	}
	return low === 0 ? 0 : parameterCount(gptOfWidth(STEP * low)).total;
}
