/** Which runs of a sweep are wanted, in which order: conditions on settings and figures, one of them to sort by, page by page. */
import { setImmediate as giveWay } from 'node:timers/promises';
import { InputError, nearestName, show } from '@assay/contract';
import type { RunStatus } from '@assay/database';
import type { Scalar } from '../flatten.ts';
import { type Run, runOf } from '../run-record.ts';
import type { RunStore } from '../run-store.ts';
import { listResultColumns, readResultColumns } from './result-columns.ts';

const RELATIONS = ['<=', '>=', '!=', '<', '>', '='] as const;
export type Relation = (typeof RELATIONS)[number];

/** A setting or figure kept to a bound; a run that has none of that name does not meet it. */
export interface Condition {
	readonly path: string;
	readonly relation: Relation;
	readonly bound: string | number;
}

export interface Selection {
	readonly status?: RunStatus;
	/** All of them are met. */
	readonly where: readonly Condition[];
	/** Runs that have none of it come last either way; ties, and all without it, stand in the order of the sweep. */
	readonly sort?: { readonly path: string; readonly isDescending: boolean };
}

/** Runs read at once by their positions. */
const READ_ROWS = 200;

/** `outputs.latencySeconds<=5`, `inputs.mode=plan`. Raises an InputError that names `place`, the option or field it was written in. */
export function parseCondition(text: string, place: string): Condition {
	const [, path = '', relation = '', bound = ''] = /^\s*([^<>=!]+?)\s*(<=|>=|!=|<|>|=)\s*(.*?)\s*$/s.exec(text) ?? [];
	const known = RELATIONS.find((one) => one === relation);
	if (known === undefined || bound === '')
		throw new InputError({ path: [place], found: show(text), expected: 'a condition such as outputs.latencySeconds<=5' });
	return { path, relation: known, bound: Number.isNaN(Number(bound)) ? bound : Number(bound) };
}

/** `outputs.latencySeconds`, or with a minus before it the greatest first. */
export function parseSort(text: string): NonNullable<Selection['sort']> {
	return { path: text.replace(/^-/, ''), isDescending: text.startsWith('-') };
}

/** As `parseCondition` reads it. */
export function conditionText({ path, relation, bound }: Condition): string {
	return `${path}${relation}${bound}`;
}

/**
 * Positions of the selected runs, in order. What conditions and order speak of must have been taken in (`takeInResults`). Raises an
 * InputError for a path that no run has.
 */
export async function selectRuns(store: RunStore, sweep: string, selection: Selection): Promise<Int32Array> {
	const { where, sort, status } = selection;
	if (where.length === 0 && sort === undefined) return positionsWith(store, sweep, status);
	await requireKnownPaths(store, sweep, selection);
	const paths = [...where.map(({ path }) => path), ...(sort === undefined ? [] : [sort.path])];
	const { positions, cells } = await readResultColumns(store.database, sweep, paths);
	const wanted = status === undefined ? undefined : new Set(await positionsWith(store, sweep, status));
	const tests = where.map((condition) => ({ column: cells.get(condition.path), meets: testOf(condition) }));
	let count = 0;
	const rows = new Uint32Array(positions.length);
	for (const [row, position] of positions.entries()) {
		if (wanted !== undefined && !wanted.has(position)) continue;
		if (tests.every(({ column, meets }) => meets(column?.[row] ?? null))) rows[count++] = row;
	}
	const selected = rows.subarray(0, count);
	const column = sort === undefined ? undefined : cells.get(sort.path);
	if (column !== undefined) {
		const sign = sort?.isDescending === true ? -1 : 1;
		selected.sort((a, b) => compareCells(column[a] ?? null, column[b] ?? null, sign) || a - b);
	}
	return Int32Array.from(selected, (row) => positions[row] as number);
}

async function positionsWith(store: RunStore, sweep: string, status: RunStatus | undefined): Promise<Int32Array> {
	let query = store.database.selectFrom('runs').select('position').where('sweep', '=', sweep).orderBy('position');
	if (status !== undefined) query = query.where('status', '=', status);
	return Int32Array.from(await query.execute(), ({ position }) => position ?? 0);
}

async function requireKnownPaths(store: RunStore, sweep: string, { where, sort }: Selection): Promise<void> {
	const known = (await listResultColumns(store.database, sweep)).map(({ path }) => path);
	for (const [place, path] of [
		...where.map((one) => ['where', one.path]),
		...(sort === undefined ? [] : [['sort', sort.path]]),
	] as const) {
		if (path === undefined || known.includes(path)) continue;
		throw new InputError({
			path: [place ?? 'where'],
			found: show(path),
			expected: `a setting or figure of the sweep, for example ${known.slice(-2).join(' or ')}`,
			nearest: nearestName(path, known),
		});
	}
}

/** Numbers are compared as numbers, all else as text. */
function testOf({ relation, bound }: Condition): (cell: Scalar) => boolean {
	const against = String(bound);
	return (cell) => {
		if (cell === null) return false;
		const order =
			typeof cell === 'number' && typeof bound === 'number'
				? cell - bound
				: typeof cell === 'number'
					? Number.NaN
					: compareTexts(String(cell), against);
		switch (relation) {
			case '=':
				return order === 0;
			case '!=':
				return order !== 0;
			case '<':
				return order < 0;
			case '<=':
				return order <= 0;
			case '>':
				return order > 0;
			case '>=':
				return order >= 0;
		}
	};
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers before texts and yes or no, and what is missing last, whichever way the order goes. */
function compareCells(a: Scalar, b: Scalar, sign: number): number {
	if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
	if (a === null || b === null) return Number(a === null) - Number(b === null);
	if (typeof a === 'number' || typeof b === 'number')
		return sign * (Number(typeof b === 'number') - Number(typeof a === 'number'));
	return sign * compareTexts(String(a), String(b));
}

/** Runs of a sweep at some positions, in their order, in batches of some hundred; positions without a run are left out. */
export async function* runsAt(store: RunStore, sweep: string, positions: Int32Array): AsyncGenerator<Run[]> {
	for (let from = 0; from < positions.length; from += READ_ROWS) {
		const wanted = [...positions.subarray(from, from + READ_ROWS)];
		const rows = await store.database
			.selectFrom('runs')
			.selectAll()
			.where('sweep', '=', sweep)
			.where('position', 'in', wanted)
			.execute();
		const found = new Map(rows.map((row) => [row.position, row]));
		yield wanted.flatMap((position) => {
			const row = found.get(position);
			return row === undefined ? [] : [runOf(row)];
		});
		await giveWay();
	}
}

/** A page of the selected runs, and how many there are in all. */
export async function listSelectedRuns(
	store: RunStore,
	sweep: string,
	selection: Selection,
	page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly runs: readonly Run[]; readonly total: number }> {
	const { where, sort, status } = selection;
	if (where.length === 0 && sort === undefined) {
		const counts = await store.sweepCounts(sweep);
		let query = store.database.selectFrom('runs').selectAll().where('sweep', '=', sweep).orderBy('position');
		if (status !== undefined) query = query.where('status', '=', status);
		return {
			runs: (await query.limit(page.limit).offset(page.offset).execute()).map(runOf),
			total: status === undefined ? Object.values(counts).reduce((sum, count) => sum + count, 0) : counts[status],
		};
	}
	const positions = await selectRuns(store, sweep, selection);
	const runs: Run[] = [];
	for await (const batch of runsAt(store, sweep, positions.subarray(page.offset, page.offset + page.limit))) runs.push(...batch);
	return { runs, total: positions.length };
}
