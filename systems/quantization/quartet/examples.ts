import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Input = z.input<typeof inputs>;

export const examples: readonly [Example<Input>, ...Example<Input>[]] = [
	{
		name: 'llama-3-70b',
		says: 'Llama 3 70B on 15 trillion tokens with 4-bit products at twice the speed: which precision, and what loss.',
		inputs: {},
	},
	{
		name: 'rtx-5090',
		says: 'A model of a billion parameters with the speeds measured on an RTX 5090.',
		inputs: { size: { parameters: 1e9 }, tokens: 2e12, speeds: { source: 'rtx-5090' } },
	},
	{
		name: 'own-shape',
		says: 'The published 800M model on a hundred tokens for each parameter.',
		inputs: { size: { layers: 16, width: 2048 }, tokens: 80e9 },
	},
	{
		name: 'tensor',
		says: 'Normal deviates with outliers in MXFP4, by every quantiser, with and without rotation.',
		inputs: { mode: 'tensor' },
	},
	{
		name: 'train',
		says: 'Three schemes trained here on README files, and gradients compared by depth: some minutes.',
		inputs: { mode: 'train' },
	},
	{
		name: 'train-markov',
		says: 'All schemes on a generated language, where the least loss that there is is known.',
		inputs: {
			mode: 'train',
			train: {
				corpus: 'markov',
				vocabulary: 16,
				width: 64,
				hiddenWidth: 128,
				schemes: [
					'float32',
					'quartet',
					'quartet-orthogonal',
					'quest-forward',
					'sr-backward',
					'rtn-backward',
					'gradient-only',
					'rtn-no-hadamard',
					'ocp-no-hadamard',
				],
			},
		},
	},
];
