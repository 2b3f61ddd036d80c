import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'llama-prompts',
		says: 'Llama 2 7B reading eight prompts of 1,024 tokens in 10 GB of an RTX 4090: transfers hide behind computing.',
		inputs: { goal: { capGigabytes: 10 } },
	},
	{
		name: 'llama-decode',
		says: 'The same model generating one token at a time in 6 GB: every token waits for the link.',
		inputs: { work: { use: 'generate', batch: 1, tokens: 1024 }, goal: { capGigabytes: 6 } },
	},
	{
		name: 'seventy-billion',
		says: 'Llama 2 70B, which does not fit a single RTX 4090, generating for 64 sequences at a time.',
		inputs: { model: { name: 'llama-2-70b' }, work: { use: 'generate', batch: 64, tokens: 512 } },
	},
	{
		name: 'train-7b',
		says: 'Training Llama 2 7B on one RTX 4090: gradients go out, Adam works on the host.',
		inputs: { work: { use: 'train', batch: 4, tokens: 1024 } },
	},
	{
		name: 'stream-here',
		says: 'A generated transformer streamed on this computer; memory, time and every bit of the result are measured.',
		inputs: { mode: 'run-here' },
	},
	{
		name: 'train-here',
		says: 'A small GPT trained through windows; parameters must come out as in resident training, bit for bit.',
		inputs: { mode: 'train-here' },
	},
];
