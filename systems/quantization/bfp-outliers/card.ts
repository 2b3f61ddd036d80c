import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'bfp-outliers',
	title: 'Four-bit keys in block floating point, with channels sorted by the norm of their weights',
	question: 'Can I halve my KV cache with 4-bit block floating point on this model, and does reordering channels make it safe?',
	domain: 'quantization',
	version: 3,
	paper: {
		title: 'Accurate Block Quantization in LLMs with Outliers',
		arxiv: '2403.20137',
		year: 2024,
		authors: ['Nikita Trukhanov', 'Ilya Soloveychik'],
	},
	runsOn: 'node',
	// Trains a small model, and holds weights of the user’s.
	limits: { seconds: 3 * 3600, bytes: 8 * 2 ** 30 },
};
