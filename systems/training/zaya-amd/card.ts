import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'zaya-amd',
	title: 'Training on a full AMD platform: widths, network, failures and checkpoints',
	question:
		'On this GPU and network, which widths and which parallel layout should my model have, how long will training take, and what will failures and checkpoints cost?',
	domain: 'training',
	version: 1,
	paper: {
		title: 'Training Foundation Models on a Full-Stack AMD Platform: Compute, Networking, and System Design',
		arxiv: '2511.17127',
		year: 2025,
		authors: ['Zyphra'],
	},
	runsOn: 'anywhere',
	// A checkpoint that is reshaped is held in memory.
	limits: { seconds: 3600, bytes: 10 * 2 ** 30 },
};
