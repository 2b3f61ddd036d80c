import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{ name: 'gpt2-xl', says: 'GPT-2 XL on eight channels, tokens 1 to 1,024, with the paper’s timing.', inputs: {} },
	{
		name: 'gpt2-xl-on-aim',
		says: 'The same on banks that are as slow as SK hynix AiM’s were measured to be.',
		inputs: { timing: { preset: 'aim' } },
	},
	{
		name: 'gpt3-xl-8k',
		says: 'GPT-3 XL with room for 8,192 tokens, as far as the paper says its memory reaches.',
		inputs: { model: { name: 'gpt3-xl' }, contextTokens: 4096, memoryTokens: 8192, sweep: { lastContext: 2048 } },
	},
	{
		name: 'llama-3-8b',
		says: 'Llama 3 8B (grouped queries, gated feed-forward) on 40 channels.',
		inputs: { model: { name: 'llama-3-8b' }, hardware: { channels: 40 }, sweep: { lastContext: 4096, points: 32 } },
	},
	{
		name: 'through-the-banks',
		says: 'A tiny GPT really computed by the mapped banks in BF16, 64 tokens, beside two references.',
		inputs: { mode: 'functional' },
	},
];
