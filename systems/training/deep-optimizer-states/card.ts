import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'deep-optimizer-states',
	title: 'Deep Optimizer States: every k-th piece of an offloaded optimizer on the GPU',
	question:
		'My optimizer is offloaded to the CPU and every step waits for it: which update stride and sub-group size give the shortest step on my machine?',
	domain: 'training',
	version: 2,
	paper: {
		title: 'Deep Optimizer States: Towards Scalable Training of Transformer Models Using Interleaved Offloading',
		arxiv: '2410.21316',
		year: 2024,
		authors: ['Avinash Maurya', 'Jie Ye', 'M. Mustafa Rafique', 'Franck Cappello', 'Bogdan Nicolae'],
		venue: 'Middleware 2024',
		code: 'https://github.com/DataStates/DeepSpeed',
	},
	runsOn: 'node',
	// Holds the optimizer state of a slice of a model.
	limits: { seconds: 3600, bytes: 8 * 2 ** 30 },
};
