/** A sweep as a page shows it: what varied, what came of it, and three views of the trade-offs. */
import { describeFields, type Panel, type Row, type System } from '@assay/contract';
import { flatten, type Run, type Scalar } from '@assay/runs';
import { type Direction, paretoFront } from '@assay/search';

export interface SweepFigure {
	readonly path: string;
	readonly unit: string | null;
}

export interface SweepView {
	/** Inputs in which the runs differ. */
	readonly settings: readonly SweepFigure[];
	/** Numbers among the outputs in which the runs differ. */
	readonly figures: readonly SweepFigure[];
	readonly x: string;
	readonly y: string;
	readonly rows: readonly Row[];
	readonly panels: readonly Panel[];
}

/** Runs that the parallel coordinates draw; beyond, lines could not be told apart. */
const MOST_LINES = 400;

/** `x` and `y` are output paths; a leading minus means that less is better. */
export function sweepView(
	system: System,
	runs: readonly Run[],
	wanted: { readonly x: string | null; readonly y: string | null },
): SweepView {
	const done = runs.filter((run) => run.status === 'done');
	const inputs = new Map(runs.map((run) => [run.id, flatten(run.inputs)]));
	const outputs = new Map(done.map((run) => [run.id, flatten(run.outputs)]));
	const settings = varying([...inputs.values()]);
	const figures = varying([...outputs.values()]).filter((path) =>
		[...outputs.values()].every((leaves) => typeof (leaves.get(path) ?? null) !== 'string'),
	);
	const objective = (text: string | null, other: number): { path: string; towards: Direction } => {
		const path = (text ?? '').replace(/^-/, '');
		if (figures.includes(path)) return { path, towards: text?.startsWith('-') ? -1 : 1 };
		return { path: figures[Math.min(other, figures.length - 1)] ?? '', towards: 1 };
	};
	const [x, y] = [objective(wanted.x, 0), objective(wanted.y, 1)];
	const value = (run: Run, path: string): number => {
		const found = outputs.get(run.id)?.get(path);
		return typeof found === 'number' ? found : Number.NaN;
	};
	const front = paretoFront(
		done.map((run) => [value(run, x.path), value(run, y.path)]),
		[x.towards, y.towards],
	);
	const isOnFront = new Map(done.map((run, index) => [run.id, front[index] === true]));
	const shown = [...new Set([x.path, y.path, ...figures.slice(0, 4)])].filter((path) => path !== '');
	const rows = runs.map((run): Row => {
		const cells: Record<string, Scalar> = { run: run.id, status: run.status, front: isOnFront.get(run.id) === true };
		for (const path of settings) cells[`in ${path}`] = inputs.get(run.id)?.get(path) ?? null;
		for (const path of shown) cells[path] = outputs.get(run.id)?.get(path) ?? null;
		return cells;
	});
	const inputUnits = unitsOf(system, 'input');
	const outputUnits = unitsOf(system, 'output');
	const named = (units: ReadonlyMap<string, string>) => (path: string) => ({ path, unit: units.get(path) ?? null });
	return {
		settings: settings.map(named(inputUnits)),
		figures: figures.map(named(outputUnits)),
		x: `${x.towards < 0 ? '-' : ''}${x.path}`,
		y: `${y.towards < 0 ? '-' : ''}${y.path}`,
		rows,
		panels:
			done.length < 2 || figures.length === 0
				? []
				: [frontPanel(rows, x, y, outputUnits), parallelPanel(rows, settings, shown), bestPanel(done, x, value, outputUnits)],
	};
}

function varying(sides: readonly ReadonlyMap<string, Scalar>[]): string[] {
	const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))];
	return paths.filter((path) => sides.some((side) => side.get(path) !== sides[0]?.get(path)));
}

function unitsOf(system: System, side: 'input' | 'output'): ReadonlyMap<string, string> {
	const fields = describeFields(side === 'input' ? system.inputs : system.outputs, side);
	return new Map(
		fields.flatMap((field) =>
			field.unit === undefined || field.unit === '1' ? [] : [[field.path.join('.'), field.unit] as const],
		),
	);
}

