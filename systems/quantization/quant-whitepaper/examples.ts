import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

type Raw = z.input<typeof inputs>;

export const examples: readonly [Example<Raw>, ...Example<Raw>[]] = [
	{ name: 'text-direction', says: 'PP-OCR’s classifier of text direction, a MobileNetV3: a hard case.', inputs: {} },
	{
		name: 'scale-per-layer',
		says: 'The same with one scale for each layer, with 2 to 8 bits of weights, and its time before and after.',
		inputs: { policy: { granularity: 'tensor' }, study: { bits: true, speed: true } },
	},
	{
		name: 'digits',
		says: 'A small MobileNet for handwritten digits, trained here the first time: accuracy before and after.',
		inputs: { model: { name: 'digits' }, samples: { most: 1000, calibrate: 64 } },
	},
	{
		name: 'text-recogniser',
		says: 'PP-OCR’s recogniser, whose attention stays float.',
		inputs: { model: { name: 'text-recogniser' }, samples: { most: 24, calibrate: 16 }, study: { layers: false } },
	},
	{
		name: 'weights-only',
		says: 'Weights alone in 8 bits: no samples needed, a quarter of the file.',
		inputs: { model: { name: 'text-detector' }, policy: { scheme: 'weights-only' } },
	},
];
