/** Ten thousand requests drawn at random, half to a server on loopback and half to a public one: none is a fault of ours. */
import { createApiToken, createSession, csrfToken, findOrCreateUser } from '@assay/feed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { XSS_CORPUS } from '../feed/discussion/testing/xss-corpus.ts';
import { openTestApp, PUBLIC_URL, publicEnvironment, type TestApp } from './testing/index.ts';

const REQUESTS_EACH = 5000;

const PATHS =
	'/ /date/2025-12-26 /week/2025-W52 /month/2025-12 /papers/quartet /papers/quartet/vote /papers/daq-model /author/x /org/zyphra /tag/quantization /search?q=memory /submit /u/local /subscribe /confirm/x /unsubscribe/x /login /login/x /settings /preferences /mod /feeds /about /api /systems /systems/splitwise /advise /advise?model=gpt2&machine=8xh100 /runs /runs/compare?runs=a,b /runs/x /sweeps /sweeps/new/daq-model /sweeps/x /claims /machines /machines/dgx-a100 /models /models/gpt2 /feeds/new.rss /feeds/tag/quantization.atom /feeds/search.json?q=x /robots.txt /sitemap.xml /healthz /metrics /icon.svg /assets/x.js /__manifest?p=/ /_root.data /papers/quartet.data /search.data?q=x /api/daily_papers /api/v1/openapi.json /api/v1/papers /api/v1/papers/quartet /api/v1/papers/quartet/vote /api/v1/papers/quartet/comments /api/v1/papers/quartet/similar /api/v1/trending /api/v1/search?q=x /api/v1/dates /api/v1/tags /api/v1/orgs /api/v1/comments/1 /api/v1/comments/1/vote /api/v1/flags /api/v1/subscriptions /api/v1/me /api/v1/me/export /api/v1/systems /api/v1/systems/daq-model /api/v1/systems/daq-model/claims /api/v1/machines/dgx-a100 /api/v1/models/gpt2 /api/v1/runs /api/v1/runs/x /api/v1/runs/x/events /api/v1/runs/x/cancel /api/v1/runs/x/report.html /api/v1/runs/x/export?format=csv /api/v1/runs/x/artifacts/y /api/v1/compare?runs=x,y /api/v1/advice /api/v1/advice?model=gpt2 /api/v1/sweeps /api/v1/sweeps/x /api/v1/uploads /api/v1/data/x'.split(
		' ',
	);
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', ''];

const text = fc.oneof(
	fc.constantFrom(...XSS_CORPUS),
	fc.string({ unit: 'binary', maxLength: 40 }),
	fc.constantFrom(
		'',
		'0',
		'-1',
		'1e999',
		'NaN',
		'2147483648',
		'__proto__',
		'constructor',
		"' or 1=1 --",
		'../..',
		'%',
		'\ud800',
		'2025-12-26',
		'x'.repeat(3000),
	),
);
const part = text.map((drawn) => encodeURIComponent(drawn.toWellFormed()));
const address = fc
	.tuple(fc.constantFrom(...PATHS), fc.constantFrom('none', 'none', 'end', 'inside', 'query'), part, part)
	.map(([path, change, one, other]) => {
		if (change === 'end') return `${path}${path.endsWith('/') ? '' : '/'}${one}`;
		if (change === 'inside') return path.replace(/[^/]+$/, one);
		const query = `${path.includes('?') ? '&' : '?'}${one}=${other}&q=${other}&limit=${one}&cursor=${other}&page=${one}`;
		return change === 'query' ? path + query : path;
	});
const fields = fc.dictionary(
	fc.constantFrom(
		'csrf',
		'do',
		'body',
		'parent',
		'title',
		'address',
		'topic',
		'system',
		'inputs',
		'specification',
		'kind',
		'target',
		'reason',
		'value',
		'handle',
		'name',
		'seed',
		'vote',
		'back',
		'theme',
		'sure',
		'id',
		'__proto__',
	),
	fc.oneof(text, fc.constantFrom('post', 'run', 'edit', 'delete', 'flag', 'token', 'handle', 'cast', 'paper', 'comment')),
	{ maxKeys: 6 },
);
const body = fc.oneof(
	fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)),
	fields.map((drawn) => JSON.stringify(drawn)),
	fields.map((drawn) => new URLSearchParams(drawn).toString()),
	fields.map(
		(drawn) =>
			`${Object.entries(drawn)
				.map(([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
				.join('')}--x--\r\n`,
	),
	fc.uint8Array({ maxLength: 60 }),
);
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
const headers = fc.dictionary(
	fc.constantFrom(
		'accept',
		'accept-encoding',
		'cookie',
		'range',
		'if-none-match',
		'origin',
		'sec-fetch-site',
		'referer',
		'x-forwarded-host',
		'x-forwarded-for',
		'authorization',
		'content-length',
		'x-requested-with',
		'x-assay-script-mark',
	),
	fc.oneof(
		headerText,
		fc.constantFrom('*', 'text/html', 'gzip, br', 'bytes=0-1', 'same-origin', 'cross-site', PUBLIC_URL, 'null', 'Bearer x'),
	),
	{ maxKeys: 3 },
);
/** Whether the request proves itself: most things are beyond those who do not. */
const proof = fc.constantFrom('none', 'form', 'session', 'token');

