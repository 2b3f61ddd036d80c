import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{ name: 'zaya1-plan', says: 'ZAYA1 on 1,024 MI300X: 12 T tokens at 4K context, with failures and saves.', inputs: {} },
	{
		name: 'mi300x-collectives',
		says: 'The published all-reduce of eight MI300X fitted, their links, groups of a node, and more nodes.',
		inputs: { mode: 'collectives' },
	},
	{
		name: 'llama-sizing',
		says: 'The matrix products of Llama 3 8B on MI300X, rules, and other widths.',
		inputs: { mode: 'sizing', model: { name: 'llama-3-8b' }, machine: { name: '8xmi300x' } },
	},
	{ name: 'zaya1-ledger', says: 'Parameters, operations and memory of ZAYA1.', inputs: { mode: 'ledger' } },
	{
		name: 'llama-405b-goodput',
		says: 'Saves and failures of Llama 3.1 405B on 16,384 H100, at the published rate of interruptions.',
		inputs: { mode: 'goodput', model: { name: 'llama-3.1-405b' }, machine: { name: '16384xh100' } },
	},
	{
		name: 'tiny-generation',
		says: 'Tokens from a tiny ZAYA model with random weights (needs the data).',
		inputs: { mode: 'generate', generate: { weights: 'zaya-tiny-weights', newTokens: 32, temperature: 1 } },
	},
];
