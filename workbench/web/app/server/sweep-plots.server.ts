/** A sweep's trade-offs as plots: the exact Pareto front of two figures, a sample of runs through all settings, the best value so far. */
import type { Panel, Row } from '@assay/contract';
import { numbersOf, type ResultColumns, sampleRows } from '@assay/runs';
import { paretoFront } from '@assay/search';
import type { Objective, SweepFigure } from './sweep-figures.server.ts';

/** Runs that a plot shows beside those on the front; more could not be told apart. */
const SAMPLE = 1000;
/** Runs on the front that a plot shows; the front itself is exact whatever its size. */
const MOST_ON_FRONT = 1000;
const MOST_AXES = 10;
const FRONT = 'on the front';
const OTHER = 'beaten by another';
const OUTSIDE = 'outside the bounds';

/** What a search demands of a figure. */
export interface Bound {
	readonly path: string;
	readonly relation: 'at most' | 'at least';
	readonly bound: number;
}

export interface SweepPlots {
	readonly panels: readonly Panel[];
	/** Positions of the runs within the bounds that no other of them beats in both objectives. */
	readonly front: ReadonlySet<number>;
}

/** `columns` hold the settings, both objectives and what is bounded. */
export function sweepPlots(
	columns: ResultColumns,
	settings: readonly SweepFigure[],
	[x, y]: readonly [Objective, Objective],
	bounds: readonly Bound[],
): SweepPlots {
	const [xs, ys] = [numbersOf(columns, x.path), numbersOf(columns, y.path)];
	const hasBoth = (row: number): boolean => Number.isFinite(xs[row]) && Number.isFinite(ys[row]);
	const isWithin = withinBounds(columns, bounds);
	const isOnFront = paretoFront(
		Array.from(xs, (value, row) => (isWithin(row) ? [value, ys[row] as number] : [])),
		[x.towards, y.towards],
	);
	const { positions } = columns;
	const front = new Set<number>();
	let [count, within] = [0, 0];
	for (const [row, isOn] of isOnFront.entries()) {
		if (isOn) front.add(positions[row] as number);
		if (!hasBoth(row)) continue;
		count++;
		if (isWithin(row)) within++;
	}
	if (count < 2) return { panels: [], front };
	const others = sampleRows(positions, (row) => hasBoth(row) && isOnFront[row] !== true, SAMPLE);
	const best = sampleRows(positions, (row) => isOnFront[row] === true, MOST_ON_FRONT);
	const rows: Row[] = [...others, ...best].map((row) => ({
		run: positions[row] ?? null,
		...Object.fromEntries([...settings, x, y].map(({ path }) => [path, columns.cells.get(path)?.[row] ?? null])),
		kind: isOnFront[row] === true ? FRONT : isWithin(row) ? OTHER : OUTSIDE,
	}));
	const drawn = `${sampleText(others.length, count - front.size, 'others')}${front.size > best.length ? ` ${sampleText(best.length, front.size, 'runs on the front')}` : ''}`;
	const number = (value: number): string => value.toLocaleString('en-US');
	const axes = [...new Map([...settings, x, y].map((figure) => [figure.path, figure])).values()];
	// The objectives stay even where there are more settings than axes.
	const shown = [
		...axes.filter(({ path }) => path.startsWith('inputs.')).slice(0, MOST_AXES - 2),
		...axes.filter(({ path }) => path.startsWith('outputs.')),
	];
	return {
		front,
		panels: [
			{
				kind: 'plot',
				title: 'Pareto front',
				note: `Each dot is a run. ${bounds.length > 0 ? `${number(within)} of ${number(count)} runs are within the bounds of the search; of these,` : `Of ${number(count)} runs,`} ${number(front.size)} ${front.size === 1 ? 'is' : 'are'} beaten by no other in both objectives at once, found among all of them. ${drawn}`.trim(),
				x: axisOf(x),
				y: axisOf(y),
				color: { label: 'Run' },
				marks: [{ mark: 'dot', data: rows, x: x.path, y: y.path, color: 'kind' }],
			},
			{
				kind: 'parallel',
				title: 'Parallel coordinates',
				note: `One line a run, through its settings and both objectives, each axis from its least to its greatest value shown. ${drawn || `All ${number(count)} runs are drawn.`}`,
				axes: shown.map(({ path, name, unit }) => ({ key: path, label: name, ...(unit !== null && { unit }) })),
				rows,
				color: 'kind',
			},
			bestPanel(
				xs.map((value, row) => (isWithin(row) ? value : Number.NaN)),
				x,
			),
		],
	};
}

/** Whether a run keeps all bounds; one that lacks a bounded figure does not. */
function withinBounds(columns: ResultColumns, bounds: readonly Bound[]): (row: number) => boolean {
	const bounded = bounds.map(({ path, relation, bound }) => ({ values: numbersOf(columns, path), relation, bound }));
	return (row) =>
		bounded.every(({ values, relation, bound }) => {
			const value = values[row] as number;
			return relation === 'at most' ? value <= bound : value >= bound;
		});
}

function sampleText(drawn: number, all: number, what: string): string {
	if (drawn >= all) return '';
	return `Drawn is a random sample of ${drawn.toLocaleString('en-US')} of the ${all.toLocaleString('en-US')} ${what}.`;
}

function axisOf({ name, unit, towards }: Objective) {
	return { label: `${name}, ${towards > 0 ? 'more' : 'less'} is better`, ...(unit !== null && { unit }) };
}

/** A point wherever the best changes, and one at the end. */
function bestPanel(values: Float64Array, objective: Objective): Panel {
	let best = Number.NaN;
	const data: { runs: number; best: number }[] = [];
	for (const [row, value] of values.entries()) {
		if (!Number.isFinite(value) || (value - best) * objective.towards <= 0) continue;
		// The line goes level up to the run that is better.
		if (data.length > 0) data.push({ runs: row, best });
		best = value;
		data.push({ runs: row + 1, best });
	}
	if (data.length > 0) data.push({ runs: values.length, best });
	return {
		kind: 'plot',
		title: 'Best so far',
		note: 'The best value of the first objective after so many runs, in the order of the sweep.',
		x: { label: 'Runs' },
		y: axisOf(objective),
		marks: [{ mark: 'line', data, x: 'runs', y: 'best' }],
	};
}
