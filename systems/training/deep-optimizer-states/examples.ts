import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{ name: 'paper-20b', says: 'The paper’s 20B model on a node of four H100, everything offloaded.', inputs: {} },
	{
		name: 'slow-link',
		says: 'The same over a link of 8 GB/s: the best stride moves up.',
		inputs: { rates: { link: 8 } },
	},
	{
		name: 'llama-3-8b-workstation',
		says: 'Llama 3 8B on one RTX 4090 with 128 GB of host memory.',
		inputs: { model: { name: 'llama-3-8b' }, machine: { name: 'rtx-4090' } },
	},
	{
		name: 'llama-3-70b-dgx',
		says: 'Llama 3 70B on a DGX H100.',
		inputs: { model: { name: 'llama-3-70b' }, machine: { name: '8xh100' } },
	},
	{
		name: 'here',
		says: 'Real updates on this computer, with a link held to 2 GB/s.',
		inputs: { mode: 'measure-here' },
	},
];
