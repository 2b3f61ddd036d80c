import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'nasaic',
	title: 'NASAIC: networks and a mixed accelerator together',
	question:
		'I must run two or three networks on one chip within limits on latency, energy and area. Which networks and which mix of accelerators should I build?',
	domain: 'accelerators',
	version: 1,
	paper: {
		title: 'Co-Exploration of Neural Architectures and Heterogeneous ASIC Accelerator Designs Targeting Multiple Tasks',
		arxiv: '2002.04116',
		year: 2020,
		authors: [
			'Lei Yang',
			'Zheyu Yan',
			'Meng Li',
			'Hyoukjun Kwon',
			'Liangzhen Lai',
			'Tushar Krishna',
			'Vikas Chandra',
			'Weiwen Jiang',
			'Yiyu Shi',
		],
		venue: 'DAC 2020',
	},
	runsOn: 'node',
	// A search trains networks for as many episodes as it is told to.
	limits: { seconds: 6 * 3600, bytes: 4 * 2 ** 30 },
};
