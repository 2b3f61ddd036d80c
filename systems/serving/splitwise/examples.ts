import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'conversation-hh',
		says: 'BLOOM-176B for a conversation service at 70 requests/s on 25 + 15 DGX-H100, split; runs offline.',
		inputs: {},
	},
	{
		name: 'six-designs',
		says: 'The paper’s six clusters of equal power over arrival rates, conversation service.',
		inputs: { mode: 'compare' },
	},
	{
		name: 'provision-coding',
		says: 'The cheapest cluster that serves 70 coding requests/s.',
		inputs: { mode: 'provision', trace: { workload: 'coding' } },
	},
	{
		name: 'azure-trace',
		says: 'The Azure conversation trace of 2023 replayed ten times as fast (needs the data).',
		inputs: { trace: { file: 'azure-llm-2023-conversation', acceleration: 10 } },
	},
	{
		name: 'llama-3-70b',
		says: 'A model nobody profiled: Llama 3 70B with a roofline estimate, on two pools of DGX-H100.',
		inputs: {
			model: { name: 'llama-3-70b' },
			trace: { requestsPerSecond: 20 },
			cluster: { design: 'custom', promptMachines: 6, tokenMachines: 4 },
		},
	},
];
