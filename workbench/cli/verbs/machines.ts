import { resolve } from 'node:path';
import { catalogueWith, clusterTable, clusterTotals, deviceTable, figuresOf, parseMachineFile, rateTable } from '@assay/machines';
import { formatBytes, formatNumber } from '@assay/report/format';
import { type TextStyle, textTable } from '@assay/report/text';
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
	for (const table of [deviceTable(devices), clusterTable(clusters)]) print(`${textTable(table.columns, table.rows, style)}\n`);
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
	const rates = rateTable(cluster);
	print(`\n${textTable(rates.columns, rates.rows, style)}`);
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
