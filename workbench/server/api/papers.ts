/** Papers: lists, search, submissions. */

import { catalog } from '@assay/catalog';
import {
	dayPage,
	findPaperId,
	importPapers,
	listDays,
	listTags,
	monthPage,
	type PaperCard,
	papersOfOrganisation,
	papersOfTag,
	parseSubmission,
	rankPapers,
	readCards,
	readPaper,
	submitPaper,
	titleKey,
	weekPage,
} from '@assay/feed';
import { z } from '@hono/zod-openapi';
import { HttpError } from '../http/problem.ts';
import type { RequestContext } from '../request-context.ts';
import type { Api } from './api.ts';
import { day, paper, queryInteger } from './schemas.ts';

const TAG = 'Papers';
/** A paper in an address. */
export const slug = z.object({ slug: z.string().max(200).openapi({ example: 'quartet' }) });
const runnable = new Set(catalog.map((entry) => entry.card.slug));

/** A paper as the API tells it. */
export function paperDocument(card: PaperCard, origin: string): z.input<typeof paper> {
	const { id: _id, hidden: _hidden, ...facts } = card;
	return {
		...facts,
		authors: [...card.authors],
		organisations: [...card.organisations],
		tags: [...card.tags],
		links: { ...card.links },
		url: `${origin}/papers/${card.slug}`,
		runnable: runnable.has(card.slug),
	};
}

/** The number of a paper; raises 404 for a slug that none has. */
export async function paperIdOf({ services }: RequestContext, name: string): Promise<number> {
	const id = await findPaperId(services.database.kysely, name);
	if (id === null) throw new HttpError(404, `There is no paper ${JSON.stringify(name)}.`);
	return id;
}

const page = z.object({
	papers: z.array(paper),
	cursor: z.string().nullable().openapi({ description: 'Of the next page; null on the last one.' }),
});
const paging = {
	limit: queryInteger({ min: 1, max: 100, default: 25 }),
	cursor: z
		.string()
		.regex(/^\d{1,9}$/, 'a cursor that an answer gave')
		.optional(),
};
const startOf = (cursor: string | undefined): number => (cursor === undefined ? 0 : Number(cursor));

/** The page of a list that was read one longer than it is shown. */
function pageOf(cards: readonly PaperCard[], limit: number, start: number, origin: string): z.input<typeof page> {
	return {
		papers: cards.slice(0, limit).map((card) => paperDocument(card, origin)),
		cursor: cards.length > limit ? String(start + limit) : null,
	};
}

