/** What people send to a public server who mean no good: forged proofs, requests of other sites, headers in addresses. */
import { createHash } from 'node:crypto';
import { createApiToken, createSession, csrfToken, findOrCreateUser, type User } from '@assay/feed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSmtpSink } from '../feed/mail/testing/smtp-sink.ts';
import { openTestApp, PUBLIC_URL, publicEnvironment, type TestApp } from './testing/index.ts';
import { form } from './testing/inert.ts';

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
			'/advise',
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
