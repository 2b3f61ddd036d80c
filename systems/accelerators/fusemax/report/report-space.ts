/** Panels of what could be built otherwise: changes to the card, array sizes, area, and the schedule of a few tiles. */
import type { Panel, PlotPanel, TablePanel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { lengthLabel } from './lengths.ts';

export function reportSpace(outputs: Outputs): Panel[] {
	return [
		changePlot(outputs),
		changeTable(outputs),
		paretoPlot(outputs),
		paretoTable(outputs),
		areaTable(outputs),
		waterfall(outputs),
	];
}

function changePlot({ changes }: Outputs): PlotPanel {
	return {
		kind: 'plot',
		title: 'What moves the latency',
		note: 'Speed-up at the longest length with one part of the accelerator changed; 1 is no change.',
		x: { label: 'Speed-up', unit: 'x', zero: true },
		y: { label: 'Change', scale: 'band' },
		color: { label: 'Design' },
		marks: [
			{
				mark: 'dot',
				data: changes
					.filter(({ speedup }) => speedup !== null)
					.map(({ change, design, speedup }) => ({ change, design, speedup })),
				x: 'speedup',
				y: 'change',
				color: 'design',
			},
			{ mark: 'rule', x: 1, label: 'as it is' },
		],
	};
}

function changeTable({ changes }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Changes one by one',
		columns: [
			{ key: 'change', label: 'Change' },
			{ key: 'design', label: 'Design' },
			{ key: 'speedup', label: 'Speed-up', unit: 'x' },
			{ key: 'compute', label: 'of the arrays alone', unit: 'x' },
			{ key: 'memory', label: 'of memory alone', unit: 'x' },
			{ key: 'energy', label: 'Energy', unit: 'x' },
			{ key: 'says', label: 'Why' },
		],
		rows: changes.map(({ change, design, speedup, computeSpeedup, memorySpeedup, energyRatio, says }) => ({
			change,
			design,
			speedup,
			compute: computeSpeedup,
			memory: memorySpeedup,
			energy: energyRatio,
			says,
		})),
	};
}

function paretoPlot({ pareto }: Outputs): PlotPanel {
	const data = pareto.map(({ length, area, latencySeconds }) => ({
		length: lengthLabel(length),
		area: area.total,
		latency: latencySeconds,
	}));
	return {
		kind: 'plot',
		title: 'Area against latency of the one-pass design',
		note: 'A point for each array size; the buffer is the smallest with which memory is not the limit.',
		x: { label: 'Area', unit: 'mm²', scale: 'log' },
		y: { label: 'Latency', unit: 's', scale: 'log' },
		color: { label: 'Tokens' },
		marks: (['line', 'dot'] as const).map((mark) => ({ mark, data, x: 'area', y: 'latency', color: 'length' })),
	};
}

function paretoTable({ pareto }: Outputs): TablePanel {
	const longest = Math.max(0, ...pareto.map(({ length }) => length));
	const points = pareto.filter(({ length }) => length === longest);
	return {
		kind: 'table',
		title: `Array sizes, ${lengthLabel(longest)} tokens`,
		columns: [
			{ key: 'side', label: 'Side', unit: 'elements' },
			{ key: 'buffer', label: 'Buffer', unit: 'MiB' },
			{ key: 'area', label: 'Area', unit: 'mm²' },
			{ key: 'latency', label: 'Latency', unit: 's' },
			{ key: 'front', label: 'On the front' },
			{ key: 'says', label: 'What moved it' },
		],
		rows: points.map((point, index) => ({
			side: point.side,
			buffer: point.bufferBytes / 2 ** 20,
			area: point.area.total,
			latency: point.latencySeconds,
			front: point.onFront ? 'yes' : 'no',
			says: moved(points[index - 1], point),
		})),
	};
}

type ParetoPoint = Outputs['pareto'][number];

function moved(before: ParetoPoint | undefined, { area, latencySeconds, limit }: ParetoPoint): string {
	if (before === undefined) return `limit: ${limit}`;
	const growth = {
		'2D array': area.array2d - before.area.array2d,
		'1D array': area.array1d - before.area.array1d,
		buffer: area.buffer - before.area.buffer,
	};
	const [part] = Object.entries(growth).reduce((most, one) => (one[1] > most[1] ? one : most));
	const faster = before.latencySeconds / latencySeconds;
	const larger = area.total / before.area.total;
	return `${faster.toFixed(2)} times as fast for ${larger.toFixed(2)} times the area, most of it ${part}; limit: ${limit}`;
}

function areaTable({ area }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Area',
		note: 'Sums over the published tables of components; the one buffer among them is taken for 16 MiB, and area for proportional to size.',
		columns: [
			{ key: 'part', label: 'Part' },
			{ key: 'fused', label: 'One-pass design', unit: 'mm²' },
			{ key: 'baseline', label: 'Baselines', unit: 'mm²' },
		],
		rows: [
			{ part: '2D array', fused: area.fused.array2d, baseline: area.baseline.array2d },
			{ part: '1D array', fused: area.fused.array1d, baseline: area.baseline.array1d },
			{ part: 'global buffer', fused: area.fused.buffer, baseline: area.baseline.buffer },
			{ part: 'all', fused: area.fused.total, baseline: area.baseline.total },
		],
	};
}

/** Tiles that the waterfall shows, from the first. */
const SHOWN_TILES = 3;

function waterfall({ timeline }: Outputs): PlotPanel {
	const { jobs, keyTiles, simulatedCycles, closedFormCycles, tileCycles } = timeline;
	return {
		kind: 'plot',
		title: 'The first tiles on the two arrays',
		note: `Every Einsum of the first ${Math.min(SHOWN_TILES, keyTiles)} of ${keyTiles} tiles, issued in order and started when what it needs is there. All ${keyTiles} take ${simulatedCycles.toFixed(0)} cycles job by job and ${closedFormCycles.toFixed(0)} by the closed form, which leaves out filling; a tile takes ${tileCycles.toFixed(0)}.`,
		x: { label: 'Time', unit: 'cycles' },
		y: { label: 'Einsum', scale: 'band' },
		color: { label: 'Tile' },
		marks: [
			{
				mark: 'span',
				data: jobs
					.filter(({ tile }) => tile < SHOWN_TILES)
					.map(({ einsum, array, tile, start, end }) => ({ row: `${array} ${einsum}`, tile: `tile ${tile + 1}`, start, end })),
				x1: 'start',
				x2: 'end',
				y: 'row',
				color: 'tile',
			},
		],
	};
}
