/** The server's manners: headers, hosts, origins, forms, health. */
import { catalog } from '@assay/catalog';
import { csrfToken } from '@assay/feed';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApp, PUBLIC_URL, publicEnvironment, type TestApp } from './testing/index.ts';

describe('on loopback', () => {
	let server: TestApp;
	beforeAll(async () => {
		server = await openTestApp();
	}, 120_000);
	afterAll(() => server.close());

	test('pages allow their own scripts by hash and nothing inline besides', async () => {
		const response = await server.request('/');
		expect(response.status).toBe(200);
		const policy = response.headers.get('content-security-policy') ?? '';
		expect(policy).not.toContain('unsafe');
		expect(policy).toMatch(/script-src 'self' 'sha256-/);
		const html = await response.text();
		expect(html).not.toContain('nonce=');
		expect(html).toContain('<h1');
		expect(response.headers.get('x-content-type-options')).toBe('nosniff');
	});

	test('a page that has not changed is not sent again, and one that has is', async () => {
		const etag = (await server.request('/claims')).headers.get('etag') ?? '';
		expect((await server.request('/claims', { headers: { 'if-none-match': etag } })).status).toBe(304);
		const before = (await server.request('/')).headers.get('etag') ?? '';
		await server.services.database.kysely
			.updateTable('papers')
			.set({ title: 'Another title' })
			.where('slug', '=', 'leasyn')
			.execute();
		expect((await server.request('/', { headers: { 'if-none-match': before } })).status).toBe(200);
	});

	test('the page of each of the 47 papers runs its system, or says plainly that there is none', async () => {
		const papers = await server.services.database.kysely.selectFrom('papers').select('slug').execute();
		expect(papers).toHaveLength(47);
		const runnable = new Set(catalog.map((entry) => entry.card.slug));
		for (const { slug } of papers) {
			const { document } = parseHTML(await (await server.request(`/papers/${slug}`)).text());
			const section = document.querySelector('#run');
			if (runnable.has(slug)) expect(section?.querySelector('form input[name=do][value=run]'), slug).not.toBeNull();
			else expect(section?.textContent, slug).toContain('Assay has no system for this paper yet');
		}
	});

	test('a name that somebody points at this machine is refused', async () => {
		expect((await server.app.request('http://evil.example/api/v1/papers')).status).toBe(421);
	});

	test('health and metrics answer', async () => {
		expect(await (await server.request('/healthz')).json()).toMatchObject({ status: 'ok' });
		expect(await (await server.request('/metrics')).text()).toContain('assay_http_requests_total');
	});
});

describe('in public', () => {
	let server: TestApp;
	beforeAll(async () => {
		server = await openTestApp(publicEnvironment);
	}, 120_000);
	afterAll(() => server.close());

	test('a form of another site is refused, and so is one without our token', async () => {
		const form = (headers: Record<string, string>) =>
			server.request('/subscribe', { method: 'POST', body: new URLSearchParams({ address: 'a@example.org' }), headers });
		expect((await form({ origin: 'https://evil.example' })).status).toBe(403);
		expect((await form({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
		expect((await form({ origin: PUBLIC_URL })).status).toBe(403);
		expect(await server.services.database.kysely.selectFrom('subscriptions').selectAll().execute()).toEqual([]);
	});

	test('nobody unknown makes the server download a data set', async () => {
		expect((await server.request('/api/v1/data/azure-llm-2023-code')).status).toBe(401);
		expect((await server.request('/api/v1/data/no-such-source')).status).toBe(404);
	});

	test('what changes something needs somebody who is signed in', async () => {
		expect((await server.request('/api/v1/papers/quartet/vote', { method: 'PUT' })).status).toBe(401);
		const answer = await server.request('/settings');
		expect(answer.status).toBe(302);
		expect(answer.headers.get('location')).toBe('/login?back=%2Fsettings');
	});
});

test('forms work behind a proxy that ends TLS, and pages name the address that people use', async () => {
	const server = await openTestApp({ ...publicEnvironment, ASSAY_PUBLIC_URL: 'https://papers.example.org' });
	try {
		const csrf = csrfToken(server.services.secrets, null);
		// The proxy speaks plain HTTP to this server; browsers say the origin that they see.
		const answer = await server.app.request('http://127.0.0.1:4000/preferences', {
			method: 'POST',
			headers: { origin: 'https://papers.example.org' },
			body: new URLSearchParams({ csrf, theme: 'dark', back: '/about' }),
		});
		expect([answer.status, answer.headers.get('location')]).toEqual([302, '/about']);
		expect(answer.headers.get('set-cookie')).toMatch(/^assay_theme=dark;.*Secure/);
		expect(await (await server.app.request('http://127.0.0.1:4000/')).text()).not.toContain('127.0.0.1');
	} finally {
		await server.close();
	}
});
