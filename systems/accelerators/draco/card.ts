import type { Card } from '@assay/contract';

export const card: Card = {
	slug: 'draco',
	title: 'DRACO: depthwise layers that fill the array',
	question:
		'My MobileNet-like model leaves most of an array idle. Which layers should I change, and to what, to gain utilisation, latency and energy?',
	domain: 'accelerators',
	version: 2,
	paper: {
		title: 'DRACO: Co-Optimizing Hardware Utilization, and Performance of DNNs on Systolic Accelerator',
		arxiv: '2006.15103',
		year: 2020,
		authors: ['Nandan Kumar Jha', 'Shreyas Ravishankar', 'Sparsh Mittal', 'Arvind Kaushik', 'Dipan Mandal', 'Mahesh Chandra'],
		venue: 'ISVLSI 2020',
	},
	runsOn: 'anywhere',
	// Training small networks takes the longest.
	limits: { seconds: 2 * 3600, bytes: 4 * 2 ** 30 },
};
