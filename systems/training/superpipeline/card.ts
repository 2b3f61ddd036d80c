import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'superpipeline',
	title: 'Superpipeline: a window of layers on the device',
	question:
		'My model does not fit (or I want a bigger batch): which layers should sit on the device, how many should travel at a time, and what will that cost in time?',
	domain: 'training',
	version: 2,
	paper: {
		title: 'Superpipeline: A Universal Approach for Reducing GPU Memory Usage in Large Models',
		arxiv: '2410.08791',
		year: 2024,
		authors: ['Reza Abbasi', 'Sernam Lim'],
		code: 'https://github.com/abbasiReza/super-pipeline',
	},
	runsOn: 'node',
	// Holds a network of the user’s beside its streamed copy.
	limits: { seconds: 3600, bytes: 8 * 2 ** 30 },
};
