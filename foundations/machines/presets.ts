/** Clusters by name: nodes that are sold as such, and pods. A device that comes in one of them takes its node from the first. */
import type { ClusterDescription } from './cluster.ts';
import type { HostDescription } from './host.ts';

type Preset = ClusterDescription & { readonly name: string };

/** Bytes per second of a network port, from its bits. */
const gigabits = (bits: number): number => (bits * 1e9) / 8;

const datacenterDrive = {
	kind: 'NVMe U.2, PCIe Gen4',
	bytesPerDrive: 3.84e12,
	readBytesPerSecondPerDrive: 6.5e9,
	writeBytesPerSecondPerDrive: 3.4e9,
} as const;
const driveNote = 'rates of the drives are those of a usual 3.84 TB Gen4 data-centre drive; the data sheet names none';

const consumerDrives = {
	kind: 'NVMe M.2, PCIe Gen4',
	drives: 2,
	bytesPerDrive: 2e12,
	readBytesPerSecondPerDrive: 7e9,
	writeBytesPerSecondPerDrive: 6e9,
	priceDollarsPerDrive: 150,
} as const;

/** A desktop computer as many people have one; no product, so its figures are stated and not sourced. */
function workstation(name: string, device: string, host: HostDescription): Preset {
	return {
		name,
		aliases: [],
		device,
		nodes: 1,
		devicesPerNode: 1,
		host,
		source: {
			title: 'An assumed desktop computer',
			url: 'https://en.wikipedia.org/wiki/DDR5_SDRAM',
			note: 'two channels of DDR5-5600 and two M.2 drives with the usual data-sheet rates; bring your own figures in a machine file',
		},
	};
}

const desktopHost: HostDescription = {
	processor: 'desktop processor, two channels of DDR5-5600',
	memoryBytes: 128e9,
	memoryBandwidthBytesPerSecond: 89.6e9,
	storage: consumerDrives,
};

