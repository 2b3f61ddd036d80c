/** What people send who mean no good, to a server that trusts its one user: script in every text, paths out of the house, broken bodies. */
import { csrfToken, importPapers, parseHostJson } from '@assay/feed';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { XSS_CORPUS } from '../feed/discussion/testing/xss-corpus.ts';
import { openTestApp, type TestApp } from './testing/index.ts';
import { expectInert, form } from './testing/inert.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('on loopback', () => {
	let server: TestApp;
	let csrf: string;
	let slugs: readonly string[];
	beforeAll(async () => {
		server = await openTestApp();
		csrf = csrfToken(server.services.secrets, null);
		const brought = XSS_CORPUS.map((text, index) => ({
			paper: {
				id: `2401.${10000 + index}`,
				title: `${text} ${index}`,
				summary: `${text} ${text}`,
				authors: [{ name: text }, { name: `Author ${text}` }],
				ai_keywords: [text],
				organization: { name: text, fullname: text },
				submittedOnDailyAt: '2025-12-27T00:00:00.000Z',
				projectPage: 'javascript:alert(1)',
				githubRepo: text,
			},
		}));
		const report = await importPapers(server.services.database, parseHostJson(JSON.stringify(brought)), {
			source: 'host-json',
			now: new Date(),
		});
		slugs = report.entries.map((entry) => entry.slug);
		await server.services.database.kysely
			.insertInto('users')
			.values(
				XSS_CORPUS.slice(0, 40).map((text, index) => ({
					handle: `${text}${index}`,
					role: 'user' as const,
					created_at: '2025-01-01T00:00:00Z',
				})),
			)
			.execute();
	}, 120_000);
	afterAll(async () => {
		expect(server.log.filter((line) => /\n\s+at /.test(line))).toEqual([]);
		await server.close();
	});

	test('script in titles, abstracts, names and topics stays text on every page and in every feed', async () => {
		expect(slugs.length).toBeGreaterThan(XSS_CORPUS.length - 10);
		for (const text of XSS_CORPUS) {
			const post = await server.request('/api/v1/papers/quartet/comments', {
				method: 'POST',
				body: JSON.stringify({ body: text }),
				headers: JSON_TYPE,
			});
			expect(post.status, text).toBe(text.includes('\0') ? 400 : 201);
		}
		const { kysely } = server.services.database;
		const named = async (table: 'authors' | 'tags' | 'organisations', folder: string): Promise<string[]> =>
			(await kysely.selectFrom(table).select('slug').orderBy('id', 'desc').limit(12).execute()).map(
				(row) => `${folder}${encodeURIComponent(row.slug)}`,
			);
		const pages = [
			'/date/2025-12-27',
			'/week/2025-W52',
			'/month/2025-12',
			'/?order=new',
			'/papers/quartet',
			'/u/local',
			'/mod',
			'/settings',
			'/subscribe',
			'/feeds',
			...slugs.filter((_, index) => index % 3 === 0).map((slug) => `/papers/${slug}`),
			...(await named('authors', '/author/')),
			...(await named('tags', '/tag/')),
			...(await named('organisations', '/org/')),
			...XSS_CORPUS.slice(0, 40).map((text, index) => `/u/${encodeURIComponent(`${text}${index}`)}`),
		];
		for (const page of pages) await expectInert(await server.request(page), page);
		for (const feed of ['new', 'trending', 'date/2025-12-27', 'u/local', `search`])
			for (const format of ['rss', 'atom', 'json']) {
				const text = await (await server.request(`/feeds/${feed}.${format}?q=${encodeURIComponent(XSS_CORPUS[4] ?? '')}`)).text();
				if (format === 'json') expect(() => JSON.parse(text), feed).not.toThrow();
				else expect(XMLValidator.validate(text), `${feed}.${format}`).toBe(true);
			}
	}, 60_000);

	test('script in queries, names and forms stays text on the page that answers', async () => {
		const places = (part: string): string[] => [
			`/search?q=${part}&mode=${part}&page=${part}&after=${part}`,
			...['papers', 'runs', 'sweeps', 'systems', 'date', 'tag', 'models', 'machines', 'login', 'confirm', 'unsubscribe', '.'].map(
				(folder) => `/${folder}/${part}`,
			),
			...[
				'/?order=',
				'/runs?system=',
				'/runs/compare?runs=',
				'/systems/daq-model?example=',
				'/advise?model=',
				'/advise?model=gpt2&machineFile=',
			].map((place) => place + part),
		];
		const forms = (text: string): { path: string; fields: Record<string, string> }[] => [
			...[{ seed: text }, { system: text }, { changes: text, triggers: text }].map((fields) => ({
				path: '/papers/daq-model',
				fields: { do: 'run', ...fields },
			})),
			{ path: '/papers/quartet', fields: { do: text } },
			{ path: '/papers/quartet', fields: { do: 'flag', reason: text, id: text } },
			{ path: '/submit', fields: { title: '', arxiv: text, doi: text, code: text } },
			{ path: '/subscribe', fields: { address: text, topic: text } },
			{ path: '/settings', fields: { do: 'handle', handle: text, name: text } },
		];
		// Each text goes to the search, to two more places and into one form, in turn.
		for (const [index, text] of XSS_CORPUS.entries()) {
			const part = encodeURIComponent(text);
			const all = places(part);
			for (const place of [`/search?q=${part}`, all[(2 * index) % all.length], all[(2 * index + 1) % all.length]])
				await expectInert(await server.request(place ?? '/'), place ?? '');
			const filled = forms(text)[index % forms(text).length];
			if (filled !== undefined)
				await expectInert(await server.request(filled.path, form({ csrf, ...filled.fields })), JSON.stringify(filled));
		}
	}, 60_000);

	test('no path leads out of the house', async () => {
		const run = await server.request('/api/v1/runs', {
			method: 'POST',
			headers: JSON_TYPE,
			body: JSON.stringify({ system: 'splitwise', inputs: { trace: { durationSeconds: 1, requestsPerSecond: 2 } } }),
		});
		const { id } = z.object({ id: z.string() }).parse(await run.json());
		await (await server.request(`/api/v1/runs/${id}/events`)).text();
		const ways = [
			'..%2f..%2f..%2fetc%2fpasswd',
			'..%5c..%5c..%5cetc%5cpasswd',
			'%2e%2e%2f%2e%2e%2fpackage.json',
			'%252e%252e%252fpackage.json',
			'%2fetc%2fpasswd',
			'file:%2f%2f%2fetc%2fpasswd',
			'....%2f%2f....%2f%2fetc%2fpasswd',
			'..%c0%af..%c0%afetc%c0%afpasswd',
			'assay.sqlite',
			'..%2fassay.sqlite',
			'.env',
			'x%00.js',
			'%00',
			'%',
			'%zz',
			'%e0%a4%a',
			'C:%5cwindows%5cwin.ini',
			'~root',
			'a'.repeat(8000),
			'%2e',
			'..%2f',
			'.',
			'*',
			'CON',
			'__proto__',
			'constructor',
			'toString',
		];
		const bases = [
			'/assets/',
			'/',
			`/api/v1/runs/${id}/artifacts/`,
			'/api/v1/data/',
			'/feeds/',
			'/feeds/tag/',
			'/systems/',
			'/papers/',
			'/runs/',
			'/api/v1/systems/',
			'/api/v1/machines/',
			'/api/v1/models/',
			'/date/',
			'/models/',
			'/machines/',
			'/sweeps/new/',
		];
		for (const base of bases)
			for (const way of ways) {
				const response = await server.request(base + way);
				expect(response.status, base + way.slice(0, 80)).toBeLessThan(500);
				expect(await response.text(), base + way.slice(0, 80)).not.toMatch(/root:.*:0:0|"workspaces"|SQLite format/);
			}
	}, 60_000);

	test('inputs of runs name no file of this machine', async () => {
		for (const file of [
			'/etc/passwd',
			'../../../etc/passwd',
			'package.json',
			'file:///etc/passwd',
			'\\\\server\\share',
			`blob:${'0'.repeat(64)}/../../etc/passwd`,
			`blob:${'0'.repeat(64)}/x`,
		]) {
			const isForm = await server.request('/papers/splitwise', form({ csrf, do: 'run', 'trace.file': file }));
			const answer = await server.request('/api/v1/runs', {
				method: 'POST',
				headers: JSON_TYPE,
				body: JSON.stringify({ system: 'splitwise', inputs: { trace: { file } } }),
			});
			const sweep = await server.request('/api/v1/sweeps', {
				method: 'POST',
				headers: JSON_TYPE,
				body: JSON.stringify({ system: 'splitwise', specification: { list: [{ 'trace.file': file }] } }),
			});
			// A reference to content that is not here is well-formed; its run ends without a result.
			const expected = file.endsWith('/x') ? [302, 202, 202] : [422, 422, 422];
			expect([isForm.status, answer.status, sweep.status], file).toEqual(expected);
		}
	});

	test('bodies that are too deep, too large, of another type or no JSON are refused', async () => {
		const post = (body: BodyInit, type = 'application/json') =>
			server.request('/api/v1/runs', { method: 'POST', body, headers: { 'content-type': type } });
		const nested = (levels: number): string => `{"system":"daq-model","inputs":${'['.repeat(levels)}${']'.repeat(levels)}}`;
		expect((await post(nested(100_000))).status).toBe(400);
		expect((await post(`{"system":"daq-model","inputs":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`)).status).toBe(400);
		expect((await post(nested(10))).status).toBe(422);
		for (const text of [
			'',
			'{',
			'null',
			'[]',
			'1',
			'"x"',
			'{"system":"daq-model",}',
			'\ufeff{}',
			'{"system":"daq-model","inputs":{"__proto__":{"samples":1}}}',
			'{"__proto__":{"system":"daq-model"}}',
			'{"constructor":{"prototype":{"x":1}}}',
			'{"system":"__proto__"}',
			'{"system":"constructor"}',
			'{"system":"daq-model","seed":1e999}',
			'{"system":"daq-model","seed":-1}',
			'{"system":"daq-model","inputs":{"samples":"1e9"}}',
			'{"system":"daq\\u0000model"}',
		])
			expect([400, 422], text).toContain((await post(text)).status);
		expect(Object.hasOwn(Object.prototype, 'samples') || Object.hasOwn(Object.prototype, 'system')).toBe(false);
		for (const type of [
			'',
			'text/plain',
			'application/x-www-form-urlencoded',
			'multipart/form-data',
			'application/jsonp',
			'text/json',
		])
			expect((await post('{}', type)).status, type).toBe(415);
		expect((await post(`"${'x'.repeat(3 * 2 ** 20)}"`)).status).toBe(413);
		expect(
			(
				await server.request('/submit', {
					method: 'POST',
					body: `title=${'x'.repeat(3 * 2 ** 20)}`,
					headers: { 'content-type': 'application/x-www-form-urlencoded' },
				})
			).status,
		).toBe(413);
		for (const body of ['', 'no boundary', '--x\r\n\r\n'])
			for (const path of ['/api/v1/uploads', '/submit', '/papers/daq-model', '/login'])
				expect([400, 403, 415], `${path} ${body}`).toContain(
					(await server.request(path, { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=x' } }))
						.status,
				);
		const many = Array.from({ length: 2000 }, (_, index) => `q${index}=1`).join('&');
		expect((await server.request(`/search?${many}`)).status).toBe(200);
		expect((await server.request(`/api/v1/papers?${many}`)).status).toBe(200);
	});

	test('methods that nothing has, and headers that make no sense, are no fault of ours', async () => {
		for (const [method, path] of [
			['PUT', '/'],
			['DELETE', '/papers/quartet'],
			['PATCH', '/settings'],
			['OPTIONS', '/login'],
			['POST', '/api/v1/papers/quartet'],
			['DELETE', '/api/v1/papers'],
		] as const)
			expect([404, 405], `${method} ${path}`).toContain((await server.request(path, { method })).status);
		for (const headers of [
			{ range: 'bytes=0-0' },
			{ range: 'bytes=9-1,-5,x' },
			{ 'if-none-match': '"\\"'.repeat(500) },
			{ 'if-modified-since': 'yesterday' },
			{ 'accept-encoding': 'br;q=nan, *' },
			{ cookie: '=;;=;assay=%zz; assay_theme=<script>' },
			{ accept: 'x'.repeat(4000) },
			{ 'x-assay-script-mark': 'known' },
			{ 'x-forwarded-for': 'x'.repeat(3000) },
			{ 'x-forwarded-host': 'evil.example' },
		]) {
			const response = await server.request('/papers/quartet', { headers });
			expect(response.status, JSON.stringify(headers).slice(0, 80)).toBe(200);
			expect(await response.text()).not.toMatch(/nonce="known"|https?:\/\/evil\.example\/papers/);
		}
	});

	test('SQL in any parameter is a name that nothing has', async () => {
		const before = await server.services.database.kysely
			.selectFrom('papers')
			.select(({ fn }) => fn.countAll<number>().as('n'))
			.executeTakeFirstOrThrow();
		for (const text of [
			"' or '1'='1",
			"'; drop table papers; --",
			'" or ""="',
			"1' union select email_encrypted from users --",
			'%',
			'_',
			'\\',
			"quartet' --",
			'quartet"*',
			'title:(',
			'NEAR(a b)',
			'-',
			'"',
			'a AND',
			'^x',
			"x' || randomblob(1e9) || '",
		])
			for (const path of [
				'/api/v1/papers/*',
				'/api/v1/search?q=*',
				'/api/v1/papers?tag=*',
				'/api/v1/papers?org=*',
				'/api/v1/runs?system=*&sweep=*',
				'/api/v1/runs/*',
				'/search?q=*',
				'/tag/*',
				'/u/*',
				'/feeds/tag/*.rss',
				'/feeds/search.json?q=*',
				'/api/v1/compare?runs=*',
			]) {
				const response = await server.request(path.replaceAll('*', encodeURIComponent(text)));
				expect(response.status, `${path} ${text}`).toBeLessThan(500);
				expect(await response.text()).not.toContain('SQLITE');
			}
		expect(
			await server.services.database.kysely
				.selectFrom('papers')
				.select(({ fn }) => fn.countAll<number>().as('n'))
				.executeTakeFirstOrThrow(),
		).toEqual(before);
	});
});
