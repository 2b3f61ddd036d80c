/** Machines as tables, the same on a terminal and on a page. */
import type { TablePanel } from '@assay/contract';
import { type Cluster, type ClusterDescription, clusterTotals } from './cluster.ts';
import type { Device } from './device.ts';

const tera = (rate: number | undefined): number | null => (rate === undefined ? null : rate / 1e12);

/** Dense peak rates, memory and power of each device. */
export function deviceTable(devices: readonly Device[]): TablePanel {
	return {
		kind: 'table',
		title: 'Devices',
		columns: [
			{ key: 'name', label: 'Device' },
			{ key: 'vendor', label: 'Vendor' },
			{ key: 'kind', label: 'Kind' },
			{ key: 'release', label: 'Released' },
			{ key: 'dense', label: '16-bit', unit: 'TFLOP/s' },
			{ key: 'int8', label: 'int8', unit: 'TOP/s' },
			{ key: 'memory', label: 'Memory', unit: 'GB' },
			{ key: 'bandwidth', label: 'Bandwidth', unit: 'GB/s' },
			{ key: 'power', label: 'Power', unit: 'W' },
		],
		rows: devices.map((device) => ({
			name: device.name,
			vendor: device.vendor,
			kind: device.kind,
			release: device.release ?? null,
			dense: tera(device.peakOpsPerSecond.bf16 ?? device.peakOpsPerSecond.fp16),
			int8: tera(device.peakOpsPerSecond.int8),
			memory: device.memory.bytes / 1e9,
			bandwidth: device.memory.bandwidthBytesPerSecond / 1e9,
			power: device.tdpWatts ?? null,
		})),
	};
}

export function clusterTable(clusters: readonly ClusterDescription[]): TablePanel {
	return {
		kind: 'table',
		title: 'Clusters',
		columns: [
			{ key: 'name', label: 'Cluster' },
			{ key: 'device', label: 'Device' },
			{ key: 'nodes', label: 'Nodes' },
			{ key: 'perNode', label: 'Devices per node' },
		],
		rows: clusters.map((cluster) => ({
			name: cluster.name ?? null,
			device: typeof cluster.device === 'string' ? cluster.device : cluster.device.name,
			nodes: cluster.nodes,
			perNode: cluster.devicesPerNode,
		})),
	};
}

/** Dense peak rates by number format, of one device and of all. */
export function rateTable(cluster: Cluster): TablePanel {
	const totals = clusterTotals(cluster);
	const all = new Map(Object.entries(totals.peakOpsPerSecond));
	return {
		kind: 'table',
		title: 'Peak rates',
		columns: [
			{ key: 'format', label: 'Format' },
			{ key: 'device', label: 'One device', unit: 'TOP/s' },
			{ key: 'all', label: `All ${totals.devices}`, unit: 'TOP/s' },
		],
		rows: Object.entries(cluster.device.peakOpsPerSecond).map(([format, rate]) => ({
			format,
			device: rate / 1e12,
			all: (all.get(format) ?? 0) / 1e12,
		})),
	};
}
