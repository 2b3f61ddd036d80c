import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Raw = z.input<typeof inputs>;

export const examples: readonly [Example<Raw>, ...Example<Raw>[]] = [
	{ name: 'llama-2-7b', says: 'Llama 2 7B with weights of 4 bits, one sequence, on 16 cores with 32 MiB of cache.', inputs: {} },
	{
		name: 'two-bits-batched',
		says: 'The same with weights of 2 bits for eight sequences at once.',
		inputs: { batch: 8, weights: { bits: 2 } },
	},
	{
		name: 'here',
		says: 'Tables against kernels that unpack weights, on this computer.',
		inputs: { mode: 'measure-here' },
	},
];
