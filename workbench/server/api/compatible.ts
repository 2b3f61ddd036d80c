/** The daily-papers shape that existing scripts read: `GET /api/daily_papers?date=&week=&month=&page=&limit=`. */

import { parseOrExplain } from '@assay/contract';
import { dayPage, monthPage, rankPapers, readCards, toHostJson, weekPage } from '@assay/feed';
import { Hono } from 'hono';
import { z } from 'zod';
import { conditional } from '../http/conditional.ts';
import { takeFromBudget } from '../http/limit.ts';
import type { AppEnvironment } from '../request-context.ts';
import { queryInteger } from './schemas.ts';

const query = z.object({
	date: z.string().max(20).optional(),
	week: z.string().max(20).optional(),
	month: z.string().max(20).optional(),
	page: queryInteger({ min: 0, max: 10_000, default: 0 }),
	limit: queryInteger({ min: 1, max: 100, default: 50 }),
});

export const compatible = new Hono<AppEnvironment>().get('/api/daily_papers', async (c) => {
	const context = c.get('context');
	takeFromBudget(context, 'read');
	const { date, week, month, page, limit } = parseOrExplain(query, c.req.query());
	const { database } = context.services;
	const options = { now: context.now, limit, offset: page * limit };
	const papers =
		date !== undefined
			? (await dayPage(database, date, options)).papers
			: week !== undefined
				? (await weekPage(database, week, options)).papers
				: month !== undefined
					? (await monthPage(database, month, options)).papers
					: await readCards(database.kysely, await rankPapers(database, { ...options, order: 'trending' }));
	return conditional(c.req.raw, JSON.stringify(toHostJson(papers)), {
		'content-type': 'application/json',
		'cache-control': 'public, max-age=60',
	});
});
