/** The catalogue of devices and clusters. */
import type { Row } from '@assay/contract';
import { catalogueWith } from '@assay/machines';
import { Link, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => pageMeta('Machines', 'Devices and clusters, every figure with its source.');

const tera = (rate: number | undefined): number | null => (rate === undefined ? null : rate / 1e12);

export function loader() {
	const catalogue = catalogueWith({ devices: [], clusters: [] });
	const devices = catalogue.listDevices().map(
		(device): Row => ({
			name: device.name,
			vendor: device.vendor,
			kind: device.kind,
			release: device.release ?? null,
			dense: tera(device.peakOpsPerSecond.bf16 ?? device.peakOpsPerSecond.fp16),
			int8: tera(device.peakOpsPerSecond.int8),
			memory: device.memory.bytes / 1e9,
			bandwidth: device.memory.bandwidthBytesPerSecond / 1e9,
			power: device.tdpWatts ?? null,
		}),
	);
	const clusters = catalogue.listClusters().map(
		(cluster): Row => ({
			name: cluster.name ?? null,
			device: typeof cluster.device === 'string' ? cluster.device : cluster.device.name,
			nodes: cluster.nodes,
			perNode: cluster.devicesPerNode,
		}),
	);
	return { devices, clusters };
}

const DEVICE_COLUMNS = [
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
const CLUSTER_COLUMNS = [
	{ key: 'name', label: 'Cluster' },
	{ key: 'device', label: 'Device' },
	{ key: 'nodes', label: 'Nodes' },
	{ key: 'perNode', label: 'Devices per node' },
];

export default function Machines() {
	const { devices, clusters } = useLoaderData<typeof loader>();
	const link = (row: Row, column: { readonly key: string }) =>
		column.key === 'name' ? <Link to={`/machines/${row['name']}`}>{row['name']}</Link> : undefined;
	return (
		<>
			<header className="page-head">
				<h1>Machines</h1>
				<p className="lede">
					{devices.length} devices and {clusters.length} clusters. Rates are dense peaks; each figure names its source on the
					machine’s page.
				</p>
			</header>
			<DataTable columns={DEVICE_COLUMNS} rows={devices} caption="Devices" cell={link} />
			<section className="section">
				<h2>Clusters</h2>
				<DataTable columns={CLUSTER_COLUMNS} rows={clusters} label="Clusters" cell={link} />
			</section>
		</>
	);
}
