import type { Device, FigureSource } from '../device.ts';

const xeonMonths: FigureSource = { title: 'Wikipedia, Sapphire Rapids', url: 'https://en.wikipedia.org/wiki/Sapphire_Rapids' };
const xeon6Months: FigureSource = { title: 'Wikipedia, Granite Rapids', url: 'https://en.wikipedia.org/wiki/Granite_Rapids' };
const epycMonths: FigureSource = { title: 'Wikipedia, Epyc', url: 'https://en.wikipedia.org/wiki/Epyc' };
const xeon8480Ark: FigureSource = {
	title: 'Intel Xeon Platinum 8480+ specifications',
	url: 'https://www.intel.com/content/www/us/en/products/sku/231746/intel-xeon-platinum-8480-processor-105m-cache-2-00-ghz/specifications.html',
	note: 'bandwidth of eight channels of DDR5-4800',
};
const xeon8480Peak: FigureSource = {
	title: 'Intel Xeon Platinum 8480+ specifications',
	url: 'https://www.intel.com/content/www/us/en/products/sku/231746/intel-xeon-platinum-8480-processor-105m-cache-2-00-ghz/specifications.html',
	note: '56 cores at the base clock of 2.0 GHz; per core and cycle 64 fp32 (two AVX-512 units), 1024 bf16 and 2048 int8 operations (AMX)',
};
const xeon6980Ark: FigureSource = {
	title: 'Intel Xeon 6980P specifications',
	url: 'https://www.intel.com/content/www/us/en/products/sku/240777/intel-xeon-6980p-processor-504m-cache-2-00-ghz/specifications.html',
	note: 'bandwidth of twelve channels of DDR5-6400',
};
const xeon6980Peak: FigureSource = {
	title: 'Intel Xeon 6980P specifications',
	url: 'https://www.intel.com/content/www/us/en/products/sku/240777/intel-xeon-6980p-processor-504m-cache-2-00-ghz/specifications.html',
	note: '128 cores at the base clock of 2.0 GHz; per core and cycle 64 fp32 (two AVX-512 units), 1024 bf16 and fp16, 2048 int8 operations (AMX)',
};
const epyc9654Page: FigureSource = {
	title: 'AMD EPYC 9654',
	url: 'https://www.amd.com/en/products/processors/server/epyc/4th-generation-9004-and-8004-series/amd-epyc-9654.html',
	note: 'bandwidth of twelve channels of DDR5-4800',
};
const epyc9654Peak: FigureSource = {
	title: 'AMD EPYC 9654',
	url: 'https://www.amd.com/en/products/processors/server/epyc/4th-generation-9004-and-8004-series/amd-epyc-9654.html',
	note: '96 cores at the base clock of 2.4 GHz; per core and cycle 16 fp64, 32 fp32 and 64 bf16 operations (two 256-bit units)',
};
const epyc9754Page: FigureSource = {
	title: 'AMD EPYC 9754',
	url: 'https://www.amd.com/en/products/processors/server/epyc/4th-generation-9004-and-8004-series/amd-epyc-9754.html',
	note: 'bandwidth of twelve channels of DDR5-4800',
};
const epyc9754Peak: FigureSource = {
	title: 'AMD EPYC 9754',
	url: 'https://www.amd.com/en/products/processors/server/epyc/4th-generation-9004-and-8004-series/amd-epyc-9754.html',
	note: '128 cores at the base clock of 2.25 GHz; per core and cycle 16 fp64, 32 fp32 and 64 bf16 operations (two 256-bit units)',
};
const altraPage: FigureSource = {
	title: 'Ampere Altra Max 64-bit multi-core processor',
	url: 'https://amperecomputing.com/briefs/ampere-altra-family-product-brief',
	note: 'bandwidth of eight channels of DDR4-3200',
};
const altraPeak: FigureSource = {
	title: 'Ampere Altra Max 64-bit multi-core processor',
	url: 'https://amperecomputing.com/briefs/ampere-altra-family-product-brief',
	note: '128 cores at 3.0 GHz; per core and cycle 8 fp64, 16 fp32 and 32 fp16 operations (two 128-bit units)',
};
const graceSheet: FigureSource = {
	title: 'NVIDIA Grace CPU Superchip data sheet',
	url: 'https://www.nvidia.com/en-us/data-center/grace-cpu-superchip/',
};

