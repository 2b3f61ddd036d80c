import type { Device, FigureSource } from '../device.ts';

const months: FigureSource = {
	title: 'Wikipedia, Tensor Processing Unit',
	url: 'https://en.wikipedia.org/wiki/Tensor_Processing_Unit',
};
const v4Paper: FigureSource = {
	title: 'Jouppi et al., TPU v4: An Optically Reconfigurable Supercomputer for Machine Learning, arXiv:2304.01433',
	url: 'https://arxiv.org/abs/2304.01433',
};
const v5eDocs: FigureSource = {
	title: 'Cloud TPU documentation, TPU v5e',
	url: 'https://docs.cloud.google.com/tpu/docs/v5e',
	note: 'link bandwidth is half of the printed bidirectional one',
};
const v5pDocs: FigureSource = {
	title: 'Cloud TPU documentation, TPU v5p',
	url: 'https://docs.cloud.google.com/tpu/docs/v5p-training',
	note: 'link bandwidth is half of the printed bidirectional one',
};
const v6eDocs: FigureSource = {
	title: 'Cloud TPU documentation, TPU v6e',
	url: 'https://docs.cloud.google.com/tpu/docs/v6e',
	note: 'link bandwidth is half of the printed bidirectional one',
};

/** Google’s TPUs. */
export const googleDevices: readonly Device[] = [
	{
		name: 'tpu-v3',
		aliases: [],
		vendor: 'Google',
		kind: 'tpu',
		release: '2018-05',
		peakOpsPerSecond: { bf16: 123e12 },
		memory: { kind: 'HBM2', bytes: 32e9, bandwidthBytesPerSecond: 900e9 },
		links: [{ kind: 'ici', bandwidthBytesPerSecond: 280e9, note: '4 links' }],
		sources: { release: months, peakOpsPerSecond: v4Paper, memory: v4Paper, links: v4Paper },
	},
	{
		name: 'tpu-v4',
		aliases: [],
		vendor: 'Google',
		kind: 'tpu',
		release: '2021-05',
		peakOpsPerSecond: { bf16: 275e12, int8: 275e12 },
		memory: { kind: 'HBM2', bytes: 32e9, bandwidthBytesPerSecond: 1200e9 },
		links: [{ kind: 'ici', bandwidthBytesPerSecond: 300e9, note: '6 links' }],
		sources: { release: months, peakOpsPerSecond: v4Paper, memory: v4Paper, links: v4Paper },
	},
	{
		name: 'tpu-v5e',
		aliases: ['tpu-v5lite'],
		vendor: 'Google',
		kind: 'tpu',
		release: '2023-08',
		peakOpsPerSecond: { bf16: 197e12, int8: 393e12 },
		memory: { kind: 'HBM2', bytes: 16e9, bandwidthBytesPerSecond: 819e9 },
		links: [{ kind: 'ici', bandwidthBytesPerSecond: 200e9, note: '4 links' }],
		sources: { release: months, peakOpsPerSecond: v5eDocs, memory: v5eDocs, links: v5eDocs },
	},
	{
		name: 'tpu-v5p',
		aliases: [],
		vendor: 'Google',
		kind: 'tpu',
		release: '2023-12',
		peakOpsPerSecond: { bf16: 459e12 },
		memory: { kind: 'HBM2e', bytes: 95e9, bandwidthBytesPerSecond: 2765e9 },
		links: [{ kind: 'ici', bandwidthBytesPerSecond: 600e9, note: '6 links' }],
		sources: { release: months, peakOpsPerSecond: v5pDocs, memory: v5pDocs, links: v5pDocs },
	},
	{
		name: 'tpu-v6e',
		aliases: ['trillium'],
		vendor: 'Google',
		kind: 'tpu',
		release: '2024-05',
		peakOpsPerSecond: { bf16: 918e12, int8: 1836e12 },
		memory: { kind: 'HBM', bytes: 32e9, bandwidthBytesPerSecond: 1638e9 },
		links: [{ kind: 'ici', bandwidthBytesPerSecond: 400e9, note: '4 links' }],
		sources: { release: months, peakOpsPerSecond: v6eDocs, memory: v6eDocs, links: v6eDocs },
	},
];
