/** Words by SQLite's FTS5: BM25 with title 10, authors 5, tags 4, abstract 1 (set when the table is made). */
import { sql } from 'kysely';
import { wordsOf } from './tokens.ts';
import type { Term, WordsEngine } from './words.ts';

/** Where more papers match than this, the newest are ranked. */
const MOST_RANKED = 5_000;

export const sqliteWords: WordsEngine = {
	async put(kysely, texts) {
		if (texts.length === 0) return;
		const rows = texts.map(({ id, title, authors, tags, abstract }) => {
			const [t, a, g, s] = [title, authors, tags, abstract].map((text) => wordsOf(text).join(' '));
			return sql`(${id}, ${t}, ${a}, ${g}, ${s})`;
		});
		await sql`insert or replace into paper_words (rowid, title, authors, tags, abstract) values ${sql.join(rows)}`.execute(
			kysely,
		);
	},

	async remove(kysely, ids) {
		await sql`delete from paper_words where rowid in (select value from json_each(${JSON.stringify(ids)}))`.execute(kysely);
	},

	async rank(kysely, { terms, required, excluded, papers }, limit) {
		if (terms.length === 0) return [];
		// The plus sign keeps the index in charge of the order in which papers are visited.
		const within = papers === null ? sql`` : sql`and exists ${papers.where('papers.id', '=', sql<number>`+paper_words.rowid`)}`;
		const anyOf = `(${terms.map(expression).join(' OR ')})`;
		const wanted = [anyOf, ...required.map(expression)].join(' AND ');
		const match = [`(${wanted})`, ...excluded.map(expression)].join(' NOT ');
		// The index finds matches in order of rowid, at little cost, and ranks them at more.
		const newest = sql`select min(id) from (
			select rowid as id from paper_words where paper_words match ${match} ${within} order by rowid desc limit ${MOST_RANKED}
		)`;
		const { rows } = await sql<{ id: number; rank: number }>`select rowid as id, rank from paper_words
			where paper_words match ${match} and rowid >= (${newest}) ${within} order by rank limit ${limit}`.execute(kysely);
		return rows.map(({ id, rank }) => ({ id, score: -rank }));
	},

	async matching(kysely, term, among) {
		const within = among === null ? sql`` : sql`and +rowid in (select value from json_each(${JSON.stringify(among)}))`;
		const { rows } = await sql<{ id: number }>`select rowid as id from paper_words
			where paper_words match ${expression(term)} ${within}`.execute(kysely);
		return rows.map(({ id }) => id);
	},
};

/** Words hold letters and digits only, so that quotes around them are all the escaping there is. */
function expression({ words, prefix, field }: Term): string {
	const phrase = `"${words.join(' ')}"${prefix ? ' *' : ''}`;
	return field === null ? phrase : `${field} : ${phrase}`;
}
