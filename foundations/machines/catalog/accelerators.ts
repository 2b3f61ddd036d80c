import type { Device, FigureSource } from '../device.ts';

const gaudiMonths: FigureSource = { title: 'Wikipedia, Habana Labs', url: 'https://en.wikipedia.org/wiki/Habana_Labs' };
const gaudi2Paper: FigureSource = {
	title: 'Intel Gaudi 2 white paper',
	url: 'https://www.intel.com/content/www/us/en/content-details/784830/intel-gaudi-2-ai-accelerator-white-paper.html',
	note: '24 Ethernet ports of 100 Gb/s',
};
const gaudi3Paper: FigureSource = {
	title: 'Intel Gaudi 3 AI accelerator white paper',
	url: 'https://www.intel.com/content/www/us/en/content-details/817486/intel-gaudi-3-ai-accelerator-white-paper.html',
	note: '24 Ethernet ports of 200 Gb/s',
};
const trainiumDocs: FigureSource = {
	title: 'AWS Neuron documentation, Trainium architecture',
	url: 'https://awsdocs-neuron.readthedocs-hosted.com/en/latest/general/arch/neuron-hardware/trainium.html',
};
const inferentia2Docs: FigureSource = {
	title: 'AWS Neuron documentation, Inferentia2 architecture',
	url: 'https://awsdocs-neuron.readthedocs-hosted.com/en/latest/general/arch/neuron-hardware/inferentia2.html',
};
const trainium2Docs: FigureSource = {
	title: 'AWS Neuron documentation, Trainium2 architecture',
	url: 'https://awsdocs-neuron.readthedocs-hosted.com/en/v2.29.0/_sources/about-neuron/arch/neuron-hardware/trainium2.rst',
};

/** Accelerators of other makers for machine learning. */
export const acceleratorDevices: readonly Device[] = [
	{
		name: 'gaudi2',
		aliases: ['gaudi-2'],
		vendor: 'Intel',
		kind: 'accelerator',
		release: '2022-05',
		peakOpsPerSecond: { bf16: 432e12, fp8: 865e12 },
		memory: { kind: 'HBM2e', bytes: 96e9, bandwidthBytesPerSecond: 2460e9 },
		links: [{ kind: 'ethernet', bandwidthBytesPerSecond: 300e9, note: '24 ports' }],
		tdpWatts: 600,
		sources: {
			release: gaudiMonths,
			peakOpsPerSecond: gaudi2Paper,
			memory: gaudi2Paper,
			links: gaudi2Paper,
			tdpWatts: gaudi2Paper,
		},
	},
	{
		name: 'gaudi3',
		aliases: ['gaudi-3'],
		vendor: 'Intel',
		kind: 'accelerator',
		release: '2024-04',
		peakOpsPerSecond: { bf16: 1835e12, fp8: 1835e12 },
		memory: { kind: 'HBM2e', bytes: 128e9, bandwidthBytesPerSecond: 3700e9 },
		links: [{ kind: 'ethernet', bandwidthBytesPerSecond: 600e9, note: '24 ports' }],
		tdpWatts: 900,
		sources: {
			release: gaudiMonths,
			peakOpsPerSecond: gaudi3Paper,
			memory: gaudi3Paper,
			links: gaudi3Paper,
			tdpWatts: gaudi3Paper,
		},
	},
	{
		name: 'trainium',
		aliases: ['trainium1'],
		vendor: 'AWS',
		kind: 'accelerator',
		peakOpsPerSecond: { fp32: 47.5e12, tf32: 190e12, bf16: 190e12, fp16: 190e12, fp8: 190e12, int8: 380e12 },
		memory: { kind: 'HBM', bytes: 32 * 2 ** 30, bandwidthBytesPerSecond: 820e9 },
		links: [],
		sources: { peakOpsPerSecond: trainiumDocs, memory: trainiumDocs },
	},
	{
		name: 'inferentia2',
		aliases: [],
		vendor: 'AWS',
		kind: 'accelerator',
		peakOpsPerSecond: { fp32: 47.5e12, tf32: 190e12, bf16: 190e12, fp16: 190e12, fp8: 190e12, int8: 380e12 },
		memory: { kind: 'HBM', bytes: 32 * 2 ** 30, bandwidthBytesPerSecond: 820e9 },
		links: [],
		sources: { peakOpsPerSecond: inferentia2Docs, memory: inferentia2Docs },
	},
	{
		name: 'trainium2',
		aliases: [],
		vendor: 'AWS',
		kind: 'accelerator',
		peakOpsPerSecond: { fp32: 181e12, tf32: 667e12, bf16: 667e12, fp16: 667e12, fp8: 1299e12 },
		memory: { kind: 'HBM', bytes: 96 * 2 ** 30, bandwidthBytesPerSecond: 2.9e12 },
		links: [],
		sources: { peakOpsPerSecond: trainium2Docs, memory: trainium2Docs },
	},
];
