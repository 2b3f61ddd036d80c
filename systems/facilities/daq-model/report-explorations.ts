/** Panels of what was explored around the system: maps, tracker reduction, sensitivities, sweeps. */
import type { Panel, PlotPanel } from '@assay/contract';
import type { Outputs } from './outputs.ts';

/** Maps of productivity and F1. */
export function mapPanels({ skillContour, pileUpContour }: Outputs): Panel[] {
	return [...maps(skillContour, 'Skill boost', '1', 'skill'), ...maps(pileUpContour, 'Pile-up', 'collisions', 'pile-up')];
}

function maps(cells: Outputs['skillContour'], label: string, unit: string, over: string): PlotPanel[] {
	if (cells.length === 0) return [];
	const map = (title: string, key: 'f1' | 'relevantSamplesPerKJ', colorUnit: string): PlotPanel => ({
		kind: 'plot',
		title,
		note: `${title} over the ratio of the first classifier and the ${over}.`,
		x: { label: 'Ratio of the first classifier' },
		y: { label, unit },
		color: { label: title, unit: colorUnit },
		marks: [
			{
				mark: 'contour',
				data: cells.flatMap(({ ratio, other, [key]: value }) => (value === null ? [] : [{ ratio, other, value }])),
				x: 'ratio',
				y: 'other',
				value: 'value',
			},
		],
	});
	return [
		map(`Productivity by ratio and ${over}`, 'relevantSamplesPerKJ', 'samples/kJ'),
		map(`F1 by ratio and ${over}`, 'f1', '1'),
	];
}

/** Productivity against the reduction of the inner tracker. */
export function trackerPanel({ trackerReduction }: Outputs): Panel[] {
	if (trackerReduction.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'Productivity by reduction of the inner tracker',
			note: 'What sensors that send less are worth, with and without the other upgrades.',
			x: { label: 'Reduction of the inner tracker', unit: '%' },
			y: { label: 'Productivity', unit: 'samples/kJ', zero: true },
			color: { label: 'System' },
			marks: [{ mark: 'line', data: trackerReduction, x: 'reductionPercent', y: 'relevantSamplesPerKJ', color: 'series' }],
		},
	];
}

/** Effect of small changes of single numbers, the largest first. */
export function sensitivityPanels({ sensitivities }: Outputs): Panel[] {
	if (sensitivities.length === 0) return [];
	const size = ({ effectUpPercent, effectDownPercent }: Outputs['sensitivities'][number]): number =>
		Math.max(Math.abs(effectUpPercent ?? 0), Math.abs(effectDownPercent ?? 0));
	const sorted = [...sensitivities].sort((a, b) => size(b) - size(a));
	const data = sorted.slice(0, 14).flatMap(({ node, parameter, step, effectUpPercent, effectDownPercent }) =>
		[
			{ effect: effectUpPercent, direction: 'raised by the step' },
			{ effect: effectDownPercent, direction: 'lowered by the step' },
		].flatMap(({ effect, direction }) =>
			effect === null
				? []
				: [
						{
							parameter: `${node} ${parameter} ± ${Number(step.toPrecision(3))}`,
							from: Math.min(0, effect),
							to: Math.max(0, effect),
							direction,
						},
					],
		),
	);
	return [
		{
			kind: 'plot',
			title: 'What moves productivity',
			note: 'Change of relevant samples per kJ when one number is raised or lowered by its step, the largest first.',
			x: { label: 'Change of productivity', unit: '%' },
			y: { label: 'Parameter', scale: 'band' },
			color: { label: 'Parameter' },
			marks: [{ mark: 'span', data, x1: 'from', x2: 'to', y: 'parameter', color: 'direction' }],
		},
		{
			kind: 'table',
			title: 'Sensitivities',
			note: 'Gradients are in samples/J for each unit of the parameter; the exact one is the derivative, where only the power changes.',
			columns: [
				{ key: 'node', label: 'Node' },
				{ key: 'parameter', label: 'Parameter' },
				{ key: 'value', label: 'Value' },
				{ key: 'step', label: 'Step' },
				{ key: 'effectUpPercent', label: 'Raised', unit: '%' },
				{ key: 'effectDownPercent', label: 'Lowered', unit: '%' },
				{ key: 'gradient', label: 'Gradient' },
				{ key: 'exactGradient', label: 'Exact' },
				{ key: 'changeThatDoubles', label: 'Doubles at' },
			],
			rows: sorted,
		},
	];
}

/** A user's own sweep: a line over one axis, a map over two. */
export function sweepPanels({ sweep }: Outputs): Panel[] {
	if (sweep === null || sweep.cells.length === 0) return [];
	const [first = '', second] = sweep.axes;
	const data = sweep.cells.map(({ values, metrics }) => ({
		x: values[0] ?? null,
		y: values[1] ?? null,
		scaledPowerW: metrics?.scaledPowerW ?? null,
		f1: metrics?.f1 ?? null,
		relevantSamplesPerKJ: metrics?.relevantSamplesPerKJ ?? null,
	}));
	const table: Panel = {
		kind: 'table',
		title: 'Sweep',
		columns: [
			{ key: 'x', label: first },
			...(second === undefined ? [] : [{ key: 'y', label: second }]),
			{ key: 'scaledPowerW', label: 'Scaled power', unit: 'W' },
			{ key: 'f1', label: 'F1' },
			{ key: 'relevantSamplesPerKJ', label: 'Productivity', unit: 'samples/kJ' },
		],
		rows: data,
	};
	const known = data.filter((row) => row.relevantSamplesPerKJ !== null);
	if (known.length === 0) return [table];
	const plot: Panel = {
		kind: 'plot',
		title: 'Productivity over the sweep',
		note:
			second === undefined
				? `Relevant samples per kJ against ${first}.`
				: `Relevant samples per kJ against ${first} and ${second}.`,
		x: { label: first, ...(second !== undefined && { scale: 'band' as const }) },
		y: second === undefined ? { label: 'Productivity', unit: 'samples/kJ' } : { label: second, scale: 'band' },
		color: { label: 'Productivity', unit: 'samples/kJ' },
		marks: [
			second === undefined
				? { mark: 'line', data: known, x: 'x', y: 'relevantSamplesPerKJ' }
				: { mark: 'cell', data: known, x: 'x', y: 'y', value: 'relevantSamplesPerKJ' },
		],
	};
	return [plot, table];
}
