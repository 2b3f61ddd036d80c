import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'sail',
	title: 'SAIL: language models in a cache that computes',
	question:
		'How fast and how cheaply could this processor run my quantised language model if its cache could compute, and what do tables already give me on the processor I have?',
	domain: 'accelerators',
	version: 2,
	paper: {
		title: 'SAIL: SRAM-Accelerated LLM Inference System with Lookup-Table-based GEMV',
		arxiv: '2509.25853',
		year: 2025,
		authors: ['Jingyao Zhang', 'Jaewoo Park', 'Jongeun Lee', 'Elaheh Sadredini'],
	},
	runsOn: 'anywhere',
	limits: { seconds: 1800, bytes: 2 * 2 ** 30 },
};
