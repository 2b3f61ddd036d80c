import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'daq-model',
	title: 'Power and skill of detector data acquisition',
	question:
		'If I change one stage of my data-acquisition chain (sensor compression, trigger skill, accept rate, GPU farm), what happens to power, recall and useful samples per kilojoule?',
	domain: 'facilities',
	version: 1,
	paper: {
		title: 'Modeling Performance of Data Collection Systems for High-Energy Physics',
		arxiv: '2407.00123',
		year: 2024,
		authors: ['Wilkie Olin-Ammentorp', 'Xingfu Wu', 'Andrew A. Chien'],
		venue: 'APL Machine Learning 2(4) 046113, doi 10.1063/5.0232456',
		code: 'https://github.com/wilkieolin/system_flow',
	},
	runsOn: 'anywhere',
	limits: { seconds: 1800, bytes: 2 * 2 ** 30 },
};