const raspberryPage: FigureSource = {
	title: 'Raspberry Pi 5 product brief',
	url: 'https://datasheets.raspberrypi.com/rpi5/raspberry-pi-5-product-brief.pdf',
	note: '16 GB model; bandwidth of a 32-bit channel of LPDDR4X-4267',
};
const raspberryPeak: FigureSource = {
	title: 'Raspberry Pi 5 product brief',
	url: 'https://datasheets.raspberrypi.com/rpi5/raspberry-pi-5-product-brief.pdf',
	note: 'four Cortex-A76 at 2.4 GHz; per core and cycle 16 fp32, 32 fp16 and 64 int8 operations (two 128-bit units, dot products)',
};

/** Server processors, one socket each, and a small computer. Rates are derived from cores, base clock and the widest units, and say so. */
export const cpuDevices: readonly Device[] = [
	{
		name: 'xeon-8480+',
		aliases: ['xeon-8480', 'sapphire-rapids'],
		vendor: 'Intel',
		kind: 'cpu',
		release: '2023-01',
		peakOpsPerSecond: { fp32: 7.168e12, bf16: 114.688e12, int8: 229.376e12 },
		memory: { kind: 'DDR5', bytes: 4e12, bandwidthBytesPerSecond: 307.2e9 },
		links: [],
		tdpWatts: 350,
		sources: { release: xeonMonths, peakOpsPerSecond: xeon8480Peak, memory: xeon8480Ark, tdpWatts: xeon8480Ark },
	},
	{
		name: 'xeon-6980p',
		aliases: ['granite-rapids'],
		vendor: 'Intel',
		kind: 'cpu',
		release: '2024-09',
		peakOpsPerSecond: { fp32: 16.384e12, bf16: 262.144e12, fp16: 262.144e12, int8: 524.288e12 },
		memory: { kind: 'DDR5', bytes: 3e12, bandwidthBytesPerSecond: 614.4e9 },
		links: [],
		tdpWatts: 500,
		sources: { release: xeon6Months, peakOpsPerSecond: xeon6980Peak, memory: xeon6980Ark, tdpWatts: xeon6980Ark },
	},
	{
		name: 'epyc-9654',
		aliases: ['genoa'],
		vendor: 'AMD',
		kind: 'cpu',
		release: '2022-11',
		peakOpsPerSecond: { fp64: 3.6864e12, fp32: 7.3728e12, bf16: 14.7456e12 },
		memory: { kind: 'DDR5', bytes: 6e12, bandwidthBytesPerSecond: 460.8e9 },
		links: [],
		tdpWatts: 360,
		sources: { release: epycMonths, peakOpsPerSecond: epyc9654Peak, memory: epyc9654Page, tdpWatts: epyc9654Page },
	},
	{
		name: 'epyc-9754',
		aliases: ['bergamo'],
		vendor: 'AMD',
		kind: 'cpu',
		release: '2023-06',
		peakOpsPerSecond: { fp64: 4.608e12, fp32: 9.216e12, bf16: 18.432e12 },
		memory: { kind: 'DDR5', bytes: 6e12, bandwidthBytesPerSecond: 460.8e9 },
		links: [],
		tdpWatts: 360,
		sources: { release: epycMonths, peakOpsPerSecond: epyc9754Peak, memory: epyc9754Page, tdpWatts: epyc9754Page },
	},
	{
		name: 'altra-max-m128-30',
		aliases: ['altra-max'],
		vendor: 'Ampere',
		kind: 'cpu',
		peakOpsPerSecond: { fp64: 3.072e12, fp32: 6.144e12, fp16: 12.288e12 },
		memory: { kind: 'DDR4', bytes: 4e12, bandwidthBytesPerSecond: 204.8e9 },
		links: [],
		tdpWatts: 250,
		sources: { peakOpsPerSecond: altraPeak, memory: altraPage, tdpWatts: altraPage },
	},
	{
		name: 'grace-superchip',
		aliases: ['grace'],
		vendor: 'NVIDIA',
		kind: 'cpu',
		peakOpsPerSecond: { fp64: 7.1e12 },
		memory: { kind: 'LPDDR5X', bytes: 960e9, bandwidthBytesPerSecond: 1e12 },
		links: [],
		tdpWatts: 500,
		sources: { peakOpsPerSecond: graceSheet, memory: graceSheet, tdpWatts: graceSheet },
	},
	{
		name: 'raspberry-pi-5',
		aliases: ['rpi5'],
		vendor: 'Raspberry Pi',
		kind: 'cpu',
		release: '2023-09',
		peakOpsPerSecond: { fp32: 153.6e9, fp16: 307.2e9, int8: 614.4e9 },
		memory: { kind: 'LPDDR4X', bytes: 16e9, bandwidthBytesPerSecond: 17.1e9 },
		links: [],
		sources: { release: raspberryPage, peakOpsPerSecond: raspberryPeak, memory: raspberryPage },
	},
];
