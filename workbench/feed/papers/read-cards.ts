/** Papers as cards, by id: one query for each kind of thing a card holds, whatever the number of papers. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { NamedLink, PaperCard } from '../paper.ts';
import { chunks } from './chunks.ts';
import { FORMER_SLUG } from './fields.ts';

const linksSchema = z.record(z.string(), z.string());

/** The cards of these papers, in this order; ids that do not exist are left out. Hidden papers are included: ask before. */
export async function readCards(kysely: Kysely<Database>, ids: readonly number[]): Promise<PaperCard[]> {
	const cards = new Map<number, PaperCard>();
	for (const chunk of chunks([...new Set(ids)])) for (const card of await readChunk(kysely, chunk)) cards.set(card.id, card);
	return ids.flatMap((id) => cards.get(id) ?? []);
}

/** The id of the paper that has this slug or had it before it was merged, hidden or not; null where there is none. */
export async function findPaperId(kysely: Kysely<Database>, slug: string): Promise<number | null> {
	const row = await kysely.selectFrom('papers').select('id').where('slug', '=', slug).executeTakeFirst();
	if (row !== undefined) return row.id;
	const former = await kysely
		.selectFrom('paper_fields')
		.select('paper_id')
		.where('key', '=', slug)
		.where('field', '=', FORMER_SLUG)
		.orderBy('paper_id')
		.executeTakeFirst();
	return former?.paper_id ?? null;
}

async function readChunk(kysely: Kysely<Database>, ids: number[]): Promise<PaperCard[]> {
	const papers = await kysely.selectFrom('papers').selectAll().where('id', 'in', ids).execute();
	const authors = await kysely
		.selectFrom('paper_authors')
		.innerJoin('authors', 'authors.id', 'paper_authors.author_id')
		.select(['paper_authors.paper_id', 'authors.slug', 'authors.name'])
		.where('paper_authors.paper_id', 'in', ids)
		.orderBy('paper_authors.position')
		.execute();
	const organisations = await kysely
		.selectFrom('paper_organisations')
		.innerJoin('organisations', 'organisations.id', 'paper_organisations.organisation_id')
		.select(['paper_organisations.paper_id', 'organisations.slug', 'organisations.name'])
		.where('paper_organisations.paper_id', 'in', ids)
		.orderBy('organisations.slug')
		.execute();
	const tags = await kysely
		.selectFrom('paper_tags')
		.innerJoin('tags', 'tags.id', 'paper_tags.tag_id')
		.select(['paper_tags.paper_id', 'tags.slug', 'tags.name'])
		.where('paper_tags.paper_id', 'in', ids)
		.orderBy('tags.slug')
		.execute();
	const votes = await kysely
		.selectFrom('votes')
		.select(['paper_id', ({ fn }) => fn.countAll<number>().as('count')])
		.where('paper_id', 'in', ids)
		.groupBy('paper_id')
		.execute();
	const comments = await kysely
		.selectFrom('comments')
		.select(['paper_id', ({ fn }) => fn.countAll<number>().as('count')])
		.where('paper_id', 'in', ids)
		.where('state', '=', 'visible')
		.groupBy('paper_id')
		.execute();
	const authorsOf = groupLinks(authors);
	const organisationsOf = groupLinks(organisations);
	const tagsOf = groupLinks(tags);
	const votesOf = new Map(votes.map((row) => [row.paper_id, Number(row.count)]));
	const commentsOf = new Map(comments.map((row) => [row.paper_id, Number(row.count)]));
	return papers.map((paper) => ({
		id: paper.id,
		slug: paper.slug,
		title: paper.title,
		summary: paper.summary,
		abstract: paper.abstract,
		arxivId: paper.arxiv_id,
		doi: paper.doi,
		publishedOn: paper.published_on,
		listedOn: paper.listed_on,
		authorsCount: paper.authors_count,
		authors: authorsOf.get(paper.id) ?? [],
		organisations: organisationsOf.get(paper.id) ?? [],
		tags: tagsOf.get(paper.id) ?? [],
		votes: votesOf.get(paper.id) ?? 0,
		comments: commentsOf.get(paper.id) ?? 0,
		commentsElsewhere: paper.comments_elsewhere,
		upvotesElsewhere: paper.upvotes_elsewhere,
		links: linksSchema.parse(JSON.parse(paper.links)),
		hidden: paper.hidden === 1,
		updatedAt: paper.updated_at,
	}));
}

function groupLinks(rows: readonly (NamedLink & { paper_id: number })[]): Map<number, NamedLink[]> {
	const groups = new Map<number, NamedLink[]>();
	for (const { paper_id, slug, name } of rows) {
		const group = groups.get(paper_id);
		if (group) group.push({ slug, name });
		else groups.set(paper_id, [{ slug, name }]);
	}
	return groups;
}
