import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{ name: 'known-outliers', says: 'Heads with three outlier pairs of 128 channels; memory of Llama 2 7B.', inputs: {} },
	{
		name: 'trained-here',
		says: 'A small Llama trained on this machine (minutes), outliers put into its keys, perplexity before and after sorting.',
		inputs: { source: 'trained' },
	},
	{
		name: 'pairs-in-partial-rotary',
		says: 'Heads of 80 channels of which 32 turn, as Phi-2’s, sorted by pairs in blocks of 40, 20 and 10.',
		inputs: {
			model: { name: 'phi-2' },
			generated: { headDim: 80 },
			rotary: { width: 32 },
			sort: { order: 'pair' },
			format: { blockSizes: [40, 20, 10] },
		},
	},
	{
		name: 'queries-on-outliers',
		says: 'Queries that see the outliers alone: the energy of the error counts, and sorting gains less.',
		inputs: { generated: { queries: 'flat' } },
	},
];
