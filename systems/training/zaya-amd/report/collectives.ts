/** Panels of collectives and links. */
import type { Panel } from '@assay/contract';
import type { CollectivesOutput } from '../outputs.ts';

export function reportCollectives(found: CollectivesOutput): Panel[] {
	const measured = found.points.filter(({ series }) => series !== 'model');
	const model = found.points.filter(({ series }) => series === 'model');
	const positive = (points: CollectivesOutput['points']) =>
		points.filter(({ bytes, microseconds }) => bytes > 0 && microseconds > 0);
	return [
		{
			kind: 'table',
			title: 'Protocols',
			note: `${found.collective} over ${found.ranks} ranks, from ${found.from}: ${found.rows} rows, mean error ${percent(found.meanError)}, worst ${percent(found.worstError)} at ${found.worstBytes} bytes. Ranges are the 5th to 95th percentile over resampled points. ${found.smallMessages} small sizes are slower than larger ones and kept as a table.`,
			columns: [
				{ key: 'latencyMicroseconds', label: 'Latency', unit: 'us' },
				{ key: 'latencyLow', label: 'from', unit: 'us' },
				{ key: 'latencyHigh', label: 'to', unit: 'us' },
				{ key: 'busGigabytesPerSecond', label: 'Bus bandwidth', unit: 'GB/s' },
				{ key: 'busLow', label: 'from', unit: 'GB/s' },
				{ key: 'busHigh', label: 'to', unit: 'GB/s' },
			],
			rows: found.lines,
		},
		{
			kind: 'plot',
			title: 'Time by size',
			note: 'Measured messages as dots, the least of the lines as a line, both axes logarithmic.',
			x: { label: 'Message', unit: 'B', scale: 'log' },
			y: { label: 'Time', unit: 'us', scale: 'log' },
			color: { label: 'Messages' },
			marks: [
				{ mark: 'line', data: positive(model), x: 'bytes', y: 'microseconds' },
				{ mark: 'dot', data: positive(measured), x: 'bytes', y: 'microseconds', color: 'series' },
			],
		},
		{
			kind: 'plot',
			title: 'Bus bandwidth by size',
			note: 'What the links carry, comparable between collectives and numbers of ranks.',
			x: { label: 'Message', unit: 'B', scale: 'log' },
			y: { label: 'Bus bandwidth', unit: 'GB/s', zero: true },
			color: { label: 'Messages' },
			marks: [
				{ mark: 'line', data: positive(model), x: 'bytes', y: 'busGigabytesPerSecond' },
				{ mark: 'dot', data: positive(measured), x: 'bytes', y: 'busGigabytesPerSecond', color: 'series' },
			],
		},
		{
			kind: 'table',
			title: 'The log',
			columns: [
				{ key: 'what', label: 'Check' },
				{ key: 'count', label: 'Found' },
			],
			rows: [
				{ what: 'messages left out as strays', count: found.outliers.length },
				{ what: 'rows whose bus bandwidth does not follow from size and time', count: found.inconsistentRows },
				{ what: 'values that came out wrong', count: found.wrongValues },
				{ what: 'lines passed over', count: found.ignoredLines },
				...found.outliers
					.slice(0, 50)
					.map(({ bytes, microseconds, placement }) => ({ what: `stray: ${bytes} bytes ${placement}, us`, count: microseconds })),
			],
		},
		...matrixPanels(found.matrix),
		...(found.cluster.length === 0
			? []
			: [
					{
						kind: 'plot',
						title: 'All-reduce of 8 GiB over nodes',
						note: 'A model, not a measurement: published thresholds end at two nodes. Only steps that overlap keep the bandwidth of a node.',
						x: { label: 'Nodes', scale: 'log' },
						y: { label: 'Bus bandwidth', unit: 'GB/s', zero: true },
						color: { label: 'Form' },
						marks: [
							{
								mark: 'line',
								data: found.cluster.filter(({ nodes }) => nodes > 0),
								x: 'nodes',
								y: 'busGigabytesPerSecond',
								color: 'form',
							},
							{
								mark: 'dot',
								data: found.cluster.filter(({ nodes }) => nodes > 0),
								x: 'nodes',
								y: 'busGigabytesPerSecond',
								color: 'form',
							},
						],
					} satisfies Panel,
				]),
	];
}

function matrixPanels(matrix: CollectivesOutput['matrix']): Panel[] {
	if (matrix === null) return [];
	return [
		{
			kind: 'plot',
			title: 'Links of a node',
			note: `From ${matrix.from}. Slowest ${matrix.slowestGigabytesPerSecond.toPrecision(4)}, median ${matrix.medianGigabytesPerSecond.toPrecision(4)} GB/s; ${matrix.slowLinks.length === 0 ? 'no link is far below the others' : `far below the others: ${matrix.slowLinks.slice(0, 12).join(', ')}`}.`,
			x: { label: 'To', scale: 'band' },
			y: { label: 'From', scale: 'band' },
			color: { label: 'Bandwidth', unit: 'GB/s' },
			marks: [{ mark: 'cell', data: matrix.cells, x: 'target', y: 'source', value: 'gigabytesPerSecond' }],
		},
		{
			kind: 'plot',
			title: 'All-reduce of 1 GiB in groups of a node',
			note: 'Each link joins two devices, so a group has only the links among its own: the rule is the links of a device times the slowest of them. Rings need sets of rings that share no link, which four and six devices do not have.',
			x: { label: 'Devices in the group' },
			y: { label: 'Bus bandwidth', unit: 'GB/s', zero: true },
			color: { label: 'Algorithm' },
			marks: [
				{
					mark: 'line',
					data: matrix.groups.map(({ devices, rule }) => ({ devices, busGigabytesPerSecond: rule, algorithm: 'rule' })),
					x: 'devices',
					y: 'busGigabytesPerSecond',
					color: 'algorithm',
				},
				{ mark: 'dot', data: matrix.groups, x: 'devices', y: 'busGigabytesPerSecond', color: 'algorithm' },
			],
		},
	];
}

const percent = (value: number): string => `${(100 * value).toPrecision(2)} %`;
