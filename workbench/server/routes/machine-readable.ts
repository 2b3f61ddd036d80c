/** What programs ask a site for: whether it is well, what it counts, where its pages are. */
import { isModerator, networkPrefix, rankPapers, readCards } from '@assay/feed';
import { Hono } from 'hono';
import { conditional } from '../http/conditional.ts';
import type { Metrics } from '../http/metrics.ts';
import { HttpError, problemResponse } from '../http/problem.ts';
import type { AppEnvironment } from '../request-context.ts';

/** Addresses in a site map, of 50,000 that one may hold. */
const MAP_LIMIT = 20_000;
const STATIC_PAGES = ['/', '/systems', '/claims', '/machines', '/models', '/about', '/feeds', '/api'];

export function machineReadable(metrics: Metrics): Hono<AppEnvironment> {
	return new Hono<AppEnvironment>()
		.get('/healthz', async (c) => {
			const { database, queue } = c.get('context').services;
			try {
				await database.kysely.selectFrom('papers').select('id').limit(1).execute();
			} catch (error) {
				return problemResponse(error);
			}
			return c.json({ status: 'ok', queue: queue.load() });
		})
		.get('/metrics', async (c) => {
			const { services, network, visitor } = c.get('context');
			const isHere = network === networkPrefix('127.0.0.1') || network === networkPrefix('::1');
			if (!services.settings.isLocal && !isHere && (visitor === null || !isModerator(visitor)))
				throw new HttpError(403, 'Metrics are for this machine, and for moderators.');
			return c.body(await metrics.text(c.get('context').services), 200, { 'content-type': metrics.mediaType });
		})
		.get('/robots.txt', (c) => {
			const { origin } = c.get('context');
			return c.text(
				`User-agent: *\nDisallow: /runs\nDisallow: /sweeps\nDisallow: /search\nDisallow: /login\nDisallow: /confirm\nDisallow: /unsubscribe\nSitemap: ${origin}/sitemap.xml\n`,
			);
		})
		.get('/sitemap.xml', async (c) => {
			const { origin, services, now } = c.get('context');
			const ids = await rankPapers(services.database, { order: 'new', now, limit: MAP_LIMIT, offset: 0 });
			const papers = await readCards(services.database.kysely, ids);
			const entries = [
				...STATIC_PAGES.map((path) => `<url><loc>${origin}${path}</loc></url>`),
				...papers.map(
					(paper) =>
						`<url><loc>${origin}/papers/${encodeURIComponent(paper.slug)}</loc><lastmod>${paper.updatedAt.slice(0, 10)}</lastmod></url>`,
				),
			];
			const text = `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries.join('\n')}\n</urlset>\n`;
			return conditional(c.req.raw, text, {
				'content-type': 'application/xml; charset=utf-8',
				'cache-control': 'public, max-age=3600',
			});
		});
}
