import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Raw = z.input<typeof inputs>;

export const examples: readonly [Example<Raw>, ...Example<Raw>[]] = [
	{ name: 'mobilenet-v1', says: 'MobileNetV1 on a row-stationary array of 64 x 64.', inputs: {} },
	{
		name: 'small-array',
		says: 'The same on 16 x 16, where wider groups make it slower.',
		inputs: { array: { rows: 16, columns: 16 }, change: { objective: 'uniform' } },
	},
	{
		name: 'efficientnet-systolic',
		says: 'EfficientNet-B0 on an output-stationary array of 128 x 128 with 100 GB/s of DRAM, fewest cycles.',
		inputs: {
			network: { name: 'efficientnet-b0' },
			array: { rows: 128, columns: 128, dataflow: 'output-stationary' },
			memory: { bandwidth: 100 },
			change: { objective: 'latency' },
		},
	},
	{
		name: 'within-budget',
		says: 'MobileNetV2 on 64 x 64 with no more work than before: wider groups, narrower layers.',
		inputs: { network: { name: 'mobilenet-v2' }, change: { objective: 'uniform', width: 8, mostMegaMacs: 300 } },
	},
	{
		name: 'accuracy',
		says: 'Small networks of one to eight channels a group, trained on generated images.',
		inputs: { mode: 'train-here' },
	},
];
