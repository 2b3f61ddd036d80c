/** Where papers stand on the pages of days. A whole page replaces the page of its source; single papers go to its end. */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { chunks } from './chunks.ts';

export interface Placement {
	readonly paperId: number;
	readonly listedOn: string;
	/** From 1; null for the end of the page. */
	readonly position: number | null;
	/** JSON of the page's own lines. */
	readonly raw: string | null;
}

interface Row {
	readonly paper_id: number;
	readonly listed_on: string;
	readonly position: number;
	readonly source: string;
	readonly raw: string | null;
}

/** Replaces a source's page of a day, and gives the papers that no longer stand on it. */
export async function replacePage(
	transaction: Transaction<Database>,
	source: string,
	day: string,
	placements: readonly Placement[],
): Promise<number[]> {
	const before = await transaction
		.selectFrom('listings')
		.selectAll()
		.where('listed_on', '=', day)
		.where('source', '=', source)
		.execute();
	const wanted = new Map(
		placements.map(({ paperId, position, raw }, index): [number, Row] => [
			position ?? index + 1,
			{ paper_id: paperId, listed_on: day, position: position ?? index + 1, source, raw },
		]),
	);
	const stored = new Map(before.map((row) => [row.position, row]));
	const changed = [...wanted.values()].filter((row) => {
		const old = stored.get(row.position);
		return old?.paper_id !== row.paper_id || old.raw !== row.raw;
	});
	await upsert(transaction, changed);
	const dropped = before.filter(({ position }) => !wanted.has(position)).map(({ position }) => position);
	for (const chunk of chunks(dropped))
		await transaction
			.deleteFrom('listings')
			.where('listed_on', '=', day)
			.where('source', '=', source)
			.where('position', 'in', chunk)
			.execute();
	const kept = new Set(placements.map(({ paperId }) => paperId));
	return [...new Set(before.map(({ paper_id }) => paper_id))].filter((id) => !kept.has(id));
}

/** Lists single papers: a paper that its day lists already stays where it is, others take their place if it is free, else the end. */
export async function addListings(
	transaction: Transaction<Database>,
	source: string,
	placements: readonly Placement[],
): Promise<void> {
	const days = new Map<string, { papers: Set<number>; positions: Set<number>; last: number }>();
	for (const { listedOn } of placements) days.set(listedOn, { papers: new Set(), positions: new Set(), last: 0 });
	const take = (day: string, paperId: number, position: number): void => {
		const page = days.get(day);
		page?.papers.add(paperId);
		page?.positions.add(position);
		if (page !== undefined) page.last = Math.max(page.last, position);
	};
	for (const chunk of chunks([...days.keys()])) {
		const rows = await transaction
			.selectFrom('listings')
			.select(['paper_id', 'listed_on', 'position'])
			.where('source', '=', source)
			.where('listed_on', 'in', chunk)
			.execute();
		for (const { paper_id, listed_on, position } of rows) take(listed_on, paper_id, position);
	}
	const added = placements.flatMap(({ paperId, listedOn, position, raw }): Row[] => {
		const page = days.get(listedOn);
		if (page === undefined || page.papers.has(paperId)) return [];
		const place = position !== null && !page.positions.has(position) ? position : page.last + 1;
		take(listedOn, paperId, place);
		return [{ paper_id: paperId, listed_on: listedOn, position: place, source, raw }];
	});
	await upsert(transaction, added);
}

async function upsert(transaction: Transaction<Database>, rows: readonly Row[]): Promise<void> {
	for (const chunk of chunks(rows))
		await transaction
			.insertInto('listings')
			.values(chunk)
			.onConflict((conflict) =>
				conflict
					.columns(['listed_on', 'source', 'position'])
					.doUpdateSet((eb) => ({ paper_id: eb.ref('excluded.paper_id'), raw: eb.ref('excluded.raw') })),
			)
			.execute();
}

/** Sets the first day of papers that a page no longer lists. */
export async function refreshFirstDays(
	transaction: Transaction<Database>,
	paperIds: readonly number[],
	at: string,
): Promise<void> {
	for (const id of paperIds) {
		const first = await transaction
			.selectFrom('listings')
			.select(({ fn }) => fn.min('listed_on').as('day'))
			.where('paper_id', '=', id)
			.executeTakeFirst();
		const day = first?.day ?? null;
		await transaction
			.updateTable('papers')
			.set({ listed_on: day, updated_at: at })
			.where('id', '=', id)
			.where('listed_on', 'is distinct from', day)
			.execute();
	}
}
