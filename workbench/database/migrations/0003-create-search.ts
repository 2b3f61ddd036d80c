import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';

/**
 * The words of papers for searching, and the fitted models of their meaning. `search_entries` says which text of a paper the
 * words are from; it does not refer to `papers`, so that entries of papers that are gone can be found and cleared.
 */
export function createSearch(engine: Engine): Migration {
	return {
		async up(database: Kysely<unknown>) {
			await database.schema
				.createTable('search_entries')
				.addColumn('paper_id', 'integer', (column) => column.primaryKey())
				.addColumn('updated_at', 'text', (column) => column.notNull())
				.addColumn('fingerprint', 'text', (column) => column.notNull())
				.execute();
			await database.schema
				.createTable('search_models')
				.addColumn('name', 'text', (column) => column.primaryKey())
				.addColumn('papers', 'integer', (column) => column.notNull())
				.addColumn('parameters', engine === 'sqlite' ? 'blob' : 'bytea', (column) => column.notNull())
				.execute();
			await database.schema.createIndex('papers_by_update').on('papers').column('updated_at').execute();
			await database.schema.createIndex('votes_by_weight').on('votes').columns(['paper_id', 'weight']).execute();
			await (engine === 'sqlite' ? createSqliteWords(database) : createPostgresWords(database));
		},
	};
}

/** The index keeps no copy of the text. */
async function createSqliteWords(database: Kysely<unknown>): Promise<void> {
	await sql`create virtual table paper_words using fts5(
		title, authors, tags, abstract,
		content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
	)`.execute(database);
	await sql`insert into paper_words (paper_words, rank) values ('rank', 'bm25(10.0, 5.0, 4.0, 1.0)')`.execute(database);
}

async function createPostgresWords(database: Kysely<unknown>): Promise<void> {
	await sql`create table paper_words (paper_id integer primary key, document tsvector not null)`.execute(database);
	// Within the row where it fits: ranking reads it for every match.
	await sql`alter table paper_words alter column document set storage main`.execute(database);
	await sql`create index paper_words_by_document on paper_words using gin (document)`.execute(database);
}
