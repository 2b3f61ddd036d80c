/** The stated limits of a public server, each met exactly, by a clock of the test's own. */
import { createApiToken, csrfToken, findOrCreateUser } from '@assay/feed';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestApp, PUBLIC_URL, publicEnvironment, type TestApp } from './testing/index.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const HOUR = 3600;

let server: TestApp;
/** Seconds of the limits' clock. */
let now = 1_000_000;
let person = 0;
beforeAll(async () => {
	server = await openTestApp({ ...publicEnvironment, ASSAY_BEHIND_PROXY: '1' }, () => now * 1000);
}, 120_000);
afterAll(() => server.close());
beforeEach(() => {
	now += 10 * 86_400;
});

/** A user with a token, and a network of their own. */
async function somebody(): Promise<Record<string, string>> {
	person += 1;
	const { database, secrets } = server.services;
	const user = await findOrCreateUser(database, secrets, `reader${person}@example.org`, new Date());
	const token = await createApiToken(database, user.id, 'test', new Date());
	return { authorization: `Bearer ${token}`, 'x-forwarded-for': `10.2.${person}.7` };
}

/** Asks until it is refused; gives how often it was not, and after how many seconds one more would pass. */
async function untilRefused(
	ask: (count: number) => Promise<Response>,
	most: number,
): Promise<{ taken: number; retryAfter: number }> {
	for (let taken = 0; taken <= most; taken++) {
		const response = await ask(taken);
		await response.arrayBuffer();
		if (response.status !== 429) {
			expect(response.status, `request ${taken + 1}`).toBeLessThan(400);
			continue;
		}
		expect(response.headers.get('ratelimit-remaining')).toBe('0');
		return { taken, retryAfter: Number(response.headers.get('retry-after')) };
	}
	throw new Error(`not refused after ${most} requests`);
}

const limits = [
	{ name: 'reads', count: 120, refill: 1, ask: (headers) => server.request('/api/v1/papers/quartet', { headers }) },
	{ name: 'feeds', count: 120, refill: 1, ask: (headers) => server.request('/feeds/tag/quantization.json', { headers }) },
	{ name: 'searches', count: 30, refill: 2, ask: (headers) => server.request('/api/v1/search?q=quantization', { headers }) },
	{
		name: 'searches on the page',
		count: 30,
		refill: 2,
		ask: (headers, count) => server.request(`/search?q=memory+${count}`, { headers }),
	},
	{
		name: 'votes',
		count: 60,
		refill: 60,
		ask: (headers) => server.request('/api/v1/papers/quartet/vote', { method: 'PUT', headers }),
	},
	{
		name: 'comments',
		count: 10,
		refill: 360,
		ask: (headers, count) =>
			server.request('/api/v1/papers/quartet/comments', {
				method: 'POST',
				headers: { ...headers, ...JSON_TYPE },
				body: JSON.stringify({ body: `Remark number ${count}.` }),
			}),
	},
	{
		name: 'submissions',
		count: 5,
		refill: 86_400 / 5,
		ask: (headers, count) =>
			server.request('/api/v1/papers', {
				method: 'POST',
				headers: { ...headers, ...JSON_TYPE },
				body: JSON.stringify({ title: `A paper about the number ${count}` }),
			}),
	},
] satisfies readonly {
	name: string;
	count: number;
	/** Seconds until one more is let through. */
	refill: number;
	ask: (headers: Record<string, string>, count: number) => Promise<Response>;
}[];

test.each(limits)('$name: $count, and then one each $refill s', async ({ count, refill, ask }) => {
	const headers = await somebody();
	expect(await untilRefused((index) => ask(headers, index), count)).toEqual({ taken: count, retryAfter: refill });
	now += refill - 1;
	expect((await ask(headers, count + 1)).status).toBe(429);
	now += 1;
	expect(await untilRefused((index) => ask(headers, count + 2 + index), count)).toMatchObject({ taken: 1 });
	// A limit holds for a user in every network, and for a network whoever asks there.
	const { authorization = '', 'x-forwarded-for': network = '' } = headers;
	expect((await ask({ authorization, 'x-forwarded-for': '198.51.100.1' }, count + 4)).status).toBe(429);
	const other = await somebody();
	expect((await ask({ ...other, 'x-forwarded-for': network.replace(/7$/, '200') }, count + 5)).status).toBe(429);
	// What a client writes before what our proxy wrote does not count.
	expect((await ask({ authorization, 'x-forwarded-for': `203.0.113.9, ${network}` }, count + 6)).status).toBe(429);
	expect((await ask(other, count + 7)).status).toBeLessThan(400);
});

test('subscriptions: three an hour for an address, and three for a network, by the API and by the form', async () => {
	const csrf = csrfToken(server.services.secrets, null);
	const ways = [
		(address: string, network: string) =>
			server.request('/api/v1/subscriptions', {
				method: 'POST',
				headers: { ...JSON_TYPE, 'x-forwarded-for': network },
				body: JSON.stringify({ address }),
			}),
		(address: string, network: string) =>
			server.request('/subscribe', {
				method: 'POST',
				headers: { origin: PUBLIC_URL, 'x-forwarded-for': network },
				body: new URLSearchParams({ csrf, address }),
			}),
	];
	for (const [way, ask] of ways.entries()) {
		const sameAddress = await untilRefused((index) => ask(`same${way}@example.org`, `10.${way + 3}.${index}.1`), 3);
		expect(sameAddress).toEqual({ taken: 3, retryAfter: HOUR / 3 });
		expect((await ask(` SAME${way}@example.org`, `10.${way + 3}.99.1`)).status).toBe(429);
		const sameNetwork = await untilRefused((index) => ask(`other${way}${index}@example.org`, `10.${way + 5}.1.${index}`), 3);
		expect(sameNetwork).toEqual({ taken: 3, retryAfter: HOUR / 3 });
	}
});

test('on loopback nobody is counted', async () => {
	const local = await openTestApp();
	try {
		for (let count = 0; count < 130; count++) expect((await local.request('/api/v1/papers/quartet')).status).toBe(200);
	} finally {
		await local.close();
	}
});
