/**
 * Words by PostgreSQL. The documents are made here, of the same folded words and stems as everywhere, so that they depend on
 * no dictionary of the server. Its ranking knows no rarity of words: each term is ranked alone (cover density, weights
 * title 10, authors 5, tags 4, abstract 1 in proportion, damped by length, saturated) and counts by its own weight.
 */
import { type RawBuilder, sql } from 'kysely';
import type { PaperText } from './paper-text.ts';
import { stem, wordsOf } from './tokens.ts';
import type { Term, WordsEngine } from './words.ts';

const LABELS = { title: 'A', authors: 'B', tags: 'C', abstract: 'D' } as const;
/** Of the labels D, C, B, A. */
const WEIGHTS = '{0.1, 0.4, 0.5, 1.0}';
/** 1: divided by 1 + log(length); 32: then by itself + 1. */
const NORMALISATION = 1 | 32;
/** Ranking reads whole documents: where more match than this, the newest are ranked. */
const MOST_RANKED = 2_000;
/** The largest position a document can hold. */
const LAST_POSITION = 16_383;

export const postgresWords: WordsEngine = {
	async put(kysely, texts) {
		if (texts.length === 0) return;
		const rows = texts.map((text) => sql`(${text.id}::integer, ${document(text)}::tsvector)`);
		await sql`insert into paper_words (paper_id, document) values ${sql.join(rows)}
			on conflict (paper_id) do update set document = excluded.document`.execute(kysely);
	},

	async remove(kysely, ids) {
		await sql`delete from paper_words where paper_id in (${listed(ids)})`.execute(kysely);
	},

	async rank(kysely, { terms, required, excluded, papers }, limit) {
		if (terms.length === 0) return [];
		const within = papers === null ? sql`` : sql`and exists ${papers.where('papers.id', '=', sql<number>`paper_words.paper_id`)}`;
		const parts = terms.map(
			(term) =>
				sql`${term.weight}::float8 * ts_rank_cd(${WEIGHTS}::float4[], document, ${expression(term)}::tsquery, ${NORMALISATION}::integer)`,
		);
		const anyOf = `(${terms.map(expression).join(' | ')})`;
		const match = [anyOf, ...required.map(expression), ...excluded.map((term) => `!${expression(term)}`)].join(' & ');
		const { rows } = await sql<{ id: number; score: number }>`select paper_id as id, ${sql.join(parts, sql` + `)} as score
			from (
				select paper_id, document from paper_words where document @@ ${match}::tsquery ${within}
				order by paper_id desc limit ${MOST_RANKED}
			) as matching
			order by score desc, paper_id desc limit ${limit}`.execute(kysely);
		return rows;
	},

	async matching(kysely, term, among) {
		const within = among === null ? sql`` : sql`and paper_id in (${listed(among)})`;
		const { rows } = await sql<{ id: number }>`select paper_id as id from paper_words
			where document @@ ${expression(term)}::tsquery ${within}`.execute(kysely);
		return rows.map(({ id }) => id);
	},
};

function listed(ids: readonly number[]): RawBuilder<unknown> {
	return sql`select value::integer from json_array_elements_text(${JSON.stringify(ids)}::json)`;
}

/** `'stem':1A 'other':2A ...`; a gap between the fields keeps phrases from running across. */
function document(text: PaperText): string {
	const lexemes: string[] = [];
	let position = 0;
	for (const field of ['title', 'authors', 'tags', 'abstract'] as const) {
		for (const word of wordsOf(text[field])) {
			if (++position <= LAST_POSITION) lexemes.push(`'${stem(word)}':${position}${LABELS[field]}`);
		}
		position += 1;
	}
	return lexemes.join(' ');
}

/** Words hold letters and digits only, so that quotes around them are all the escaping there is. */
function expression({ words, prefix, field }: Term): string {
	const label = field === null ? '' : LABELS[field];
	const parts = words.map((word, index) => {
		const open = prefix && index === words.length - 1;
		const suffix = `${open ? '*' : ''}${label}`;
		return `'${stem(word)}'${suffix === '' ? '' : `:${suffix}`}`;
	});
	return `(${parts.join(' <-> ')})`;
}
