/** One machine: its figures and where they are from. */
import { catalogueWith, clusterTotals, figuresOf, rateTable } from '@assay/machines';
import { formatBytes, formatNumber } from '@assay/report/format';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { Facts } from '../components/facts.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = ({ loaderData }: { loaderData?: { name: string } }) =>
	pageMeta(loaderData?.name ?? 'Machine', 'Figures of a machine, each with its source.');

export function loader({ params }: LoaderFunctionArgs) {
	const cluster = catalogueWith({ devices: [], clusters: [] }).resolveMachine(params['name'] ?? '');
	const { device } = cluster;
	const totals = clusterTotals(cluster);
	const facts: [string, string][] = [
		['Devices', `${cluster.nodes} × ${cluster.devicesPerNode} ${device.name} (${device.vendor}, ${device.kind})`],
		[
			'Memory',
			`${device.memory.kind}, ${formatBytes(device.memory.bytes)} at ${formatNumber(device.memory.bandwidthBytesPerSecond / 1e9)} GB/s each; ${formatBytes(totals.memoryBytes)} in all`,
		],
	];
	const links = [
		['Within a node', cluster.intraNode],
		['Between nodes', cluster.interNode],
	] as const;
	for (const [where, link] of links)
		if (link !== null)
			facts.push([
				where,
				`${link.kind}, ${formatNumber(link.bandwidthBytesPerSecond / 1e9)} GB/s per device and direction, ${formatNumber(link.latencySeconds * 1e6)} µs`,
			]);
	if (totals.devicePowerWatts !== null)
		facts.push([
			'Design power',
			`${formatNumber(device.tdpWatts ?? 0)} W each, ${formatNumber(totals.devicePowerWatts)} W in all`,
		]);
	if (totals.nodePowerWatts !== null) facts.push(['With hosts', `${formatNumber(totals.nodePowerWatts)} W`]);
	if (device.priceDollars !== undefined) facts.push(['Price', `${formatNumber(device.priceDollars)} $`]);
	const sources = figuresOf(device).map((figure) => ({
		figure,
		title: device.sources[figure]?.title ?? '',
		note: device.sources[figure]?.note ?? '',
		url: device.sources[figure]?.url ?? '',
	}));
	return { name: cluster.name, facts, rates: rateTable(cluster), sources, devices: totals.devices };
}

export default function Machine() {
	const { name, facts, rates, sources, devices } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<h1>{name}</h1>
			</header>
			<Facts facts={facts} />
			<section className="section">
				<h2>Peak rates</h2>
				<DataTable
					caption="Dense peak rates by number format"
					columns={rates.columns.filter((column) => column.key !== 'all' || devices > 1)}
					rows={rates.rows}
				/>
			</section>
			<section className="section">
				<h2>Sources</h2>
				<ul className="sources">
					{sources.map((source) => (
						<li key={source.figure}>
							<strong>{source.figure}</strong>:{' '}
							{/^https?:/.test(source.url) ? <a href={source.url}>{source.title}</a> : source.title}{' '}
							<span className="note">{source.note}</span>
						</li>
					))}
				</ul>
			</section>
		</>
	);
}
