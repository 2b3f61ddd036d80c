import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

/** The authors' server, as far as it differs from a workstation. */
const server = {
	memoryGigabytes: 768,
	adamGigabytesPerSecond: 100,
	linkGigabytesPerSecond: 22.9,
	drives: 12,
	terabytesPerDrive: 3.84,
	readGigabytesPerSecondPerDrive: 7.11,
	writeGigabytesPerSecondPerDrive: 4.07,
} as const;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'workstation-13b',
		says: 'Full fine-tuning of a 13 B model on a workstation with an RTX 4090, 128 GB and two NVMe drives.',
		inputs: {},
	},
	{
		name: 'published-server',
		says: 'The same model on the authors’ server: 768 GB and twelve drives.',
		inputs: { batch: 64, workstation: server, prices: { hostDollars: 14_000 } },
	},
	{
		name: 'gpt3-175b',
		says: 'GPT-3 175B on that server with 256 GB.',
		inputs: {
			model: { name: 'gpt3-175b' },
			batch: 16,
			workstation: { ...server, memoryGigabytes: 256 },
			prices: { hostDollars: 14_000 },
		},
	},
	{
		name: 'llama-3-8b',
		says: 'Llama 3 8B with an 8-bit Adam on the workstation, sequences of 4,096.',
		inputs: { model: { name: 'llama-3-8b' }, sequenceTokens: 4096, batch: 8, precision: 'bf16', optimizer: 'adam-8bit' },
	},
	{
		name: 'train-here',
		says: 'A GPT of 10 M parameters really trained from the files of this computer, three ways, and measured.',
		inputs: { mode: 'train-here' },
	},
];
