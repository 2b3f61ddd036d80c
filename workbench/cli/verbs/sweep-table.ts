/** The runs of a sweep as a table: what was varied, and the figures that differ. */
import { describeFields, InputError, nearestName, type Row, type System, show } from '@assay/contract';
import { textTable } from '@assay/report/text';
import { flatten, listResultColumns, listSelectedRuns, parseSort, type RunStore, type Sweep, takeInResults } from '@assay/runs';
import { terminalStyle } from '../terminal.ts';

/** Runs that a terminal shows; files carry them all. */
const MOST_RUNS = 1000;
/** Figures shown unless the user asks for others. */
const FIGURES = 5;

/** Shows the figures of `show` and `best`, or the first few that differ between runs; sorted by `best`, the least first, or with a minus before it the greatest. */
export async function sweepTable(
	store: RunStore,
	system: System,
	{ id, points }: Sweep,
	options: { readonly show: readonly string[]; readonly best?: string },
): Promise<string> {
	await takeInResults(store, id);
	const outputs = (await listResultColumns(store.database, id)).flatMap(({ path, ...column }) =>
		path.startsWith('outputs.') ? [{ ...column, path: path.slice('outputs.'.length) }] : [],
	);
	const known = outputs.map(({ path }) => path);
	const wanted = [...options.show, ...(options.best === undefined ? [] : [options.best.replace(/^-/, '')])];
	for (const path of wanted) {
		if (known.length > 0 && !known.includes(path))
			throw new InputError({
				path: ['--show'],
				found: show(path),
				expected: `the path of an output, for example ${known.slice(0, 3).join(', ')}`,
				nearest: nearestName(path, known),
			});
	}
	const varying = outputs.filter(({ varies, isNumeric }) => varies && isNumeric).map(({ path }) => path);
	const shown = wanted.length > 0 ? [...new Set(wanted)] : varying.slice(0, FIGURES);
	const { best } = options;
	const sort = best === undefined || known.length === 0 ? undefined : parseSort(best.replace(/^(-?)/, '$1outputs.'));
	const { runs, total } = await listSelectedRuns(
		store,
		id,
		{ where: [], ...(sort !== undefined && { sort }) },
		{ offset: 0, limit: MOST_RUNS },
	);
	const axes = [...new Set(points.flatMap(({ settings }) => Object.keys(settings)))];
	const rows = runs.map((run): Row => {
		const settings = points[run.position ?? 0]?.settings ?? {};
		const leaves = run.outputs === null ? new Map() : flatten(run.outputs);
		return {
			run: run.id,
			status: run.status,
			...Object.fromEntries(axes.map((axis) => [`in ${axis}`, scalar(settings[axis])])),
			...Object.fromEntries(shown.map((path) => [path, leaves.get(path) ?? null])),
		};
	});
	const units = new Map(describeFields(system.outputs, 'output').map((field) => [field.path.join('.'), field.unit]));
	const columns = [
		{ key: 'run', label: 'Run' },
		{ key: 'status', label: 'Status' },
		...axes.map((axis) => ({ key: `in ${axis}`, label: axis })),
		...shown.map((path) => {
			const unit = units.get(path);
			return { key: path, label: path, ...(unit !== undefined && { unit }) };
		}),
	];
	const more = total > runs.length ? `\n... ${total - runs.length} more runs; --out writes them all` : '';
	return textTable(columns, rows, terminalStyle()) + more;
}

function scalar(value: unknown): string | number | boolean | null {
	if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
	return JSON.stringify(value) ?? null;
}