async function bombard(
	server: TestApp,
	proofs: Readonly<Record<string, Record<string, string>>>,
	csrf: Readonly<Record<string, string>>,
): Promise<Map<number, number>> {
	const statuses = new Map<number, number>();
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...METHODS),
			address,
			body,
			fc.constantFrom(...TYPES),
			headers,
			proof,
			async (method, path, content, type, extra, proven) => {
				const isRead = method === 'GET' || method === 'HEAD';
				const token = csrf[proven];
				const brought =
					typeof content === 'string' && token !== undefined && type.includes('urlencoded')
						? `csrf=${token}&${content}`
						: content;
				let request: Request;
				try {
					request = new Request(new URL(path, server.services.settings.publicUrl ?? 'http://127.0.0.1:4000'), {
						method,
						headers: { ...(type !== '' && { 'content-type': type }), ...extra, ...proofs[proven] },
						...(!isRead && { body: brought }),
					});
				} catch (error) {
					// Not even a request.
					if (error instanceof TypeError) return;
					throw error;
				}
				const response = await server.app.request(request);
				await response.arrayBuffer();
				statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
				expect(response.status, `${method} ${path}\n${server.log.at(-1) ?? ''}`).toBeLessThan(500);
				expect(response.headers.get('content-security-policy'), path).not.toBeNull();
				const location = response.headers.get('location');
				if (location !== null) expect(new URL(location, PUBLIC_URL).origin).toBe(PUBLIC_URL);
			},
		),
		{ numRuns: REQUESTS_EACH, endOnFailure: true },
	);
	return statuses;
}

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

test('on loopback', async () => {
	const server = await openTestApp();
	try {
		const csrf = csrfToken(server.services.secrets, null);
		const statuses = await bombard(server, {}, { form: csrf, session: csrf });
		expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 404, 403, 422]));
		const { kysely } = server.services.database;
		expect(await kysely.selectFrom('users').select('handle').execute()).toHaveLength(1);
		for (const { html } of await kysely.selectFrom('comments').select('html').execute())
			expect(html).not.toMatch(
				/<(?!\/?(p|em|strong|code|pre|a|ul|ol|li|blockquote|br|h\d|hr|s|del)\b)|\son\w+=|="(javascript|data|vbscript):/i,
			);
		expect(await kysely.selectFrom('papers').select('slug').where('slug', 'like', '%<%').execute()).toEqual([]);
		expect(server.log.filter((line) => /\n\s+at /.test(line))).toEqual([]);
		expect(rejections).toEqual([]);
	} finally {
		await server.close();
	}
}, 120_000);

test('in public', async () => {
	const server = await openTestApp({ ...publicEnvironment, ASSAY_BEHIND_PROXY: '1' }, () => clock);
	let clock = 0;
	const ticking = setInterval(() => (clock += 60_000), 1);
	try {
		const { database, secrets } = server.services;
		const user = await findOrCreateUser(database, secrets, 'reader@example.org', new Date());
		const session = await createSession(database, user.id, new Date());
		const token = await createApiToken(database, user.id, 'test', new Date());
		const before = await database.kysely.selectFrom('papers').select('slug').execute();
		const statuses = await bombard(
			server,
			{ session: { cookie: `assay=${session.token}`, origin: PUBLIC_URL }, token: { authorization: `Bearer ${token}` } },
			{ form: csrfToken(secrets, null), session: csrfToken(secrets, session.token) },
		);
		expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 302, 401, 403, 404]));
		const { kysely } = database;
		// Nobody else came into being, and nobody rose.
		expect(await kysely.selectFrom('users').select(['id', 'role']).execute()).toEqual([{ id: user.id, role: 'user' }]);
		for (const table of ['comments', 'votes', 'flags', 'api_tokens'] as const)
			expect(
				new Set((await kysely.selectFrom(table).select('user_id').execute()).map((row) => row.user_id)).size,
				table,
			).toBeLessThanOrEqual(1);
		expect(await kysely.selectFrom('moderation_log').selectAll().execute()).toEqual([]);
		expect(await kysely.selectFrom('subscriptions').select('state').where('state', '!=', 'pending').execute()).toEqual([]);
		const after = await kysely.selectFrom('papers').select(['slug', 'submitted_by']).execute();
		expect(after.filter((paper) => paper.submitted_by === null)).toHaveLength(before.length);
		expect(server.log.filter((line) => /\n\s+at /.test(line))).toEqual([]);
		expect(rejections).toEqual([]);
	} finally {
		clearInterval(ticking);
		await server.close();
	}
}, 120_000);
