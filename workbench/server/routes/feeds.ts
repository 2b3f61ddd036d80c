/** Feeds of every list of papers: `/feeds/<list>.<rss|atom|json>`. */

import {
	ATOM_MEDIA_TYPE,
	atomFeed,
	dayPage,
	type FeedDocument,
	JSON_FEED_MEDIA_TYPE,
	jsonFeed,
	type PaperCard,
	papersOfOrganisation,
	papersOfTag,
	RSS_MEDIA_TYPE,
	rankPapers,
	readCards,
	rssFeed,
	tagUri,
	userActivity,
	userByHandle,
} from '@assay/feed';
import { type Context, Hono } from 'hono';
import { conditional } from '../http/conditional.ts';
import { takeFromBudget } from '../http/limit.ts';
import { aboutAddress, HttpError } from '../http/problem.ts';
import type { AppEnvironment, RequestContext } from '../request-context.ts';

const ENTRIES = 50;
/** The year from which tag URIs of this software name things. */
const TAG_YEAR = 2025;
/** When feeds got the shape they have; stands for `updated` of an empty one. */
const DEFINED_AT = '2025-12-26T00:00:00Z';

const FORMATS = {
	rss: { write: rssFeed, mediaType: RSS_MEDIA_TYPE },
	atom: { write: atomFeed, mediaType: ATOM_MEDIA_TYPE },
	json: { write: jsonFeed, mediaType: JSON_FEED_MEDIA_TYPE },
} as const;

interface FeedContent {
	readonly title: string;
	/** Path of the page the feed is of. */
	readonly home: string;
	readonly papers: readonly PaperCard[];
}

export const feedRoutes = new Hono<AppEnvironment>()
	.get('/feeds/:list', async (c) => {
		const context = c.get('context');
		const [, list = '', format = ''] = /^([a-z]+)\.([a-z]+)$/.exec(c.req.param('list')) ?? [];
		if (list === 'search') {
			takeFromBudget(context, 'search');
			return answer(
				c,
				format,
				`search?q=${c.req.query('q') ?? ''}`,
				await searchFeed(context, (c.req.query('q') ?? '').slice(0, 400)),
			);
		}
		takeFromBudget(context, 'read');
		if (list !== 'trending' && list !== 'new') throw new HttpError(404, 'There is no such feed.');
		const ids = await rankPapers(context.services.database, { order: list, now: context.now, limit: ENTRIES, offset: 0 });
		const title = list === 'new' ? 'New papers' : 'Trending papers';
		return answer(c, format, list, {
			title,
			home: list === 'new' ? '/?order=new' : '/',
			papers: await readCards(context.services.database.kysely, ids),
		});
	})
	.get('/feeds/:kind{date|org|tag|u}/:file', async (c) => {
		const [, name = '', format = ''] = /^(.+)\.([a-z]+)$/.exec(c.req.param('file')) ?? [];
		const kind = c.req.param('kind');
		const context = c.get('context');
		takeFromBudget(context, 'read');
		const content = await namedFeed(context, kind, name).catch((error: unknown) => {
			throw aboutAddress(error, 'date');
		});
		if (content === null) throw new HttpError(404, 'There is no such feed.');
		return answer(c, format, `${kind}/${name}`, content);
	});

async function searchFeed({ services }: RequestContext, query: string): Promise<FeedContent> {
	const { hits } = query === '' ? { hits: [] } : await services.search.current.search(query, { limit: ENTRIES });
	const papers = await readCards(
		services.database.kysely,
		hits.map((hit) => hit.id),
	);
	return { title: `Papers on ${query}`, home: `/search?${new URLSearchParams({ q: query })}`, papers };
}

async function namedFeed({ services, now }: RequestContext, kind: string, name: string): Promise<FeedContent | null> {
	const { database } = services;
	const options = { now, limit: ENTRIES };
	if (kind === 'date')
		return { title: `Papers of ${name}`, home: `/date/${name}`, papers: (await dayPage(database, name, options)).papers };
	if (kind === 'u') {
		const user = await userByHandle(database, name);
		if (user === null || user.erasedAt !== null) return null;
		const papers = await readCards(database.kysely, (await userActivity(database, user.id)).voted);
		return { title: `Papers ${user.handle} voted for`, home: `/u/${user.handle}`, papers };
	}
	const found = await (kind === 'org' ? papersOfOrganisation : papersOfTag)(database, name, options);
	return found === null
		? null
		: {
				title: kind === 'org' ? `Papers of ${found.name}` : `Papers on ${found.name}`,
				home: `/${kind}/${found.slug}`,
				papers: found.papers,
			};
}

function answer(c: Context<AppEnvironment>, format: string, list: string, { title, home, papers }: FeedContent): Response {
	const writer = Object.hasOwn(FORMATS, format) ? FORMATS[format as keyof typeof FORMATS] : undefined;
	if (writer === undefined) throw new HttpError(404, 'Feeds end in .rss, .atom or .json.');
	const { origin } = c.get('context');
	const authority = new URL(origin).hostname;
	const feed: FeedDocument = {
		title: `${title} · Assay`,
		selfUrl: origin + c.req.path + new URL(c.req.url).search,
		homeUrl: origin + home,
		id: tagUri(authority, TAG_YEAR, `feeds/${list}`),
		definedAt: DEFINED_AT,
		entries: papers
			.filter((paper) => !paper.hidden)
			.map((paper) => ({ paper, url: `${origin}/papers/${paper.slug}`, id: tagUri(authority, TAG_YEAR, `papers/${paper.id}`) })),
	};
	return conditional(c.req.raw, writer.write(feed), {
		'content-type': writer.mediaType,
		'cache-control': 'public, max-age=300',
	});
}
