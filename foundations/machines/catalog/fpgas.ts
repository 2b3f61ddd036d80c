import type { Device, FigureSource } from '../device.ts';

const u200Sheet: FigureSource = {
	title: 'Alveo U200 and U250 Data Center Accelerator Cards Data Sheet (DS962)',
	url: 'https://docs.amd.com/r/en-US/ds962-u200-u250',
};
const u280Sheet: FigureSource = {
	title: 'Alveo U280 Data Center Accelerator Card Data Sheet (DS963)',
	url: 'https://docs.amd.com/r/en-US/ds963-u280',
};
const ultraScaleTable: FigureSource = {
	title: 'UltraScale+ FPGA Product Selection Guide',
	url: 'https://docs.amd.com/v/u/en-US/ultrascale-plus-fpga-product-selection-guide',
};
const zynq7Table: FigureSource = {
	title: 'Zynq-7000 SoC Product Selection Guide',
	url: 'https://docs.amd.com/v/u/en-US/zynq-7000-product-selection-guide',
};
const versalTable: FigureSource = {
	title: 'Versal AI Core Series Product Selection Guide',
	url: 'https://docs.amd.com/v/u/en-US/versal-ai-core-product-selection-guide',
};
const vcu118Guide: FigureSource = {
	title: 'VCU118 Evaluation Board User Guide (UG1224)',
	url: 'https://docs.amd.com/v/u/en-US/ug1224-vcu118-eval-bd',
	note: 'two 64-bit banks of 4 GB DDR4-2400',
};
const vck190Guide: FigureSource = {
	title: 'VCK190 Evaluation Board User Guide (UG1366)',
	url: 'https://docs.amd.com/r/en-US/ug1366-vck190-eval-bd',
	note: 'the 64-bit DDR4-3200 module of 8 GB',
};
const pynqPage: FigureSource = {
	title: 'TUL PYNQ-Z2',
	url: 'https://www.tulembedded.com/FPGA/ProductsPYNQ-Z2.html',
	note: '16 bits of DDR3 at 1050 Mb/s',
};

/** FPGA boards. What one computes depends on the design; the only rates are those the vendor prints for int8. */
export const fpgaDevices: readonly Device[] = [
	{
		name: 'alveo-u200',
		aliases: ['u200'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: { int8: 18.6e12 },
		memory: { kind: 'DDR4', bytes: 64e9, bandwidthBytesPerSecond: 77e9 },
		links: [{ kind: 'pcie', bandwidthBytesPerSecond: 16e9, note: 'Gen3 x16' }],
		tdpWatts: 225,
		fabric: { lookUpTables: 1182000, flipFlops: 2364000, dspSlices: 6840, blockRams: 2160, ultraRams: 960 },
		sources: { peakOpsPerSecond: u200Sheet, memory: u200Sheet, links: u200Sheet, tdpWatts: u200Sheet, fabric: u200Sheet },
	},
	{
		name: 'alveo-u250',
		aliases: ['u250'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: { int8: 33.3e12 },
		memory: { kind: 'DDR4', bytes: 64e9, bandwidthBytesPerSecond: 77e9 },
		links: [{ kind: 'pcie', bandwidthBytesPerSecond: 16e9, note: 'Gen3 x16' }],
		tdpWatts: 225,
		fabric: { lookUpTables: 1728000, flipFlops: 3456000, dspSlices: 12288, blockRams: 2688, ultraRams: 1280 },
		sources: { peakOpsPerSecond: u200Sheet, memory: u200Sheet, links: u200Sheet, tdpWatts: u200Sheet, fabric: u200Sheet },
	},
	{
		name: 'alveo-u280',
		aliases: ['u280'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: { int8: 24.5e12 },
		memory: { kind: 'HBM2', bytes: 8e9, bandwidthBytesPerSecond: 460e9 },
		links: [{ kind: 'pcie', bandwidthBytesPerSecond: 16e9, note: 'Gen3 x16 or Gen4 x8' }],
		tdpWatts: 225,
		fabric: { lookUpTables: 1304000, flipFlops: 2607000, dspSlices: 9024, blockRams: 2016, ultraRams: 960 },
		sources: { peakOpsPerSecond: u280Sheet, memory: u280Sheet, links: u280Sheet, tdpWatts: u280Sheet, fabric: u280Sheet },
	},
	{
		name: 'vck190',
		aliases: ['versal-vc1902'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: { int8: 133e12 },
		memory: { kind: 'DDR4', bytes: 8e9, bandwidthBytesPerSecond: 25.6e9 },
		links: [],
		fabric: { lookUpTables: 899840, flipFlops: 1799680, dspSlices: 1968, blockRams: 967, ultraRams: 463 },
		sources: { peakOpsPerSecond: versalTable, memory: vck190Guide, fabric: versalTable },
	},
	{
		name: 'vcu118',
		aliases: ['vu9p'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: {},
		memory: { kind: 'DDR4', bytes: 8e9, bandwidthBytesPerSecond: 38.4e9 },
		links: [{ kind: 'pcie', bandwidthBytesPerSecond: 16e9, note: 'Gen3 x16' }],
		fabric: { lookUpTables: 1182240, flipFlops: 2364480, dspSlices: 6840, blockRams: 2160, ultraRams: 960 },
		sources: { memory: vcu118Guide, links: vcu118Guide, fabric: ultraScaleTable },
	},
	{
		name: 'pynq-z2',
		aliases: ['zynq-7020'],
		vendor: 'AMD Xilinx',
		kind: 'fpga',
		peakOpsPerSecond: {},
		memory: { kind: 'DDR3', bytes: 512e6, bandwidthBytesPerSecond: 2.1e9 },
		links: [],
		fabric: { lookUpTables: 53200, flipFlops: 106400, dspSlices: 220, blockRams: 140, ultraRams: 0 },
		sources: { memory: pynqPage, fabric: zynq7Table },
	},
];
