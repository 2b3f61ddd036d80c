/**
 * The settings and figures of a sweep by column. To sort or filter a hundred thousand runs by a figure, one column is read instead of all
 * runs: 1,000 runs make a block, and of each block every leaf of inputs and outputs is kept as one list. Columns are derived from the runs;
 * a block is made again when its runs have changed, so nobody has to keep them up to date while runs end.
 */
import { setImmediate as giveWay } from 'node:timers/promises';
import type { Database } from '@assay/database';
import { type Kysely, sql, type Transaction } from 'kysely';
import { flatten, type Scalar } from '../flatten.ts';
import type { RunStore } from '../run-store.ts';

/** Positions of a block. */
const BLOCK = 1000;
/** Runs read at once, and rows written at once. */
const READ_ROWS = 100;
const WRITTEN_ROWS = 400;
/** Characters of a first cell that are kept. */
const FIRST_CHARACTERS = 200;

/** A setting or figure of a sweep. */
export interface ResultColumn {
	/** `inputs.` or `outputs.` and the path of the leaf. */
	readonly path: string;
	/** Whether runs differ in it. */
	readonly varies: boolean;
	/** True if all cells there are are numbers. */
	readonly isNumeric: boolean;
}

/** Columns of a sweep, a cell for each run; null where a run has none. */
export interface ResultColumns {
	/** Positions of the runs, ascending. */
	readonly positions: Int32Array;
	/** By path. */
	readonly cells: ReadonlyMap<string, readonly Scalar[]>;
}

/** How many of a sweep's runs its columns hold. */
export interface TakenIn {
	readonly taken: number;
	readonly total: number;
}

/**
 * Brings the columns of a sweep up to date. With `milliseconds` it stops when that long has passed and says how far it came; calling again
 * goes on from there.
 */
export async function takeInResults(store: RunStore, sweep: string, milliseconds = Number.POSITIVE_INFINITY): Promise<TakenIn> {
	const deadline = performance.now() + milliseconds;
	const { database } = store;
	const block = sql<number>`position / ${sql.lit(BLOCK)}`;
	const now = await database
		.selectFrom('runs')
		.select([
			block.as('block'),
			({ fn }) => fn.countAll<number>().as('runs'),
			sql<number>`sum(case when status = 'done' then 1 else 0 end)`.as('done'),
			sql<number>`sum(case when status = 'done' then position else 0 end)`.as('places'),
		])
		.where('sweep', '=', sweep)
		.groupBy(block)
		.orderBy(block)
		.execute();
	const kept = await database.selectFrom('result_blocks').select(['block', 'stamp']).where('sweep', '=', sweep).execute();
	const stamps = new Map(kept.map((one) => [one.block, one.stamp]));
	let [taken, total] = [0, 0];
	for (const row of now) {
		const runs = Number(row.runs);
		total += runs;
		const isFresh = stamps.get(row.block) === stampOf(runs, Number(row.done), Number(row.places));
		stamps.delete(row.block);
		if (!isFresh && performance.now() > deadline) continue;
		if (!isFresh) await takeInBlock(store, sweep, row.block);
		taken += runs;
	}
	for (const emptied of stamps.keys()) await takeInBlock(store, sweep, emptied);
	return { taken, total };
}

const stampOf = (runs: number, done: number, places: number): string => `${runs}/${done}/${places}`;

interface Column {
	readonly path: string;
	readonly cells: Scalar[];
}

/** Reads the runs of a block and writes its columns. */
async function takeInBlock(store: RunStore, sweep: string, block: number): Promise<void> {
	const positions: number[] = [];
	const isDone: boolean[] = [];
	const columns = new Map<string, Column>();
	const put = (path: string, value: Scalar): void => {
		let column = columns.get(path);
		if (column === undefined) {
			column = { path, cells: [] };
			columns.set(path, column);
		}
		while (column.cells.length < positions.length - 1) column.cells.push(null);
		column.cells.push(value);
	};
	for (let from = block * BLOCK; from < (block + 1) * BLOCK; from += READ_ROWS) {
		const rows = await store.database
			.selectFrom('runs')
			.select(['position', 'status', 'inputs', 'outputs'])
			.where('sweep', '=', sweep)
			.where('position', '>=', from)
			.where('position', '<', from + READ_ROWS)
			.orderBy('position')
			.execute();
		for (const row of rows) {
			positions.push(row.position ?? 0);
			isDone.push(row.status === 'done');
			for (const [path, value] of flatten(JSON.parse(row.inputs))) put(`inputs.${path}`, value);
			if (row.status !== 'done' || row.outputs === null) continue;
			for (const [path, value] of flatten(JSON.parse(row.outputs))) put(`outputs.${path}`, value);
		}
		// SQLite answers at once: without this nobody else would have a turn.
		await giveWay();
	}
	const done = isDone.filter(Boolean).length;
	const places = positions.reduce((sum, position, index) => sum + (isDone[index] ? position : 0), 0);
	const rows = [...columns.values()].map((column, place) => ({ sweep, block, place, ...described(column, isDone) }));
	await store.database.transaction().execute(async (transaction) => {
		await transaction.deleteFrom('result_columns').where('sweep', '=', sweep).where('block', '=', block).execute();
		await transaction.deleteFrom('result_blocks').where('sweep', '=', sweep).where('block', '=', block).execute();
		if (positions.length > 0)
			await writeBlock(
				transaction,
				{ sweep, block, stamp: stampOf(positions.length, done, places), positions: JSON.stringify(positions) },
				rows,
			);
	});
}