/** Every preset. Network bandwidth is the node's ports for traffic between nodes, divided by its devices. */
export const presets: readonly Preset[] = [
	{
		name: 'dgx-v100',
		aliases: ['dgx-1', 'dgx1-v100'],
		device: 'v100-sxm2-32gb',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 150e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: (4 * gigabits(100)) / 8 },
		nodePowerWatts: 3500,
		source: {
			title: 'NVIDIA DGX-1 with Tesla V100 system architecture white paper',
			url: 'https://images.nvidia.com/content/pdf/dgx1-v100-system-architecture-whitepaper.pdf',
			note: 'four ports of 100 Gb/s InfiniBand for eight GPUs',
		},
	},
	{
		name: 'dgx-2',
		aliases: [],
		device: 'v100-sxm2-32gb',
		nodes: 1,
		devicesPerNode: 16,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 150e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: (8 * gigabits(100)) / 16 },
		nodePowerWatts: 10_000,
		host: {
			processor: '2x Xeon Platinum 8168',
			memoryBytes: 1.5e12,
			memoryBandwidthBytesPerSecond: 2 * 6 * 21.328e9,
			storage: {
				...datacenterDrive,
				kind: 'NVMe U.2, PCIe Gen3',
				drives: 8,
				readBytesPerSecondPerDrive: 3.2e9,
				writeBytesPerSecondPerDrive: 1.9e9,
			},
		},
		source: {
			title: 'NVIDIA DGX-2 data sheet',
			url: 'https://www.nvidia.com/en-us/data-center/dgx-2/',
			note: `eight ports of 100 Gb/s for sixteen GPUs; ${driveNote}`,
		},
	},
	{
		name: 'dgx-a100',
		aliases: ['dgx-a100-80gb', 'hgx-a100'],
		device: 'a100-sxm-80gb',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 300e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: gigabits(200) },
		nodePowerWatts: 6500,
		host: {
			processor: '2x EPYC 7742',
			memoryBytes: 2e12,
			memoryBandwidthBytesPerSecond: 2 * 8 * 25.6e9,
			storage: { ...datacenterDrive, drives: 8 },
		},
		source: {
			title: 'NVIDIA DGX A100 data sheet',
			url: 'https://www.nvidia.com/en-us/data-center/dgx-a100/',
			note: `eight ports of 200 Gb/s InfiniBand for the compute network; ${driveNote}`,
		},
	},
	{
		name: 'dgx-a100-40gb',
		aliases: [],
		device: 'a100-sxm-40gb',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 300e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: gigabits(200) },
		nodePowerWatts: 6500,
		host: {
			processor: '2x EPYC 7742',
			memoryBytes: 1e12,
			memoryBandwidthBytesPerSecond: 2 * 8 * 25.6e9,
			storage: { ...datacenterDrive, drives: 4 },
		},
		source: {
			title: 'NVIDIA DGX A100 data sheet',
			url: 'https://www.nvidia.com/en-us/data-center/dgx-a100/',
			note: `eight ports of 200 Gb/s InfiniBand for the compute network; ${driveNote}`,
		},
	},
	{
		name: 'dgx-h100',
		aliases: ['hgx-h100'],
		device: 'h100-sxm',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 450e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: gigabits(400) },
		nodePowerWatts: 10_200,
		host: {
			processor: '2x Xeon Platinum 8480C',
			memoryBytes: 2e12,
			memoryBandwidthBytesPerSecond: 2 * 8 * 38.4e9,
			storage: { ...datacenterDrive, drives: 8 },
		},
		source: {
			title: 'NVIDIA DGX H100 data sheet',
			url: 'https://www.nvidia.com/en-us/data-center/dgx-h100/',
			note: `eight ports of 400 Gb/s InfiniBand for the compute network; ${driveNote}`,
		},
	},
	{
		name: 'dgx-h200',
		aliases: ['hgx-h200'],
		device: 'h200',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 450e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: gigabits(400) },
		nodePowerWatts: 10_200,
		host: {
			processor: '2x Xeon Platinum 8480C',
			memoryBytes: 2e12,
			memoryBandwidthBytesPerSecond: 2 * 8 * 38.4e9,
			storage: { ...datacenterDrive, drives: 8 },
		},
		source: { title: 'NVIDIA DGX H200 data sheet', url: 'https://www.nvidia.com/en-us/data-center/dgx-h200/', note: driveNote },
	},
	{
		name: 'dgx-b200',
		aliases: ['hgx-b200'],
		device: 'b200',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 900e9 },
		interNode: { kind: 'infiniband', bandwidthBytesPerSecond: gigabits(400) },
		nodePowerWatts: 14_300,
		host: {
			processor: '2x Xeon Platinum 8570',
			memoryBytes: 2e12,
			memoryBandwidthBytesPerSecond: 2 * 8 * 44.8e9,
			storage: { ...datacenterDrive, drives: 8 },
		},
		source: { title: 'NVIDIA DGX B200 data sheet', url: 'https://www.nvidia.com/en-us/data-center/dgx-b200/', note: driveNote },
	},
	{
		name: 'gb200-nvl72',
		aliases: ['nvl72'],
		device: 'gb200',
		nodes: 1,
		devicesPerNode: 72,
		intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: 900e9 },
		source: { title: 'NVIDIA GB200 NVL72', url: 'https://www.nvidia.com/en-us/data-center/gb200-nvl72/' },
	},
	{
		name: 'mi300x-platform',
		aliases: [],
		device: 'mi300x',
		nodes: 1,
		devicesPerNode: 8,
		intraNode: { kind: 'infinity-fabric', bandwidthBytesPerSecond: 448e9 },
		source: {
			title: 'AMD Instinct MI300X platform data sheet',
			url: 'https://www.amd.com/en/products/accelerators/instinct/mi300/platform.html',
			note: 'seven links of 128 GB/s, both directions together, one to each other device',
		},
	},
	{
		name: 'tpu-v4-pod',
		aliases: [],
		device: 'tpu-v4',
		nodes: 1,
		devicesPerNode: 4096,
		intraNode: { kind: 'ici', bandwidthBytesPerSecond: 300e9 },
		source: { title: 'Jouppi et al., TPU v4, arXiv:2304.01433', url: 'https://arxiv.org/abs/2304.01433' },
	},
	{
		name: 'tpu-v5e-pod',
		aliases: [],
		device: 'tpu-v5e',
		nodes: 1,
		devicesPerNode: 256,
		intraNode: { kind: 'ici', bandwidthBytesPerSecond: 200e9 },
		source: { title: 'Cloud TPU documentation, TPU v5e', url: 'https://docs.cloud.google.com/tpu/docs/v5e' },
	},
	{
		name: 'tpu-v5p-pod',
		aliases: [],
		device: 'tpu-v5p',
		nodes: 1,
		devicesPerNode: 8960,
		intraNode: { kind: 'ici', bandwidthBytesPerSecond: 600e9 },
		source: { title: 'Cloud TPU documentation, TPU v5p', url: 'https://docs.cloud.google.com/tpu/docs/v5p-training' },
	},
	{
		name: 'tpu-v6e-pod',
		aliases: [],
		device: 'tpu-v6e',
		nodes: 1,
		devicesPerNode: 256,
		intraNode: { kind: 'ici', bandwidthBytesPerSecond: 400e9 },
		source: { title: 'Cloud TPU documentation, TPU v6e', url: 'https://docs.cloud.google.com/tpu/docs/v6e' },
	},
	workstation('workstation-3090', 'rtx-3090', { ...desktopHost, memoryBytes: 64e9 }),
	workstation('workstation-4090', 'rtx-4090', desktopHost),
	workstation('workstation-5090', 'rtx-5090', { ...desktopHost, memoryBytes: 192e9 }),
];
