/** The report of a comparison: slowdowns against the arrival rate, and what each cluster costs. */
import type { Panel, PlotPanel } from '@assay/contract';
import type { ComparisonOutput } from './outputs.ts';
import { latencyNames, percentileNames } from './slo.ts';

const latencyLabel = { ttft: 'time to the first token', tbt: 'time between tokens', e2e: 'time to the last token' } as const;
const percentileLabel = { p50: 'Median', p90: '90th percentile', p99: '99th percentile' } as const;

export function reportComparison(comparison: ComparisonOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'The clusters of one budget',
			note: `Sizes are the paper’s ${comparison.budget} splits; the last column is the highest of the rates tried with every objective met.`,
			columns: [
				{ key: 'label', label: 'Design' },
				{ key: 'promptMachines', label: 'Prompt machines' },
				{ key: 'tokenMachines', label: 'Token machines' },
				{ key: 'dollarsPerHour', label: 'Rent', unit: '$/h' },
				{ key: 'relativePower', label: 'Power', unit: 'DGX-H100' },
				{ key: 'serverWatts', label: 'Server power', unit: 'W' },
				{ key: 'maxRequestsPerSecond', label: 'Highest rate', unit: 'requests/s' },
			],
			rows: comparison.clusters,
		},
		...latencyNames.flatMap((latency) => percentileNames.map((percentile) => slowdownPlot(comparison, latency, percentile))),
		...costBars(comparison),
	];
}

function slowdownPlot(
	{ points }: ComparisonOutput,
	latency: (typeof latencyNames)[number],
	percentile: (typeof percentileNames)[number],
): PlotPanel {
	let limit = 0;
	const data = points.flatMap(({ label, requestsPerSecond, objectives }) => {
		const found = objectives.find((one) => one.latency === latency && one.percentile === percentile);
		if (found === undefined) return [];
		limit = found.limit;
		return found.slowdown === null
			? []
			: [{ design: label, rate: requestsPerSecond, slowdown: Math.min(found.slowdown, 3 * found.limit) }];
	});
	return {
		kind: 'plot',
		title: `${percentileLabel[percentile]} of the ${latencyLabel[latency]}`,
		note: `Slowdown against an uncontended DGX-A100 by arrival rate, cut off at three times the limit; the line is the objective.`,
		x: { label: 'Arrival rate', unit: 'requests/s' },
		y: { label: 'Slowdown', zero: true },
		color: { label: 'Design' },
		marks: [
			{ mark: 'line', data, x: 'rate', y: 'slowdown', color: 'design' },
			{ mark: 'rule', y: limit, label: 'objective' },
		],
	};
}

/** Cost, power and space of each design relative to the first baseline that has any of them. */
function costBars({ clusters }: ComparisonOutput): PlotPanel[] {
	const base = clusters.find(({ label }) => label === 'baseline-h100') ?? clusters[0];
	if (base === undefined) return [];
	const share = (value: number, whole: number): number | null => (whole > 0 ? value / whole : null);
	const data = clusters.flatMap((cluster) => [
		{ design: cluster.label, what: 'cost', value: share(cluster.dollarsPerHour, base.dollarsPerHour) },
		{ design: cluster.label, what: 'power', value: share(cluster.relativePower, base.relativePower) },
		{ design: cluster.label, what: 'space', value: share(cluster.machines, base.machines) },
		{
			design: cluster.label,
			what: 'highest rate',
			value: share(cluster.maxRequestsPerSecond ?? 0, base.maxRequestsPerSecond ?? 0),
		},
	]);
	return [
		{
			kind: 'plot',
			title: 'Cost, power, space and throughput',
			note: `Relative to ${base.label}. Space counts servers.`,
			x: { label: 'Design', scale: 'band' },
			y: { label: `Relative to ${base.label}`, zero: true },
			color: { label: 'Design' },
			marks: [{ mark: 'bar', data, x: 'design', y: 'value', along: 'y', color: 'design', facet: 'what' }],
		},
	];
}
