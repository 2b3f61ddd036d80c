/** Panels that compare the five designs. */
import type { Panel, PlotPanel, TablePanel } from '@assay/contract';
import { rooflinePanel } from '@assay/machines';
import { designNames, designTitles } from '../designs/design-name.ts';
import type { ArrayName } from '../designs/design-result.ts';
import { energyActions } from '../energy.ts';
import type { Outputs } from '../outputs.ts';
import { lengthLabel } from './lengths.ts';

type Row = Outputs['rows'][number];

export function reportDesigns(outputs: Outputs): Panel[] {
	const { rows } = outputs;
	return [
		bars(
			outputs,
			'Speed over the unfused design',
			'Latency of the unfused design over this one’s, one layer’s attention.',
			'Speed-up',
			'x',
			(row) => row.speedupOverUnfused,
		),
		designTable(outputs),
		bars(
			outputs,
			'Utilisation of the 2D array',
			'Busy share of the latency.',
			'Utilisation',
			'%',
			(row) => 100 * row.utilization2d,
		),
		bars(
			outputs,
			'Utilisation of the 1D array',
			'Busy share of the latency.',
			'Utilisation',
			'%',
			(row) => 100 * row.utilization1d,
		),
		activity(outputs, '2D'),
		activity(outputs, '1D'),
		bars(outputs, 'Energy', 'One layer’s attention, the unfused design counting 1.', 'Energy', '1', (row) => {
			const unfused = rows.find(({ length, design }) => length === row.length && design === 'unfused');
			return unfused === undefined || unfused.joules === 0 ? 0 : row.joules / unfused.joules;
		}),
		energyParts(outputs),
		...(outputs.subject.hasProducts ? endToEnd(outputs) : []),
		roofline(outputs),
		mappings(outputs),
	];
}

/** A bar for each length and design. */
function bars(
	{ rows }: Outputs,
	title: string,
	note: string,
	label: string,
	unit: string,
	value: (row: Row) => number,
): PlotPanel {
	return {
		kind: 'plot',
		title,
		note,
		x: { label: 'Design', scale: 'band' },
		y: { label, unit, zero: true },
		color: { label: 'Design' },
		marks: [
			{
				mark: 'bar',
				// Lengths as numbers, so that the facets stand in their order.
				data: rows.map((row) => ({ design: row.design, length: row.length, value: value(row) })),
				x: 'design',
				y: 'value',
				along: 'y',
				color: 'design',
				facet: 'length',
			},
		],
	};
}

function designTable({ rows }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Designs',
		note: designNames.map((name) => `${name}: ${designTitles[name]}`).join('; '),
		columns: [
			{ key: 'length', label: 'Tokens' },
			{ key: 'design', label: 'Design' },
			{ key: 'latency', label: 'Latency', unit: 's' },
			{ key: 'overFlat', label: 'Speed over FLAT', unit: 'x' },
			{ key: 'limit', label: 'Limit' },
			{ key: 'traffic', label: 'Traffic', unit: 'GB' },
			{ key: 'energy', label: 'Energy', unit: 'J' },
			{ key: 'used2d', label: '2D array', unit: '%' },
			{ key: 'used1d', label: '1D array', unit: '%' },
			{ key: 'required', label: 'Least on the chip', unit: 'MiB' },
		],
		rows: rows.map((row) => ({
			length: lengthLabel(row.length),
			design: row.design,
			latency: row.latencySeconds,
			overFlat: row.speedupOverFlat,
			limit: row.limit,
			traffic: row.trafficBytes / 1e9,
			energy: row.joules,
			used2d: 100 * row.utilization2d,
			used1d: 100 * row.utilization1d,
			required: row.requiredBytes === null ? null : row.requiredBytes / 2 ** 20,
		})),
	};
}

/** Share of the latency that each Einsum of the one-pass design takes on an array. */
function activity({ rows }: Outputs, which: ArrayName): PlotPanel {
	const data = rows
		.filter(({ design }) => design === 'fusemax')
		.flatMap((row) =>
			row.einsums
				.filter(({ array }) => array === which)
				.map(({ einsum, share }) => ({ length: lengthLabel(row.length), einsum, share: 100 * share })),
		);
	return {
		kind: 'plot',
		title: `What keeps the ${which} array busy in the one-pass design`,
		note: 'Share of the latency by Einsum; what is missing to 100 % is idle.',
		x: { label: 'Busy', unit: '%', zero: true },
		y: { label: 'Tokens', scale: 'band' },
		color: { label: 'Einsum' },
		marks: [{ mark: 'bar', data, x: 'share', y: 'length', along: 'x', color: 'einsum' }],
	};
}

