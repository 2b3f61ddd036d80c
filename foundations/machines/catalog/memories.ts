import type { Device, FigureSource } from '../device.ts';

const aimPaper: FigureSource = {
	title:
		'Lee et al., A 1ynm 1.25V 8Gb, 16Gb/s/pin GDDR6-based Accelerator-in-Memory supporting 1TFLOPS MAC Operation, ISSCC 2022',
	url: 'https://doi.org/10.1109/ISSCC42614.2022.9731711',
	note: '32 pins at 16 Gb/s; inside, each multiply-accumulate reads one weight of two bytes',
};
const hbmPimPaper: FigureSource = {
	title:
		'Kwon et al., A 20nm 6GB Function-In-Memory DRAM, Based on HBM2 with a 1.2TFLOPS Programmable Computing Unit, ISSCC 2021',
	url: 'https://doi.org/10.1109/ISSCC42613.2021.9365862',
};
const hbmPimSystem: FigureSource = {
	title: 'Lee et al., Hardware Architecture and Software Stack for PIM Based on Commercial DRAM Technology, ISCA 2021',
	url: 'https://doi.org/10.1109/ISCA52012.2021.00013',
	note: '1024 pins at 2.4 Gb/s; inside, four times that',
};
const upmemPaper: FigureSource = {
	title:
		'Gómez-Luna et al., Benchmarking a New Paradigm: An Experimental Analysis of a Real Processing-in-Memory Architecture, arXiv:2105.03814',
	url: 'https://arxiv.org/abs/2105.03814',
	note: 'a module of 128 processors with 64 MB each; inside, two bytes per cycle and processor at 350 MHz; outside, DDR4-2400',
};

/** Memories that compute, one chip, stack or module each. */
export const memoryDevices: readonly Device[] = [
	{
		name: 'gddr6-aim',
		aliases: ['aim'],
		vendor: 'SK hynix',
		kind: 'pim',
		release: '2022-02',
		peakOpsPerSecond: { bf16: 1e12 },
		memory: { kind: 'GDDR6', bytes: 1e9, bandwidthBytesPerSecond: 64e9, internalBandwidthBytesPerSecond: 1e12 },
		links: [],
		sources: { release: aimPaper, peakOpsPerSecond: aimPaper, memory: aimPaper },
	},
	{
		name: 'hbm-pim',
		aliases: ['aquabolt-xl'],
		vendor: 'Samsung',
		kind: 'pim',
		release: '2021-02',
		peakOpsPerSecond: { fp16: 1.2e12 },
		memory: { kind: 'HBM2', bytes: 6e9, bandwidthBytesPerSecond: 307.2e9, internalBandwidthBytesPerSecond: 1228.8e9 },
		links: [],
		sources: { release: hbmPimPaper, peakOpsPerSecond: hbmPimPaper, memory: hbmPimSystem },
	},
	{
		name: 'upmem-dimm',
		aliases: ['upmem'],
		vendor: 'UPMEM',
		kind: 'pim',
		peakOpsPerSecond: {},
		memory: { kind: 'DDR4', bytes: 8e9, bandwidthBytesPerSecond: 19.2e9, internalBandwidthBytesPerSecond: 89.6e9 },
		links: [],
		sources: { memory: upmemPaper },
	},
];