/** Somebody else may have written the same block a moment ago; the later one stays, and a stamp tells if that was out of date. */
async function writeBlock(
	transaction: Transaction<Database>,
	block: { readonly sweep: string; readonly block: number; readonly stamp: string; readonly positions: string },
	columns: readonly (ReturnType<typeof described> & { readonly sweep: string; readonly block: number; readonly place: number })[],
): Promise<void> {
	await transaction
		.insertInto('result_blocks')
		.values(block)
		.onConflict((conflict) =>
			conflict
				.columns(['sweep', 'block'])
				.doUpdateSet(({ ref }) => ({ stamp: ref('excluded.stamp'), positions: ref('excluded.positions') })),
		)
		.execute();
	for (let from = 0; from < columns.length; from += WRITTEN_ROWS)
		await transaction
			.insertInto('result_columns')
			.values(columns.slice(from, from + WRITTEN_ROWS))
			.onConflict((conflict) =>
				conflict.columns(['sweep', 'path', 'block']).doUpdateSet(({ ref }) => ({
					place: ref('excluded.place'),
					cells: ref('excluded.cells'),
					first: ref('excluded.first'),
					varies: ref('excluded.varies'),
					numbers: ref('excluded.numbers'),
					others: ref('excluded.others'),
				})),
			)
			.execute();
}

function described({ path, cells }: Column, isDone: readonly boolean[]) {
	while (cells.length < isDone.length) cells.push(null);
	const able = path.startsWith('inputs.') ? cells : cells.filter((_, index) => isDone[index]);
	const first = able[0] ?? null;
	const isOne = cells.every((cell) => cell === cells[0]);
	return {
		path,
		cells: JSON.stringify(isOne ? cells.slice(0, 1) : cells),
		first: JSON.stringify(first).slice(0, FIRST_CHARACTERS),
		varies: able.some((cell) => cell !== first) ? 1 : 0,
		numbers: cells.reduce<number>((count, cell) => count + (typeof cell === 'number' ? 1 : 0), 0),
		others: cells.reduce<number>((count, cell) => count + (cell !== null && typeof cell !== 'number' ? 1 : 0), 0),
	};
}

/** The columns that have been taken in, inputs first, each side in the order of its system. */
export async function listResultColumns(database: Kysely<Database>, sweep: string): Promise<ResultColumn[]> {
	const rows = await database
		.selectFrom('result_columns')
		.select(({ fn }) => [
			'path',
			fn.max('varies').as('varies'),
			fn.min('first').as('least'),
			fn.max('first').as('greatest'),
			fn.sum<number>('numbers').as('numbers'),
			fn.sum<number>('others').as('others'),
			fn.min('place').as('place'),
		])
		.where('sweep', '=', sweep)
		.groupBy('path')
		.execute();
	return rows
		.map(({ path, varies, least, greatest, numbers, others, place }) => ({
			path,
			place,
			varies: varies === 1 || least !== greatest,
			isNumeric: Number(numbers) > 0 && Number(others) === 0,
		}))
		.sort((a, b) => Number(a.path.startsWith('outputs.')) - Number(b.path.startsWith('outputs.')) || a.place - b.place)
		.map(({ place, ...column }) => column);
}

/** The cells of some columns. Paths that no run has give columns of nulls. */
export async function readResultColumns(
	database: Kysely<Database>,
	sweep: string,
	paths: readonly string[],
): Promise<ResultColumns> {
	const blocks = await database
		.selectFrom('result_blocks')
		.select(['block', 'positions'])
		.where('sweep', '=', sweep)
		.orderBy('block')
		.execute();
	const placed = new Map<number, { readonly from: number; readonly size: number }>();
	const positions: number[] = [];
	for (const { block, positions: text } of blocks) {
		const own: number[] = JSON.parse(text);
		placed.set(block, { from: positions.length, size: own.length });
		for (const position of own) positions.push(position);
	}
	const cells = new Map<string, readonly Scalar[]>();
	for (const path of new Set(paths)) {
		const column = new Array<Scalar>(positions.length).fill(null);
		const rows = await database
			.selectFrom('result_columns')
			.select(['block', 'cells'])
			.where('sweep', '=', sweep)
			.where('path', '=', path)
			.execute();
		for (const row of rows) {
			const place = placed.get(row.block);
			if (place === undefined) continue;
			const own: Scalar[] = JSON.parse(row.cells);
			// A block that was made again since the positions were read may have another length; what has no place is left out.
			for (let at = 0; at < place.size; at++) column[place.from + at] = own[own.length === 1 ? 0 : at] ?? null;
		}
		cells.set(path, column);
	}
	return { positions: Int32Array.from(positions), cells };
}

/** The numbers of a column; NaN where a run has none. */
export function numbersOf({ cells, positions }: ResultColumns, path: string): Float64Array {
	const column = cells.get(path);
	return Float64Array.from(positions, (_, index) => {
		const cell = column?.[index];
		return typeof cell === 'number' ? cell : Number.NaN;
	});
}
