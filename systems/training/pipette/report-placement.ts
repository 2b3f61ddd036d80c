/** Where the workers go: the grid of hosts, the map of links with those that are used, the way the search came down. */
import type { Panel, Row } from '@assay/contract';
import type { Outputs } from './outputs.ts';

/** Columns of the grid that fit a table. */
const MOST_COLUMNS = 16;
const MOST_ROWS = 64;
const MOST_POINTS = 1500;

/** The placement as a table, and how it was found. */
export function placementPanels({ placement, ranking }: Outputs): Panel[] {
	if (placement === null) return [];
	const columns = Math.min(MOST_COLUMNS, placement.rows[0]?.length ?? 0);
	const stagesPerNode = ranking[0]?.stagesPerNode ?? 1;
	const heads = Array.from({ length: columns }, (_, column) => {
		const first = column * stagesPerNode;
		return stagesPerNode > 1 ? `Stages ${first} to ${first + stagesPerNode - 1}` : `Stage ${first}`;
	});
	const rows = placement.rows.slice(0, MOST_ROWS).map((hosts, row): Row => {
		const cells = Object.fromEntries(hosts.slice(0, columns).map((host, column) => [`c${column}`, host]));
		return { row: `pipeline ${row}`, ...cells };
	});
	const idle = placement.idle.length === 0 ? '' : ` Idle: ${placement.idle.slice(0, 40).join(', ')}.`;
	const cut = placement.rows.length > MOST_ROWS || (placement.rows[0]?.length ?? 0) > columns ? ' The rest is in ranks.csv.' : '';
	const how = placement.exact ? 'No placement costs less.' : 'The best of all annealing runs.';
	return [
		{
			kind: 'table',
			title: 'Which host holds which stage',
			note: `${how}${idle}${cut}`,
			columns: [{ key: 'row', label: 'Pipeline' }, ...heads.map((label, column) => ({ key: `c${column}`, label }))],
			rows,
		},
		...convergence(placement.trace),
	];
}

function convergence(trace: NonNullable<Outputs['placement']>['trace']): Panel[] {
	if (trace.length === 0) return [];
	const data = trace
		.slice(0, MOST_POINTS)
		.map(({ restart, step, seconds }) => ({ run: `run ${restart + 1}`, step, milliseconds: 1000 * seconds }));
	return [
		{
			kind: 'plot',
			title: 'How the placement was found',
			note: 'Least cost of the links so far, by annealing steps.',
			x: { label: 'Steps' },
			y: { label: 'Links in an iteration', unit: 'ms' },
			color: { label: 'Annealing run' },
			marks: [{ mark: 'line', data, x: 'step', y: 'milliseconds', color: 'run' }],
		},
	];
}

/** The map of bandwidths. */
export function linksPanel({ links }: Outputs): Panel[] {
	const { statistics } = links;
	if (statistics === null || links.cells.length === 0) return [];
	const gigabytes = (value: number): string => (value / 1e9).toFixed(2);
	const cells = links.cells.map(({ from, to, bytesPerSecond }) => ({ from, to, gigabytes: bytesPerSecond / 1e9 }));
	return [
		{
			kind: 'plot',
			title: 'Bandwidth between hosts',
			note: `${links.source}: mean ${gigabytes(statistics.mean)} GB/s, standard deviation ${gigabytes(statistics.standardDeviation)}, from ${gigabytes(statistics.min)} to ${gigabytes(statistics.max)}; directions differ by ${(100 * statistics.asymmetry).toFixed(1)} %. Dots are the links that the chosen placement uses.`,
			x: { label: 'To', scale: 'band' },
			y: { label: 'From', scale: 'band' },
			color: { label: 'Bandwidth', unit: 'GB/s' },
			marks: [
				{ mark: 'cell', data: cells, x: 'to', y: 'from', value: 'gigabytes' },
				{ mark: 'dot', data: links.used, x: 'to', y: 'from' },
			],
		},
	];
}
