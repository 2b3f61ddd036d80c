/** What of a paper can be found: title, authors, tags with organisations, abstract with our summary. */
import { createHash } from 'node:crypto';
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';
import { spelledOutFormats } from './number-formats.ts';

export interface PaperText {
	readonly id: number;
	readonly updatedAt: string;
	readonly title: string;
	readonly authors: string;
	/** Tags and organisations. */
	readonly tags: string;
	/** Abstract and summary, and the number formats of the paper spelt out. */
	readonly abstract: string;
	/** Changes exactly when one of the four texts does. */
	readonly fingerprint: string;
}

/** The texts of the papers that exist, in order of id. At most a few thousand at a time. */
export async function readPaperTexts(kysely: Kysely<Database>, ids: readonly number[]): Promise<PaperText[]> {
	if (ids.length === 0) return [];
	const papers = await kysely
		.selectFrom('papers')
		.select(['id', 'title', 'abstract', 'summary', 'updated_at'])
		.where('id', 'in', ids)
		.orderBy('id')
		.execute();
	const authors = await kysely
		.selectFrom('paper_authors')
		.innerJoin('authors', 'authors.id', 'author_id')
		.select(['paper_id', 'name'])
		.where('paper_id', 'in', ids)
		.orderBy('position')
		.execute();
	const tags = await kysely
		.selectFrom('paper_tags')
		.innerJoin('tags', 'tags.id', 'tag_id')
		.select(['paper_id', 'name'])
		.where('paper_id', 'in', ids)
		.orderBy('tags.id')
		.execute();
	const organisations = await kysely
		.selectFrom('paper_organisations')
		.innerJoin('organisations', 'organisations.id', 'organisation_id')
		.select(['paper_id', 'name'])
		.where('paper_id', 'in', ids)
		.orderBy('organisations.id')
		.execute();
	const authorsOf = namesByPaper(authors);
	const tagsOf = namesByPaper([...tags, ...organisations]);
	return papers.map((paper) => {
		const text = {
			title: paper.title,
			authors: authorsOf.get(paper.id) ?? '',
			tags: tagsOf.get(paper.id) ?? '',
			abstract: withFormats(joined([paper.abstract, paper.summary]), paper.title),
		};
		return { id: paper.id, updatedAt: paper.updated_at, ...text, fingerprint: hash(JSON.stringify(Object.values(text))) };
	});
}

/** What stands for the paper where its meaning is compared; the title counts twice. */
export function meaningOf(text: PaperText): string {
	return joined([text.title, text.title, text.tags, text.abstract]);
}

function withFormats(abstract: string, title: string): string {
	return joined([abstract, spelledOutFormats(`${title}\n${abstract}`)]);
}

/** 96 bits of SHA-256. */
export function hash(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function joined(parts: readonly (string | null)[]): string {
	return parts.filter((part) => part !== null && part !== '').join('\n');
}

function namesByPaper(rows: readonly { paper_id: number; name: string }[]): ReadonlyMap<number, string> {
	const names = new Map<number, string>();
	for (const { paper_id, name } of rows) {
		const before = names.get(paper_id);
		names.set(paper_id, before === undefined ? name : `${before}\n${name}`);
	}
	return names;
}