function energyParts({ rows }: Outputs): PlotPanel {
	const longest = Math.max(0, ...rows.map(({ length }) => length));
	const data = rows
		.filter(({ length }) => length === longest)
		.flatMap((row) =>
			energyActions
				.map((action) => ({ design: row.design, action, energy: row.energy[action] }))
				.filter(({ energy }) => energy > 0),
		);
	return {
		kind: 'plot',
		title: `Where the energy goes, ${lengthLabel(longest)} tokens`,
		note: 'By action. Exponentials of the one-pass design are among its multiply-accumulates.',
		x: { label: 'Energy', unit: 'J', zero: true },
		y: { label: 'Design', scale: 'band' },
		color: { label: 'Action' },
		marks: [{ mark: 'bar', data, x: 'energy', y: 'design', along: 'x', color: 'action' }],
	};
}

function endToEnd(outputs: Outputs): Panel[] {
	const { rows } = outputs;
	const unfused = (row: Row) => rows.find(({ length, design }) => length === row.length && design === 'unfused');
	return [
		bars(
			outputs,
			'Whole layer: speed over the unfused design',
			'Attention and the matrix products around it.',
			'Speed-up',
			'x',
			(row) => {
				const other = unfused(row);
				return other === undefined || row.endToEndSeconds === 0 ? 0 : other.endToEndSeconds / row.endToEndSeconds;
			},
		),
		bars(outputs, 'Whole layer: energy', 'The unfused design counting 1.', 'Energy', '1', (row) => {
			const other = unfused(row);
			return other === undefined || other.endToEndJoules === 0 ? 0 : row.endToEndJoules / other.endToEndJoules;
		}),
	];
}

function roofline({ rows, roof, macs }: Outputs): PlotPanel {
	const work = new Map(macs.map(({ length, macs: count }) => [length, count]));
	return rooflinePanel(
		'Roofline of attention',
		'Multiply-accumulates of both products per byte moved. Fusing raises the intensity; what is then below the roof waits for softmax.',
		roof,
		rows.map((row) => ({
			label: lengthLabel(row.length),
			series: row.design,
			operations: work.get(row.length) ?? 0,
			bytes: row.trafficBytes,
			seconds: row.latencySeconds,
		})),
		'MAC',
	);
}

/** What the mappers chose. */
function mappings({ rows }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Mappings that were chosen',
		note: 'One-pass designs: tiles of queries kept on the chip (P1) and times that keys and values are read (P2). FLAT: the fastest of all mappings, among those the one that moves least.',
		columns: [
			{ key: 'length', label: 'Tokens' },
			{ key: 'design', label: 'Design' },
			{ key: 'blocking', label: 'P1, P2' },
			{ key: 'onChip', label: 'On the chip' },
			{ key: 'stationary', label: 'Stays in the array' },
			{ key: 'rows', label: 'Rows at a time' },
			{ key: 'spilled', label: 'Spilled', unit: '%' },
		],
		rows: rows
			.filter(({ blocking, mapping }) => blocking !== null || mapping !== null)
			.map(({ length, design, blocking, mapping }) => ({
				length: lengthLabel(length),
				design,
				blocking: blocking === null ? null : `${blocking.tilesPerBlock}, ${blocking.blocks}`,
				onChip: mapping === null ? null : onChip(mapping),
				stationary: mapping === null ? null : `${mapping.firstStationarity}, ${mapping.secondStationarity}`,
				rows: mapping?.rowsAtATime ?? null,
				spilled: mapping === null ? null : 100 * mapping.spilledShare,
			})),
	};
}

function onChip(mapping: NonNullable<Row['mapping']>): string {
	const kept = [
		mapping.queriesOnChip ? 'Q' : '',
		mapping.keysOnChip ? 'K' : '',
		mapping.logitsOnChip ? 'QK, A' : '',
		mapping.valuesOnChip ? 'V' : '',
	].filter((name) => name !== '');
	return kept.length === 0 ? 'nothing' : kept.join(', ');
}
