/** What people send who mean no good: script in every text, paths out of the house, forged proofs, requests of other sites. */
import { createHash } from 'node:crypto';
import { createApiToken, createSession, csrfToken, findOrCreateUser, importPapers, parseHostJson, type User } from '@assay/feed';
import { XMLValidator } from 'fast-xml-parser';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { XSS_CORPUS } from '../feed/discussion/testing/xss-corpus.ts';
import { openSmtpSink } from '../feed/mail/testing/smtp-sink.ts';
import { openTestApp, PUBLIC_URL, publicEnvironment, type TestApp } from './testing/index.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Checks that a page runs nothing but what its policy names, and that its policy names only what the house wrote. */
async function expectInert(response: Response, place: string): Promise<void> {
	const policy = response.headers.get('content-security-policy') ?? '';
	expect(response.headers.get('x-content-type-options'), place).toBe('nosniff');
	if (response.headers.get('content-type') === 'application/problem+json')
		return expect(policy, place).toMatch(/^default-src 'none';/);
	expect(policy, place).toContain("default-src 'self'");
	expect(policy, place).not.toMatch(/unsafe|\*/);
	const html = await response.text();
	expect(response.status, `${place}: ${html.slice(0, 200)}`).toBeLessThan(500);
	const { document } = parseHTML(html);
	const allowed = new Set([...policy.matchAll(/'sha256-([\w+/=]+)'/g)].map((match) => match[1]));
	for (const script of document.querySelectorAll('script')) {
		const source = script.getAttribute('src');
		if (script.getAttribute('type') === 'application/ld+json')
			expect(() => JSON.parse(script.textContent ?? ''), place).not.toThrow();
		else if (source === null) expect(allowed.has(sha256(script.textContent ?? '')), place).toBe(true);
		else expect(source, place).toMatch(/^\/assets\//);
	}
	// Ours start with what only ours start with; a script that a text brought would be none of these.
	for (const script of document.querySelectorAll('script:not([src])'))
		expect(script.textContent, place).not.toMatch(/^\s*alert\(1\)/);
	const foreign = [...document.querySelectorAll('iframe, object, embed, base, frame, applet, meta[http-equiv], math')];
	expect(
		foreign.map((element) => element.localName),
		place,
	).toEqual([]);
	const wrong: string[] = [];
	for (const element of document.querySelectorAll('*'))
		for (const { name, value } of element.attributes) {
			const bare = value.replace(/[\p{Cc}\s]/gu, '');
			const isAddress = /^(href|src|action|formaction|xlink:href|srcdoc|poster|data)$/i.test(name);
			const isForeign = element.localName !== 'a' && /^(https?:)?\/\/evil/i.test(bare);
			const isStyle = name === 'style' && /url\(|expression/i.test(bare);
			if (/^on/i.test(name) || isStyle || (isAddress && (isForeign || /^(javascript|vbscript|data):/i.test(bare))))
				wrong.push(`<${element.localName} ${name}="${value}">`);
		}
	expect(wrong, place).toEqual([]);
}

const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
	method: 'POST',
	body: new URLSearchParams(fields),
	headers,
});

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
			...['/?order=', '/runs?system=', '/runs/compare?runs=', '/systems/daq-model?example='].map((place) => place + part),
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
		const { id } = (await run.json()) as { id: string };
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