export function paperOperations(api: Api): void {
	const orders = z.enum(['trending', 'new', 'top', 'hacker-news', 'lobsters', 'reddit']);
	api.operation(
		{
			method: 'get',
			path: '/papers',
			tag: TAG,
			summary: 'Papers in an order; of a day, week, month, topic or organisation if asked for',
			query: z.object({
				order: orders.default('trending'),
				period: z.enum(['day', 'week', 'month', 'all']).default('all'),
				date: day.optional(),
				week: z
					.string()
					.regex(/^\d{4}-W\d{2}$/, 'a week such as 2025-W52')
					.optional(),
				month: z
					.string()
					.regex(/^\d{4}-\d{2}$/, 'a month such as 2025-12')
					.optional(),
				tag: z.string().max(100).optional(),
				org: z.string().max(100).optional(),
				...paging,
			}),
			answer: page,
		},
		async ({ context, query }) => {
			const { database } = context.services;
			const start = startOf(query.cursor);
			const options = { now: context.now, limit: query.limit + 1, offset: start };
			const of = async (): Promise<readonly PaperCard[]> => {
				if (query.date !== undefined) return (await dayPage(database, query.date, options)).papers;
				if (query.week !== undefined) return (await weekPage(database, query.week, options)).papers;
				if (query.month !== undefined) return (await monthPage(database, query.month, options)).papers;
				if (query.tag !== undefined) return (await papersOfTag(database, query.tag, options))?.papers ?? [];
				if (query.org !== undefined) return (await papersOfOrganisation(database, query.org, options))?.papers ?? [];
				return readCards(database.kysely, await rankPapers(database, { ...options, order: query.order, period: query.period }));
			};
			return pageOf(await of(), query.limit, start, context.origin);
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/trending',
			tag: TAG,
			summary: 'What is trending now',
			query: z.object({ limit: paging.limit }),
			answer: z.object({ papers: z.array(paper) }),
		},
		async ({ context, query }) => {
			const ids = await rankPapers(context.services.database, {
				order: 'trending',
				now: context.now,
				limit: query.limit,
				offset: 0,
			});
			return {
				papers: (await readCards(context.services.database.kysely, ids)).map((card) => paperDocument(card, context.origin)),
			};
		},
	);
	api.operation(
		{ method: 'get', path: '/papers/{slug}', tag: TAG, summary: 'One paper', parameters: slug, answer: paper },
		async ({ context, parameters }) => {
			const card = await readPaper(context.services.database, parameters.slug);
			if (card === null) throw new HttpError(404, `There is no paper ${JSON.stringify(parameters.slug)}.`);
			return paperDocument(card, context.origin);
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/papers/{slug}/similar',
			tag: TAG,
			summary: 'The papers nearest in meaning, with the terms they share',
			parameters: slug,
			query: z.object({ limit: queryInteger({ min: 1, max: 50, default: 10 }) }),
			answer: z.object({ similar: z.array(z.object({ score: z.number(), terms: z.array(z.string()), paper })) }),
		},
		async ({ context, parameters, query }) => {
			const { database, search } = context.services;
			const found = await search.current.similar(await paperIdOf(context, parameters.slug), query.limit);
			const cards = new Map(
				(
					await readCards(
						database.kysely,
						found.map((one) => one.id),
					)
				).map((card) => [card.id, card]),
			);
			return {
				similar: found.flatMap(({ id, score, terms }) => {
					const card = cards.get(id);
					return card === undefined ? [] : [{ score, terms: [...terms], paper: paperDocument(card, context.origin) }];
				}),
			};
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/search',
			tag: TAG,
			summary: 'Search by words and by meaning, best first',
			limit: 'search',
			query: z.object({
				q: z.string().min(1).max(400).openapi({ example: 'four-bit training' }),
				mode: z.enum(['fused', 'words', 'meaning']).default('fused'),
				...paging,
			}),
			answer: z.object({
				hits: z.array(
					z.object({ score: z.number(), snippet: z.array(z.object({ text: z.string(), marked: z.boolean() })), paper }),
				),
				total: z.int(),
				corrected: z.string().nullable(),
				cursor: z.string().nullable(),
			}),
		},
		async ({ context, query }) => {
			const { database, search } = context.services;
			const start = startOf(query.cursor);
			const answer = await search.current.search(query.q, { mode: query.mode, limit: query.limit, offset: start, runnable });
			const cards = new Map(
				(
					await readCards(
						database.kysely,
						answer.hits.map((hit) => hit.id),
					)
				).map((card) => [card.id, card]),
			);
			return {
				hits: answer.hits.flatMap(({ id, score, snippet }) => {
					const card = cards.get(id);
					return card === undefined
						? []
						: [{ score, snippet: snippet.map((part) => ({ ...part })), paper: paperDocument(card, context.origin) }];
				}),
				total: answer.total,
				corrected: answer.corrected ?? null,
				cursor: start + query.limit < answer.total ? String(start + query.limit) : null,
			};
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/dates',
			tag: TAG,
			summary: 'Days with papers, newest first',
			query: z.object({ limit: queryInteger({ min: 1, max: 1000, default: 100 }) }),
			answer: z.object({ dates: z.array(z.object({ day: z.string(), papers: z.int() })) }),
		},
		async ({ context, query }) => ({
			dates: await listDays(context.services.database, { now: context.now, limit: query.limit }),
		}),
	);
	api.operation(
		{
			method: 'get',
			path: '/tags',
			tag: TAG,
			summary: 'Topics, those of most papers first',
			answer: z.object({ tags: z.array(z.object({ slug: z.string(), name: z.string(), papers: z.int() })) }),
		},
		async ({ context }) => ({ tags: await listTags(context.services.database, 1000) }),
	);
	api.operation(
		{
			method: 'get',
			path: '/orgs',
			tag: TAG,
			summary: 'Organisations',
			answer: z.object({ organisations: z.array(z.object({ slug: z.string(), name: z.string(), verified: z.boolean() })) }),
		},
		async ({ context }) => {
			const rows = await context.services.database.kysely
				.selectFrom('organisations')
				.select(['slug', 'name', 'verified'])
				.orderBy('slug')
				.execute();
			return { organisations: rows.map((row) => ({ slug: row.slug, name: row.name, verified: row.verified === 1 })) };
		},
	);
	api.operation(
		{
			method: 'post',
			path: '/papers',
			tag: TAG,
			summary: 'Submit a paper; one that was listed in the last 30 days is returned instead',
			limit: 'submission',
			status: 201,
			body: z.record(z.string(), z.string()).openapi({
				example: { title: 'A paper', arxiv: '2401.99999' },
				description: 'title, abstract, arxiv, doi, publishedOn, authors, organisation, tags, code, project; all texts.',
			}),
			answer: z.object({ slug: z.string(), duplicate: z.boolean() }),
		},
		async ({ context, visitor, body }) => {
			const { database } = context.services;
			const batch = parseSubmission(body, context.now.toISOString().slice(0, 10));
			const [brought] = batch.papers;
			if (brought === undefined) throw new TypeError('a submission made no paper');
			const add = async (): Promise<number> => {
				const { entries } = await importPapers(database, batch, {
					source: 'submission',
					now: context.now,
					submittedBy: visitor.id,
				});
				if (entries[0] === undefined) throw new TypeError('a submission made no entry');
				return entries[0].paperId;
			};
			const identity = { arxivId: brought.arxivId, doi: brought.doi, titleKey: titleKey(brought.title) };
			const { slug: name, duplicate } = await submitPaper(database, visitor, identity, add, context.now);
			return { slug: name, duplicate };
		},
	);
}
