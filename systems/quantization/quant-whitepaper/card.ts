import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'quant-whitepaper',
	title: 'Eight-bit convolutional networks',
	question:
		'Give me an int8 version of this CNN: how much accuracy do I lose, which layers cause it and why, and how much smaller and faster does it get?',
	domain: 'quantization',
	version: 2,
	paper: {
		title: 'Quantizing deep convolutional networks for efficient inference: A whitepaper',
		arxiv: '1806.08342',
		year: 2018,
		authors: ['Raghuraman Krishnamoorthi'],
	},
	runsOn: 'node',
	// Trains networks on the quantised grid, and holds the user’s.
	limits: { seconds: 3 * 3600, bytes: 8 * 2 ** 30 },
};
