import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'fuyou',
	title: 'Fuyou: fine-tuning from NVMe drives on one GPU',
	question:
		'I have this workstation (GPU, memory, drives): can I fine-tune this model, how fast, and which part should I buy more of?',
	domain: 'training',
	version: 2,
	paper: {
		title: 'Adding NVMe SSDs to Enable and Accelerate 100B Model Fine-tuning on a Single GPU',
		arxiv: '2403.06504',
		year: 2024,
		authors: ['Changyue Liao', 'Mo Sun', 'Zihan Yang', 'Kaiqi Chen', 'Binhang Yuan', 'Fei Wu', 'Zeke Wang'],
		venue: 'ICDE 2025 (as LoHan)',
		code: 'https://github.com/RC4ML/LoHan',
	},
	runsOn: 'node',
	// Trains from a drive, beside its buffers.
	limits: { seconds: 2 * 3600, bytes: 8 * 2 ** 30 },
};
