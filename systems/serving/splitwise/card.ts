import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'splitwise',
	title: 'Splitwise: prompt and token phases on separate machines',
	question:
		'Here are my request trace and my model: how many of which machines do I need, and do I gain by splitting prefill from decode?',
	domain: 'serving',
	version: 1,
	paper: {
		title: 'Splitwise: Efficient generative LLM inference using phase splitting',
		arxiv: '2311.18677',
		year: 2023,
		authors: [
			'Pratyush Patel',
			'Esha Choukse',
			'Chaojie Zhang',
			'Aashaka Shah',
			'Íñigo Goiri',
			'Saeed Maleki',
			'Ricardo Bianchini',
		],
		venue: 'ISCA 2024',
		code: 'https://github.com/Mutinifni/splitwise-sim',
	},
	runsOn: 'node',
	limits: { seconds: 3600, bytes: 4 * 2 ** 30 },
};
