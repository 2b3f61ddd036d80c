/** Papers as digests show them, read when a mail is made, so that a correction made since it was queued is in it. */
import type { AssayDatabase } from '@assay/database';
import type { MailIdentity } from './message.ts';
import type { DigestPaper } from './templates.ts';

const EXCERPT_CHARACTERS = 300;
const NAMED_AUTHORS = 3;

/** The papers of these identifiers that are shown, in the same order. */
export async function digestPapers(
	{ kysely }: AssayDatabase,
	{ publicUrl }: MailIdentity,
	ids: readonly number[],
): Promise<DigestPaper[]> {
	if (ids.length === 0) return [];
	const papers = await kysely
		.selectFrom('papers')
		.select(['id', 'slug', 'title', 'summary', 'abstract', 'authors_count'])
		.where('id', 'in', ids)
		.where('hidden', '=', 0)
		.execute();
	const authors = await kysely
		.selectFrom('paper_authors')
		.innerJoin('authors', 'authors.id', 'paper_authors.author_id')
		.select(['paper_authors.paper_id', 'authors.name'])
		.where('paper_authors.paper_id', 'in', ids)
		.orderBy('paper_authors.position')
		.execute();
	const namesOf = Map.groupBy(authors, (row) => row.paper_id);
	const byId = new Map(papers.map((paper) => [paper.id, paper]));
	return ids.flatMap((id) => {
		const paper = byId.get(id);
		if (paper === undefined) return [];
		const names = (namesOf.get(id) ?? []).map((row) => row.name);
		return {
			id,
			slug: paper.slug,
			title: paper.title,
			authors: authorsText(names, paper.authors_count),
			excerpt: firstSentences(paper.summary ?? paper.abstract ?? ''),
			url: `${publicUrl}/papers/${paper.slug}`,
		};
	});
}

/** `A, B, C and 4 others`, `5 authors` when only their number is known, or nothing. */
export function authorsText(names: readonly string[], count: number | null): string {
	if (names.length === 0) return count === null ? '' : count === 1 ? '1 author' : `${count} authors`;
	const others = Math.max(count ?? 0, names.length) - Math.min(names.length, NAMED_AUTHORS);
	const named = names.slice(0, NAMED_AUTHORS);
	if (others > 0) return `${named.join(', ')} and ${others === 1 ? '1 other' : `${others} others`}`;
	return named.length === 1 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** As many whole sentences as fit, or the first words with an ellipsis. */
export function firstSentences(text: string): string {
	if (text.length <= EXCERPT_CHARACTERS) return text;
	const head = text.slice(0, EXCERPT_CHARACTERS);
	const sentences = /^.*[.!?](?=\s)/su.exec(head)?.[0];
	if (sentences !== undefined && sentences.length > EXCERPT_CHARACTERS / 3) return sentences;
	return `${head.replace(/\s+\S*$/, '')}…`;
}
