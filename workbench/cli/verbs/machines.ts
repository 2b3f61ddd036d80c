import { resolve } from 'node:path';
import { catalogueWith, clusterTotals, figuresOf, parseMachineFile } from '@assay/machines';
import { formatBytes, formatNumber, type TextStyle, textTable } from '@assay/report';
import { openFile } from '@assay/sources';
import { workingFolder } from '../read-inputs.ts';
import { print, printJson, terminalStyle } from '../terminal.ts';

interface MachineOptions {
	readonly file?: string;
	readonly json?: true;
}

/** The catalogue, with the user's own machines where a file is named. */
async function catalogueOf(options: MachineOptions) {
	if (options.file === undefined) return catalogueWith({ devices: [], clusters: [] });
	const file = await openFile(resolve(workingFolder(), options.file));
	return catalogueWith(parseMachineFile(await file.text(1024 * 1024), file.name));
}

/** `assay machines list` */
export async function listMachines(options: MachineOptions): Promise<void> {
	const catalogue = await catalogueOf(options);
	const devices = catalogue.listDevices();
	const clusters = catalogue.listClusters();
	if (options.json === true) return printJson({ devices, clusters });
	const style = terminalStyle();
	const rows = devices.map((device) => ({
		name: device.name,
		vendor: device.vendor,
		kind: device.kind,
		release: device.release ?? null,
		dense: tera(device.peakOpsPerSecond.bf16 ?? device.peakOpsPerSecond.fp16),
		int8: tera(device.peakOpsPerSecond.int8),
		memory: device.memory.bytes / 1e9,
		bandwidth: device.memory.bandwidthBytesPerSecond / 1e9,
		power: device.tdpWatts ?? null,
	}));
	const columns = [
		{ key: 'name', label: 'Device' },
		{ key: 'vendor', label: 'Vendor' },
		{ key: 'kind', label: 'Kind' },
		{ key: 'release', label: 'Released' },
		{ key: 'dense', label: '16-bit', unit: 'TFLOP/s' },
		{ key: 'int8', label: 'int8', unit: 'TOP/s' },
		{ key: 'memory', label: 'Memory', unit: 'GB' },
		{ key: 'bandwidth', label: 'Bandwidth', unit: 'GB/s' },
		{ key: 'power', label: 'Power', unit: 'W' },
	];
	print(textTable(columns, rows, style));
	const clusterRows = clusters.map((cluster) => ({
		name: cluster.name ?? null,
		device: typeof cluster.device === 'string' ? cluster.device : cluster.device.name,
		nodes: cluster.nodes,
		perNode: cluster.devicesPerNode,
	}));
	const clusterColumns = [
		{ key: 'name', label: 'Cluster' },
		{ key: 'device', label: 'Device' },
		{ key: 'nodes', label: 'Nodes' },
		{ key: 'perNode', label: 'Devices per node' },
	];
	print(`\n${textTable(clusterColumns, clusterRows, style)}`);
}

/** `assay machines show <machine>` */
export async function showMachine(name: string, options: MachineOptions): Promise<void> {
	const cluster = (await catalogueOf(options)).resolveMachine(name);
	const totals = clusterTotals(cluster);
	if (options.json === true) return printJson({ machine: { ...cluster, totals } });
	const style = terminalStyle();
	const { device } = cluster;
	print(
		`${style.bold(cluster.name)}: ${cluster.nodes} × ${cluster.devicesPerNode} ${device.name} (${device.vendor}, ${device.kind})`,
	);
	const links = [
		['within a node', cluster.intraNode],
		['between nodes', cluster.interNode],
	] as const;
	for (const [where, link] of links) {
		if (link === null) continue;
		print(
			`${where}: ${link.kind}, ${formatNumber(link.bandwidthBytesPerSecond / 1e9)} GB/s per device and direction, ${formatNumber(link.latencySeconds * 1e6)} µs`,
		);
	}
	const rates = Object.entries(device.peakOpsPerSecond).map(([format, rate]) => ({
		format,
		device: rate / 1e12,
		all: (totals.peakOpsPerSecond[format as keyof typeof totals.peakOpsPerSecond] ?? 0) / 1e12,
	}));
	const columns = [
		{ key: 'format', label: 'Format' },
		{ key: 'device', label: 'One device', unit: 'TOP/s' },
		{ key: 'all', label: `All ${totals.devices}`, unit: 'TOP/s' },
	];
	print(`\n${textTable(columns, rates, style)}`);
	print(
		`\nmemory: ${device.memory.kind}, ${formatBytes(device.memory.bytes)} at ${formatNumber(device.memory.bandwidthBytesPerSecond / 1e9)} GB/s each, ${formatBytes(totals.memoryBytes)} in all`,
	);
	if (totals.devicePowerWatts !== null)
		print(`design power: ${formatNumber(device.tdpWatts ?? 0)} W each, ${formatNumber(totals.devicePowerWatts)} W in all`);
	if (totals.nodePowerWatts !== null) print(`power with hosts: ${formatNumber(totals.nodePowerWatts)} W`);
	if (device.priceDollars !== undefined) print(`price: ${formatNumber(device.priceDollars)} $`);
	print(`\n${sourceTable(device, style)}`);
}

function sourceTable(device: Parameters<typeof figuresOf>[0], style: TextStyle): string {
	const rows = figuresOf(device).map((figure) => {
		const source = device.sources[figure];
		return { figure, title: source?.title ?? 'your file', note: source?.note ?? '', url: source?.url ?? '' };
	});
	const columns = [
		{ key: 'figure', label: 'Figure' },
		{ key: 'title', label: 'Source' },
		{ key: 'note', label: 'Note' },
		{ key: 'url', label: 'Address' },
	];
	return textTable(columns, rows, style);
}

const tera = (rate: number | undefined): number | null => (rate === undefined ? null : rate / 1e12);
