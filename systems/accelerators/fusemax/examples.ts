import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'published-bert',
		says: 'BERT at 1K to 1M tokens on the published 256 by 256 array, and the one-pass cascade with its proof.',
		inputs: {},
	},
	{
		name: 'published-xlm',
		says: 'XLM, with heads of 128, on the same array.',
		inputs: { model: { name: 'xlm' }, cascade: { text: 'three-pass' } },
	},
	{
		name: 'llama-3-8b',
		says: 'Llama 3 8B, prompts of 8K to 128K tokens one at a time: four query heads share each key head.',
		inputs: { model: { name: 'llama-3-8b' }, batch: 1, lengths: [8192, 32_768, 131_072] },
	},
	{
		name: 'edge',
		says: 'BERT, one sequence at a time, on a 32 by 32 array with half a mebibyte.',
		inputs: {
			batch: 1,
			lengths: [512, 2048, 8192],
			accelerator: { side: 32, bufferMebibytes: 0.5, baselineBufferMebibytes: 0.5, gigabytesPerSecond: 53.687_091_2 },
		},
	},
	{
		name: 'two-pass-cascade',
		says: 'Passes, footprints and arithmetic of attention that divides last.',
		inputs: { lengths: [4096], cascade: { text: 'two-pass' } },
	},
	{
		name: 'layer-norm',
		says: 'How often layer norm walks its rows.',
		inputs: { lengths: [4096], cascade: { text: 'layer-norm-two-step' } },
	},
];
