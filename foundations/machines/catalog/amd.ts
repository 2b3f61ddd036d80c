import type { Device, FigureSource } from '../device.ts';

const months: FigureSource = { title: 'Wikipedia, AMD Instinct', url: 'https://en.wikipedia.org/wiki/AMD_Instinct' };
const radeonMonths: FigureSource = {
	title: 'Wikipedia, Radeon RX 7000 series',
	url: 'https://en.wikipedia.org/wiki/Radeon_RX_7000_series',
};
const mi100Page: FigureSource = {
	title: 'AMD Instinct MI100 accelerator',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi100.html',
};
const mi210Page: FigureSource = {
	title: 'AMD Instinct MI210 accelerator',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi200/mi210.html',
};
const mi250xPage: FigureSource = {
	title: 'AMD Instinct MI250X accelerator',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi200/mi250x.html',
};
const mi300xPage: FigureSource = {
	title: 'AMD Instinct MI300X accelerator',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi300/mi300x.html',
};
const mi325xPage: FigureSource = {
	title: 'AMD Instinct MI325X accelerator',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi300/mi325x.html',
};
const mi355xPage: FigureSource = {
	title: 'AMD Instinct MI355X GPU',
	url: 'https://www.amd.com/en/products/accelerators/instinct/mi350/mi355x.html',
};
const rx7900xtxPage: FigureSource = {
	title: 'AMD Radeon RX 7900 XTX',
	url: 'https://www.amd.com/en/products/graphics/desktops/radeon/7000-series/amd-radeon-rx-7900xtx.html',
};

/** AMD’s GPUs. */
export const amdDevices: readonly Device[] = [
	{
		name: 'mi100',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2020-11',
		peakOpsPerSecond: { fp64: 11.5e12, fp32: 46.1e12, bf16: 92.3e12, fp16: 184.6e12, int8: 184.6e12 },
		memory: { kind: 'HBM2', bytes: 32e9, bandwidthBytesPerSecond: 1228.8e9 },
		links: [
			{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 138e9, note: '3 links' },
			{ kind: 'pcie', bandwidthBytesPerSecond: 32e9, note: 'Gen4 x16' },
		],
		tdpWatts: 300,
		sources: { release: months, peakOpsPerSecond: mi100Page, memory: mi100Page, links: mi100Page, tdpWatts: mi100Page },
	},
	{
		name: 'mi210',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2022-03',
		peakOpsPerSecond: { fp64: 45.3e12, fp32: 45.3e12, bf16: 181e12, fp16: 181e12, int8: 181e12 },
		memory: { kind: 'HBM2e', bytes: 64e9, bandwidthBytesPerSecond: 1638.4e9 },
		links: [
			{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 150e9, note: '3 links' },
			{ kind: 'pcie', bandwidthBytesPerSecond: 32e9, note: 'Gen4 x16' },
		],
		tdpWatts: 300,
		sources: { release: months, peakOpsPerSecond: mi210Page, memory: mi210Page, links: mi210Page, tdpWatts: mi210Page },
	},
	{
		name: 'mi250x',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2021-11',
		peakOpsPerSecond: { fp64: 95.7e12, fp32: 95.7e12, bf16: 383e12, fp16: 383e12, int8: 383e12 },
		memory: { kind: 'HBM2e', bytes: 128e9, bandwidthBytesPerSecond: 3276.8e9 },
		links: [{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 400e9, note: '8 links' }],
		tdpWatts: 560,
		sources: { release: months, peakOpsPerSecond: mi250xPage, memory: mi250xPage, links: mi250xPage, tdpWatts: mi250xPage },
	},
	{
		name: 'mi300x',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2023-12',
		peakOpsPerSecond: {
			fp64: 163.4e12,
			fp32: 163.4e12,
			tf32: 653.7e12,
			bf16: 1307.4e12,
			fp16: 1307.4e12,
			fp8: 2614.9e12,
			int8: 2614.9e12,
		},
		memory: { kind: 'HBM3', bytes: 192e9, bandwidthBytesPerSecond: 5300e9 },
		links: [
			{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 448e9, note: '7 links' },
			{ kind: 'pcie', bandwidthBytesPerSecond: 64e9, note: 'Gen5 x16' },
		],
		tdpWatts: 750,
		sources: { release: months, peakOpsPerSecond: mi300xPage, memory: mi300xPage, links: mi300xPage, tdpWatts: mi300xPage },
	},
	{
		name: 'mi325x',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2024-10',
		peakOpsPerSecond: {
			fp64: 163.4e12,
			fp32: 163.4e12,
			tf32: 653.7e12,
			bf16: 1307.4e12,
			fp16: 1307.4e12,
			fp8: 2614.9e12,
			int8: 2614.9e12,
		},
		memory: { kind: 'HBM3e', bytes: 256e9, bandwidthBytesPerSecond: 6000e9 },
		links: [
			{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 448e9, note: '7 links' },
			{ kind: 'pcie', bandwidthBytesPerSecond: 64e9, note: 'Gen5 x16' },
		],
		tdpWatts: 1000,
		sources: { release: months, peakOpsPerSecond: mi325xPage, memory: mi325xPage, links: mi325xPage, tdpWatts: mi325xPage },
	},
	{
		name: 'mi355x',
		aliases: [],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2025-06',
		peakOpsPerSecond: {
			fp64: 78.6e12,
			fp32: 157.3e12,
			bf16: 2516.6e12,
			fp16: 2516.6e12,
			fp8: 5033.2e12,
			fp6: 10066.3e12,
			fp4: 10066.3e12,
			int8: 5033.2e12,
		},
		memory: { kind: 'HBM3e', bytes: 288e9, bandwidthBytesPerSecond: 8000e9 },
		links: [
			{ kind: 'infinity-fabric', bandwidthBytesPerSecond: 537.6e9, note: '7 links' },
			{ kind: 'pcie', bandwidthBytesPerSecond: 64e9, note: 'Gen5 x16' },
		],
		tdpWatts: 1400,
		sources: { release: months, peakOpsPerSecond: mi355xPage, memory: mi355xPage, links: mi355xPage, tdpWatts: mi355xPage },
	},
	{
		name: 'rx-7900-xtx',
		aliases: ['7900-xtx'],
		vendor: 'AMD',
		kind: 'gpu',
		release: '2022-11',
		peakOpsPerSecond: { fp32: 61.4e12, bf16: 122.8e12, fp16: 122.8e12, int8: 122.8e12 },
		memory: { kind: 'GDDR6', bytes: 24e9, bandwidthBytesPerSecond: 960e9 },
		links: [{ kind: 'pcie', bandwidthBytesPerSecond: 32e9, note: 'Gen4 x16' }],
		tdpWatts: 355,
		priceDollars: 999,
		sources: {
			priceDollars: { ...radeonMonths, note: 'launch price in the United States' },
			release: radeonMonths,
			peakOpsPerSecond: rx7900xtxPage,
			memory: rx7900xtxPage,
			links: rx7900xtxPage,
			tdpWatts: rx7900xtxPage,
		},
	},
];
