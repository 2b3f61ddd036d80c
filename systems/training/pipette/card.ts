import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'pipette',
	title: 'Pipette: parallel training on a cluster as it is',
	question:
		'On my cluster, with its real, uneven links, which parallel configuration trains this model fastest without running out of memory, and on which nodes do I put each stage?',
	domain: 'training',
	version: 2,
	paper: {
		title: 'Pipette: Automatic Fine-grained Large Language Model Training Configurator for Real-World Clusters',
		arxiv: '2405.18093',
		year: 2024,
		authors: ['Jinkyu Yim', 'Jaeyong Song', 'Yerim Choi', 'Jaebeen Lee', 'Jaewon Jung', 'Hongsun Jang', 'Jinho Lee'],
		venue: 'DATE 2024',
		code: 'https://github.com/yimjinkyu1/date2024_pipette',
	},
	runsOn: 'node',
	limits: { seconds: 2 * 3600, bytes: 4 * 2 ** 30 },
};
