import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'quartet',
	title: 'Quartet: training in MXFP4',
	question:
		'For my model size and token budget, should I train in FP8, with 4-bit forward or backward products, or all in FP4, and what loss will I get?',
	domain: 'quantization',
	version: 2,
	paper: {
		title: 'Quartet: Native FP4 Training Can Be Optimal for Large Language Models',
		arxiv: '2505.14669',
		year: 2025,
		authors: [
			'Roberto L. Castro',
			'Andrei Panferov',
			'Soroush Tabesh',
			'Oliver Sieberling',
			'Jiale Chen',
			'Mahdi Nikdan',
			'Saleh Ashkboos',
			'Dan Alistarh',
		],
		venue: 'NeurIPS 2025',
		code: 'https://github.com/IST-DASLab/Quartet',
	},
	runsOn: 'node',
	// Trains models of the user’s size.
	limits: { seconds: 12 * 3600, bytes: 8 * 2 ** 30 },
};
