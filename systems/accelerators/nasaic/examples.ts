import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Raw = z.input<typeof inputs>;

export const examples: readonly [Example<Raw>, ...Example<Raw>[]] = [
	{ name: 'w1', says: 'Classifying CIFAR-10 and segmenting nuclei on one chip, within the paper’s limits.', inputs: {} },
	{
		name: 'w2-rivals',
		says: 'CIFAR-10 and STL-10, against searching networks or hardware first, chance and a genetic algorithm.',
		inputs: { task2: { kind: 'stl-10' }, limits: { latency: 1e6, energy: 3.5e9 }, search: { episodes: 100, rivals: true } },
	},
	{
		name: 'trained',
		says: 'CIFAR-10 with real training beside the surrogate: twelve small networks and the search’s best, on generated shapes (minutes).',
		inputs: { evaluator: 'train', task2: { kind: 'none' } },
	},
	{
		name: 'given-networks',
		says: 'A chip for ResNet-18 and MobileNetV2 as they are.',
		inputs: {
			task1: { kind: 'network' },
			task2: { kind: 'network', network: { name: 'mobilenet-v2' } },
			limits: { latency: 1e7, energy: 5e10 },
			search: { episodes: 30 },
		},
	},
];