const FRONT = 'on the front';
const OTHER = 'beaten by another';

interface Objective {
	readonly path: string;
	readonly towards: Direction;
}

function axis({ path, towards }: Objective, units: ReadonlyMap<string, string>) {
	const unit = units.get(path);
	return { label: `${path}, ${towards > 0 ? 'more' : 'less'} is better`, ...(unit !== undefined && { unit }) };
}

function frontPanel(rows: readonly Row[], x: Objective, y: Objective, units: ReadonlyMap<string, string>): Panel {
	const points = rows.filter((row) => typeof row[x.path] === 'number' && typeof row[y.path] === 'number');
	const named = points
		.map((row) => ({ ...row, kind: row['front'] === true ? FRONT : OTHER }))
		.sort((a, b) => a.kind.localeCompare(b.kind));
	return {
		kind: 'plot',
		title: 'Pareto front',
		note: `Each dot is a run. ${points.filter((row) => row['front'] === true).length} of ${points.length} are beaten by no other in both objectives at once.`,
		x: axis(x, units),
		y: axis(y, units),
		color: { label: 'Run' },
		marks: [{ mark: 'dot', data: named, x: x.path, y: y.path, color: 'kind' }],
	};
}

/** Every axis from its least (0) to its greatest value (1); texts by their order. */
function parallelPanel(rows: readonly Row[], settings: readonly string[], figures: readonly string[]): Panel {
	const done = rows.filter((row) => row['status'] === 'done');
	const step = Math.max(1, Math.ceil(done.length / MOST_LINES));
	const drawn = done.filter((row, index) => index % step === 0 || row['front'] === true);
	const axes = [
		...settings.map((path) => ({ key: `in ${path}`, name: path })),
		...figures.map((path) => ({ key: path, name: path })),
	].slice(0, 10);
	const data = axes.flatMap(({ key, name }) => {
		const values = done.map((row) => row[key] ?? null);
		const ranks = [...new Set(values.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
		const size = (value: unknown): number => (typeof value === 'number' ? value : ranks.indexOf(String(value)));
		const sizes = values.map(size);
		const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
		return drawn.map((row) => ({
			axis: name,
			share: greatest === least ? 0.5 : (size(row[key] ?? null) - least) / (greatest - least),
			value: row[key] ?? null,
			run: row['run'] ?? null,
			kind: row['front'] === true ? FRONT : OTHER,
		}));
	});
	const sample = step > 1 ? ` A sample: every ${step}th run, and all on the front.` : '';
	return {
		kind: 'plot',
		title: 'Parallel coordinates',
		note: `One line a run, through its inputs and outputs, each axis from its least to its greatest value.${sample}`,
		x: { label: 'Axis', scale: 'band' },
		y: { label: 'Least to greatest' },
		color: { label: 'Run' },
		marks: [
			{
				mark: 'line',
				data: data.sort((a, b) => b.kind.localeCompare(a.kind)),
				x: 'axis',
				y: 'share',
				color: 'kind',
				series: 'run',
			},
		],
	};
}

function bestPanel(
	done: readonly Run[],
	objective: Objective,
	value: (run: Run, path: string) => number,
	units: ReadonlyMap<string, string>,
): Panel {
	let best = Number.NaN;
	const inOrder = [...done].sort(
		(a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? '') || (a.position ?? 0) - (b.position ?? 0),
	);
	const data = inOrder.flatMap((run, index) => {
		const found = value(run, objective.path);
		if (Number.isFinite(found) && !((found - best) * objective.towards <= 0)) best = found;
		return Number.isFinite(best) ? [{ runs: index + 1, best }] : [];
	});
	return {
		kind: 'plot',
		title: 'Best so far',
		note: 'The best value of the first objective after so many runs, in the order they ended.',
		x: { label: 'Runs' },
		y: axis(objective, units),
		marks: [{ mark: 'line', data, x: 'runs', y: 'best' }],
	};
}
