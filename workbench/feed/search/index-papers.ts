/** Keeps the word index up to date with the papers: what changes them needs to call nothing. */
import type { AssayDatabase } from '@assay/database';
import { type PaperText, readPaperTexts } from './paper-text.ts';
import { withSearchTables } from './tables.ts';
import { wordsEngine } from './words-engine.ts';

const CHUNK = 500;

export interface IndexChanges {
	/** Papers whose text was new or had changed. */
	readonly indexed: number;
	/** Entries of papers that are gone. */
	readonly removed: number;
}

/** Indexes the papers whose text is new or has changed since, and forgets those that are gone. */
export async function refreshIndex(database: AssayDatabase): Promise<IndexChanges> {
	const kysely = withSearchTables(database.kysely);
	const changed = await kysely
		.selectFrom('papers')
		.leftJoin('search_entries', 'search_entries.paper_id', 'papers.id')
		.select('papers.id')
		.where(({ eb, or }) =>
			or([eb('search_entries.paper_id', 'is', null), eb('search_entries.updated_at', '<>', eb.ref('papers.updated_at'))]),
		)
		.orderBy('papers.id')
		.execute();
	const indexed = await indexPapers(
		database,
		changed.map(({ id }) => id),
	);
	const gone = await kysely
		.selectFrom('search_entries')
		.leftJoin('papers', 'papers.id', 'search_entries.paper_id')
		.select('search_entries.paper_id')
		.where('papers.id', 'is', null)
		.execute();
	await forget(
		database,
		gone.map(({ paper_id }) => paper_id),
	);
	return { indexed, removed: gone.length };
}

/** Looks at the text of these papers again and indexes those whose text has changed; says how many. */
export async function indexPapers(database: AssayDatabase, ids: readonly number[]): Promise<number> {
	let indexed = 0;
	for (let start = 0; start < ids.length; start += CHUNK) indexed += await indexChunk(database, ids.slice(start, start + CHUNK));
	return indexed;
}

function indexChunk(database: AssayDatabase, ids: readonly number[]): Promise<number> {
	return database.kysely.transaction().execute(async (plain) => {
		const transaction = withSearchTables(plain);
		const texts = await readPaperTexts(plain, ids);
		const entries = await transaction.selectFrom('search_entries').selectAll().where('paper_id', 'in', ids).execute();
		const known = new Map(entries.map((entry) => [entry.paper_id, entry.fingerprint]));
		const changed = texts.filter((text) => known.get(text.id) !== text.fingerprint);
		await wordsEngine(database).put(transaction, changed);
		if (texts.length > 0) {
			await transaction
				.insertInto('search_entries')
				.values(texts.map(entryOf))
				.onConflict((conflict) =>
					conflict.column('paper_id').doUpdateSet((eb) => ({
						updated_at: eb.ref('excluded.updated_at'),
						fingerprint: eb.ref('excluded.fingerprint'),
					})),
				)
				.execute();
		}
		return changed.length;
	});
}

function entryOf({ id, updatedAt, fingerprint }: PaperText) {
	return { paper_id: id, updated_at: updatedAt, fingerprint };
}

async function forget(database: AssayDatabase, ids: readonly number[]): Promise<void> {
	for (let start = 0; start < ids.length; start += CHUNK) {
		const chunk = ids.slice(start, start + CHUNK);
		await database.kysely.transaction().execute(async (plain) => {
			const transaction = withSearchTables(plain);
			await wordsEngine(database).remove(transaction, chunk);
			await transaction.deleteFrom('search_entries').where('paper_id', 'in', chunk).execute();
		});
	}
}
