/** A page of a sweep's runs: those that meet the conditions of the address, in its order. */
import { InputError, type Row } from '@assay/contract';
import { conditionText, flatten, listSelectedRuns, type RunStore, type Scalar, type Selection } from '@assay/runs';
import { selectionOf } from '@assay/server';

const PAGE_RUNS = 50;

export interface SweepRunsView {
	readonly rows: readonly Row[];
	readonly total: number;
	/** From 1. */
	readonly page: number;
	readonly pages: number;
	/** Number of the first row, from 1. */
	readonly first: number;
	readonly status: string;
	readonly where: readonly string[];
	readonly sort: string;
	/** What of the address could not be understood; all runs are shown then. */
	readonly problem: string | null;
}

/** Rows have the cells `run`, `status`, `front`, and one for each of `paths`. */
export async function sweepRuns(
	store: RunStore,
	sweep: string,
	query: URLSearchParams,
	paths: readonly string[],
	front: ReadonlySet<number>,
): Promise<SweepRunsView> {
	let selection: Selection = { where: [] };
	let problem: string | null = null;
	const page = Math.max(1, Math.trunc(Number(query.get('page') ?? '1')) || 1);
	const list = (chosen: Selection, at: number) =>
		listSelectedRuns(store, sweep, chosen, { offset: (at - 1) * PAGE_RUNS, limit: PAGE_RUNS });
	const listed = await (async () => {
		try {
			selection = selectionOf({
				status: query.get('status') ?? '',
				where: `${query.get('where') ?? ''};${addedCondition(query)}`,
				sort: query.get('sort') ?? '',
			});
			return await list(selection, page);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			problem = error.message;
			selection = { where: [] };
			return list(selection, page);
		}
	})();
	const rows = listed.runs.map((run): Row => {
		const leaves = new Map<string, Scalar>([
			...prefixed('inputs.', flatten(run.inputs)),
			...(run.outputs === null ? [] : prefixed('outputs.', flatten(run.outputs))),
		]);
		return {
			run: run.id,
			status: run.status,
			front: run.position !== null && front.has(run.position),
			...Object.fromEntries(paths.map((path) => [path, leaves.get(path) ?? null])),
		};
	});
	return {
		rows,
		total: listed.total,
		page,
		pages: Math.max(1, Math.ceil(listed.total / PAGE_RUNS)),
		first: (page - 1) * PAGE_RUNS + 1,
		status: selection.status ?? '',
		where: selection.where.map(conditionText),
		sort: selection.sort === undefined ? '' : `${selection.sort.isDescending ? '-' : ''}${selection.sort.path}`,
		problem,
	};
}

/** The condition that the form on the page adds; none where its bound is left empty. */
function addedCondition(query: URLSearchParams): string {
	const [column, relation, bound] = ['column', 'relation', 'bound'].map((name) => query.get(name)?.trim() ?? '');
	return column === '' || bound === '' ? '' : `${column}${relation}${bound}`;
}

function prefixed(prefix: string, leaves: ReadonlyMap<string, Scalar>): [string, Scalar][] {
	return [...leaves].map(([path, value]) => [prefix + path, value]);
}
