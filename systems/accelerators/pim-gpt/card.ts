import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'pim-gpt',
	title: 'PIM-GPT: token generation inside GDDR6',
	question:
		'How many tokens per second and joules per token would my GPT-style model reach on PIM memory, and where does the time go?',
	domain: 'accelerators',
	version: 2,
	paper: {
		title: 'PIM-GPT: A Hybrid Process-in-Memory Accelerator for Autoregressive Transformers',
		arxiv: '2310.09385',
		year: 2023,
		authors: ['Yuting Wu', 'Ziyu Wang', 'Wei D. Lu'],
		venue: 'npj Unconventional Computing 2024',
	},
	runsOn: 'anywhere',
	limits: { seconds: 1800, bytes: 4 * 2 ** 30 },
};