describe('in public', () => {
	let server: TestApp;
	let user: User;
	let session: string;
	beforeAll(async () => {
		server = await openTestApp({ ...publicEnvironment, ASSAY_BEHIND_PROXY: '1' });
		const { database, secrets } = server.services;
		user = await findOrCreateUser(database, secrets, 'reader@example.org', new Date());
		session = (await createSession(database, user.id, new Date())).token;
	}, 120_000);
	afterAll(async () => {
		expect(server.log.filter((line) => /\n\s+at /.test(line))).toEqual([]);
		await server.close();
	});
	const votes = async (): Promise<number> =>
		(await server.services.database.kysely.selectFrom('votes').selectAll().execute()).length;
	const vote = (cookie: string, csrf: string) =>
		server.request('/papers/quartet/vote', form({ csrf, vote: 'cast' }, { cookie, origin: PUBLIC_URL }));

	test('a session and its form token open the door together, and nothing forged does', async () => {
		const { database, secrets } = server.services;
		const other = (await createSession(database, user.id, new Date())).token;
		const expired = (await createSession(database, user.id, new Date('2020-01-01'))).token;
		const good = csrfToken(secrets, session);
		for (const cookie of [
			'',
			'assay=',
			`assay=${session}x`,
			`assay=${'A'.repeat(43)}`,
			`assay=${expired}`,
			`assay=${createHash('sha256').update(session).digest('hex')}`,
			`Assay=${session}`,
		])
			expect((await vote(cookie, good)).headers.get('location') ?? '', cookie).toMatch(/^\/login/);
		for (const csrf of ['', 'x', good.slice(1), csrfToken(secrets, null), csrfToken(secrets, other), `${good} `])
			expect((await vote(`assay=${session}`, csrf)).status, csrf).toBe(403);
		expect(await votes()).toBe(0);
		expect((await vote(`assay=${session}`, good)).status).toBeLessThan(400);
		expect(await votes()).toBe(1);
		const token = await createApiToken(database, user.id, 'x', new Date());
		expect((await server.request('/api/v1/me', { headers: { cookie: `assay=${token}` } })).status).toBe(401);
		expect((await server.request('/api/v1/me', { headers: { authorization: `Bearer ${session}` } })).status).toBe(401);
	});

	test('forged links confirm, end and open nothing', async () => {
		for (const token of ['x', 'A'.repeat(43), `${'A'.repeat(42)}%00`, '..%2f..', 'a'.repeat(3000), "' or 1=1 --", '__proto__'])
			for (const path of ['/confirm/', '/unsubscribe/', '/login/']) {
				const address = path + (token.includes('%') ? token : encodeURIComponent(token));
				const csrf = csrfToken(server.services.secrets, null);
				expect((await server.request(address)).status, address).toBeLessThan(500);
				const answer = await server.request(address, form({ csrf }, { origin: PUBLIC_URL }));
				expect(answer.status, address).toBeLessThan(500);
				expect(answer.headers.get('set-cookie'), address).toBeNull();
				if (path === '/unsubscribe/')
					expect([400, 404]).toContain((await server.request(address, form({ 'List-Unsubscribe': 'One-Click' }))).status);
			}
	});

	test('no form and no operation is moved from another site', async () => {
		const paths = [
			'/papers/quartet/vote',
			'/papers/quartet',
			'/submit',
			'/subscribe',
			'/login',
			'/login/x',
			'/confirm/x',
			'/settings',
			'/preferences',
			'/mod',
			'/systems/daq-model',
			'/runs/x',
			'/sweeps/x',
			'/sweeps/new/daq-model',
			'/unsubscribe/x',
			'/search',
			'/',
			'/api/v1/runs',
			'/api/v1/uploads',
			'/api/v1/papers',
			'/api/v1/subscriptions',
			'/api/v1/flags',
			'/api/v1/papers/quartet/comments',
			'/papers/quartet.data',
			'/_root.data',
		];
		const csrf = csrfToken(server.services.secrets, session);
		for (const path of paths)
			for (const headers of [
				{ origin: 'https://evil.example' },
				{ origin: 'null' },
				{ origin: 'http://assay.test:81' },
				{ origin: 'https://assay.test' },
				{ 'sec-fetch-site': 'cross-site' },
				{ 'sec-fetch-site': 'same-site' },
				{ 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL },
			])
				expect(
					(
						await server.request(
							path,
							form({ csrf, vote: 'cast', body: 'x', address: 'a@example.org' }, {
								cookie: `assay=${session}`,
								...headers,
							} as Record<string, string>),
						)
					).status,
					`${path} ${JSON.stringify(headers)}`,
				).toBe(403);
		for (const table of ['comments', 'subscriptions', 'runs', 'flags'] as const)
			expect(await server.services.database.kysely.selectFrom(table).selectAll().execute(), table).toEqual([]);
	});

	test('addresses bring no header of their own, and links lead to where the server says it is', async () => {
		const sink = await openSmtpSink();
		const mailing = await openTestApp({ ...publicEnvironment, ASSAY_SMTP_URL: sink.url, ASSAY_BEHIND_PROXY: '1' });
		try {
			const csrf = csrfToken(mailing.services.secrets, null);
			let network = 1;
			const ask = (path: string, address: string) =>
				mailing.request(
					path,
					form(
						{ csrf, address },
						{
							origin: PUBLIC_URL,
							host: 'evil.example',
							'x-forwarded-host': 'evil.example',
							'x-forwarded-for': `10.1.${network++}.1`,
						},
					),
				);
			for (const address of [
				'a@example.org\r\nBcc: b@example.org',
				'a@example.org\nSubject: x',
				'a@example.org, b@example.org',
				'a@example.org%0d%0aBcc:b@example.org',
				'"a\r\nBcc: c"@example.org',
				'<a@example.org>',
				'a@example.org\0',
				'a@@example.org',
				`${'a'.repeat(400)}@example.org`,
			])
				for (const path of ['/subscribe', '/login'])
					expect([400, 422], `${path} ${JSON.stringify(address)}`).toContain((await ask(path, address)).status);
			for (const path of ['/subscribe', '/login']) expect((await ask(path, 'Good.Reader@example.org')).status).toBe(200);
			await expect.poll(() => sink.received.length, { timeout: 20_000 }).toBe(2);
			for (const mail of sink.received) {
				expect(mail.to).toHaveLength(1);
				const text = mail.raw.toString().replace(/=\r\n/g, '').replace(/=3D/g, '=');
				expect(text).toContain(`${PUBLIC_URL}/`);
				expect(text).not.toContain('evil.example');
				expect(text).not.toMatch(/^bcc:/im);
			}
			for (const path of [
				'/feeds/new.rss',
				'/feeds/new.atom',
				'/feeds/new.json',
				'/sitemap.xml',
				'/robots.txt',
				'/papers/quartet',
				'/api/v1/papers/quartet',
				'/api/v1/openapi.json',
			])
				expect(
					await (
						await mailing.app.request(`http://evil.example${path}`, {
							headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
						})
					).text(),
					path,
				).not.toContain('evil.example');
		} finally {
			await mailing.close();
		}
	});

	test('nobody is sent elsewhere', async () => {
		const csrf = csrfToken(server.services.secrets, session);
		for (const back of [
			'//evil.example',
			'/\\evil.example',
			'https:evil.example',
			'https://evil.example',
			'\\\\evil.example',
			'/\t/evil.example',
			'javascript:alert(1)',
			'/..//evil.example',
			'/.//evil.example',
			'/%2e//evil.example',
			'/x/..//evil.example',
			'/papers/../..//evil.example',
			'////evil.example',
			'/\n/evil.example',
			'\u0000//evil.example',
			' //evil.example',
		])
			for (const answer of [
				await server.request(`/login?back=${encodeURIComponent(back)}`, { headers: { cookie: `assay=${session}` } }),
				await server.request(
					'/preferences',
					form({ csrf, theme: 'dark', back }, { cookie: `assay=${session}`, origin: PUBLIC_URL }),
				),
				await server.request(
					'/papers/quartet/vote',
					form({ csrf, vote: 'cast', back }, { cookie: `assay=${session}`, origin: PUBLIC_URL, accept: 'text/html' }),
				),
			]) {
				expect(answer.status, back).toBeLessThan(500);
				const to = answer.headers.get('location');
				if (to !== null) expect(new URL(to, PUBLIC_URL).origin, `${JSON.stringify(back)} → ${to}`).toBe(PUBLIC_URL);
			}
	});
});
