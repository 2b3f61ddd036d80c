import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'template-system',
	title: 'Template System',
	question: 'How much faster does my program get on more processors?',
	domain: 'template-domain',
	version: 1,
	paper: {
		title: 'Validity of the single processor approach to achieving large scale computing capabilities',
		arxiv: '0000.00000',
		year: 1967,
		authors: ['Gene M. Amdahl'],
	},
	runsOn: 'anywhere',
	limits: { seconds: 1800, bytes: 2 * 2 ** 30 },
};
