/** The server on PostgreSQL, whole: pages, a vote, a comment, a search, a run; and what PostgreSQL minds and SQLite does not. */
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { XSS_CORPUS } from '../feed/discussion/testing/xss-corpus.ts';
import { openTestApp } from './testing/index.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

onBothEngines(({ open, openAgain, environment, engine }) => {
	test('everything works on this engine', async () => {
		await (await open()).close();
		const { DATABASE_URL } = environment();
		const server = await openTestApp({ DATABASE_URL });
		const send = (method: string, path: string, body?: unknown) =>
			server.request(path, { method, ...(body !== undefined && { body: JSON.stringify(body), headers: JSON_TYPE }) });
		const read = async (path: string): Promise<unknown> => {
			const response = await server.request(path);
			expect(response.status, path).toBe(200);
			return response.json();
		};
		try {
			for (const page of [
				'/',
				'/date/2025-12-26',
				'/papers/quartet',
				'/systems',
				'/claims',
				'/runs',
				'/sweeps',
				'/settings',
				'/mod',
				'/sitemap.xml',
				'/feeds/new.atom',
				'/metrics',
			])
				expect((await server.request(page)).status, page).toBe(200);
			expect(await read('/api/v1/workers')).toEqual({ workers: [] });
			if (engine === 'postgres') {
				const { kysely, close } = await openAgain();
				const seen = new Date().toISOString();
				await kysely
					.insertInto('workers')
					.values({
						id: 'w',
						host: 'far',
						process: 7,
						hands: 2,
						systems: '["draco"]',
						refusals: '[]',
						finished: 0,
						started_at: seen,
						heartbeat_at: seen,
					})
					.execute();
				await close();
				expect(await read('/api/v1/workers')).toMatchObject({
					workers: [{ host: 'far', process: 7, systems: ['draco'], runs: [] }],
				});
				await expect
					.poll(async () => (await server.request('/sweeps')).text(), { timeout: 5000 })
					.toMatch(/far.*7.*alive.*all but.*draco/s);
			}
			expect(await (await send('PUT', '/api/v1/papers/quartet/vote')).json()).toEqual({ voted: true, votes: 1 });
			const posted = await send('POST', '/api/v1/papers/quartet/comments', { body: 'Four bits *suffice*.' });
			expect(posted.status).toBe(201);
			expect(await read('/api/v1/papers/quartet/comments')).toMatchObject({
				comments: [{ html: expect.stringContaining('<em>suffice</em>') }],
			});
			const found = z.looseObject({ hits: z.array(z.looseObject({ paper: z.looseObject({ slug: z.string() }) })) });
			const { hits } = found.parse(await read('/api/v1/search?q=train+language+models+in+four-bit+floating+point'));
			expect(hits.slice(0, 3).map((hit) => hit.paper.slug)).toContain('quartet');
			const run = await send('POST', '/api/v1/runs', {
				system: 'splitwise',
				inputs: { trace: { durationSeconds: 1, requestsPerSecond: 2 } },
				seed: 4_294_967_295,
			});
			const { id } = z.looseObject({ id: z.string() }).parse(await run.json());
			expect(await (await server.request(`/api/v1/runs/${id}/events`)).text()).toContain('{"status":"done"}');
			expect(await read(`/api/v1/runs/${id}`)).toMatchObject({ status: 'done', seed: 4_294_967_295 });
			// A page shows what has just changed within a second; no engine lets a reader see an old vote for longer.
			await expect.poll(async () => (await server.request('/papers/quartet')).text(), { timeout: 5000 }).toContain('suffice');
			for (const text of [
				...XSS_CORPUS.filter((one, index) => index % 8 === 0 || one.includes('\0')),
				'\0',
				'\ud800',
				'%',
				"'",
				'\\',
				'9'.repeat(400),
			]) {
				const part = encodeURIComponent(text.toWellFormed());
				for (const path of [
					`/api/v1/papers/${part}`,
					`/api/v1/search?q=${part}`,
					`/u/${part}`,
					`/runs/${part}`,
					`/api/v1/comments/${part}/vote`,
				]) {
					const answer = await server.request(path);
					expect(answer.status, `${path}`).toBeLessThan(500);
				}
				expect((await send('POST', '/api/v1/papers/quartet/comments', { body: text })).status, text).toBeLessThan(500);
				expect((await send('POST', '/api/v1/papers', { title: text, abstract: text })).status, text).toBeLessThan(500);
			}
			for (const target of [2 ** 31, 2 ** 53 - 1, '2147483648', '1e300', 'NaN'])
				expect((await send('POST', '/api/v1/flags', { kind: 'comment', target, reason: 'spam' })).status, String(target)).toBe(
					422,
				);
			expect((await send('POST', '/api/v1/papers/quartet/comments', { body: 'x', parentId: 2 ** 31 })).status).toBe(422);
			expect(server.log).toEqual([]);
		} finally {
			await server.close();
		}
	}, 120_000);
});
