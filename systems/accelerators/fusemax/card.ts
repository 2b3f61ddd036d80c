import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'fusemax',
	title: 'FuseMax: attention on a spatial array in one pass',
	question:
		'For my transformer and my accelerator, how fast and at what energy can attention run, which formulation should I use, and what limits it?',
	domain: 'accelerators',
	version: 2,
	paper: {
		title: 'FuseMax: Leveraging Extended Einsums to Optimize Attention Accelerator Design',
		arxiv: '2406.10491',
		year: 2024,
		authors: [
			'Nandeeka Nayak',
			'Xinrui Wu',
			'Toluwanimi O. Odemuyiwa',
			'Michael Pellauer',
			'Joel S. Emer',
			'Christopher W. Fletcher',
		],
		venue: 'MICRO 2024',
		code: 'https://github.com/FPSG-UIUC/micro24-fusemax-artifact',
	},
	runsOn: 'anywhere',
	limits: { seconds: 1800, bytes: 2 * 2 ** 30 },
};
