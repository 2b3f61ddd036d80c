/** The catalogue of devices and clusters. */
import type { Row } from '@assay/contract';
import { catalogueWith, clusterTable, deviceTable } from '@assay/machines';
import { Link, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => pageMeta('Machines', 'Devices and clusters, every figure with its source.');

export function loader() {
	const catalogue = catalogueWith({ devices: [], clusters: [] });
	return { devices: deviceTable(catalogue.listDevices()), clusters: clusterTable(catalogue.listClusters()) };
}

export default function Machines() {
	const { devices, clusters } = useLoaderData<typeof loader>();
	const link = (row: Row, column: { readonly key: string }) =>
		column.key === 'name' ? <Link to={`/machines/${row['name']}`}>{row['name']}</Link> : undefined;
	return (
		<>
			<header className="page-head">
				<h1>Machines</h1>
				<p className="lede">
					{devices.rows.length} devices and {clusters.rows.length} clusters. Rates are dense peaks; each figure names its source
					on the machine’s page.
				</p>
			</header>
			<DataTable columns={devices.columns} rows={devices.rows} caption="Devices" cell={link} />
			<section className="section">
				<h2>Clusters</h2>
				<DataTable columns={clusters.columns} rows={clusters.rows} label="Clusters" cell={link} />
			</section>
		</>
	);
}
