import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'gpt3-128-a100',
		says: 'GPT-3 175B on 16 DGX A100 whose links are as uneven as those of a measured cluster.',
		inputs: {},
	},
	{
		name: 'gpt3-1024-a100',
		says: 'GPT-3 175B, 1,536 sequences, on 128 DGX A100.',
		inputs: { machine: { name: '128xdgx-a100' }, training: { globalBatch: 1536 } },
	},
	{
		name: 'llama-3-8b-64-h100',
		says: 'Llama 3 8B on 8 DGX H100: how little model parallelism is enough.',
		inputs: { model: { name: 'llama-3-8b' }, machine: { name: '64xh100' } },
	},
	{
		name: 'mixtral-64-h100',
		says: 'Mixtral 8x22B on 8 DGX H100, experts shared by replicas.',
		inputs: { model: { name: 'mixtral-8x22b' }, machine: { name: '64xh100' } },
	},
	{
		name: 'learned-estimator',
		says: 'A 7B model on 64 V100, memory and times learned from rows on up to four nodes, as the paper does.',
		inputs: {
			model: { name: 'gpt3-6.7b' },
			machine: { name: '64xv100' },
			training: { precision: 'fp16', kernels: 'fused' },
			estimator: { kind: 'learned' },
		},
	},
	{
		name: 'yours-against-best',
		says: 'A setting that somebody runs today (pp 8, tp 8, all recomputed) against the best one.',
		inputs: { own: { pipelineParallel: 8, tensorParallel: 8 } },
	},
];
