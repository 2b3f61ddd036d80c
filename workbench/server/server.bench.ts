/**
 * What the server takes as a process of its own: a hundred readers at once on three pages, beside a bare Hono route, also a
 * process, that sends the same bytes; and a hundred voters at once. Prints percentiles beside their targets; fails if a
 * reader is not answered.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openDatabase } from '@assay/database';
import { createApiToken, findOrCreateUser, loadSecrets } from '@assay/feed';
import { serve } from '@hono/node-server';
import autocannon from 'autocannon';
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

async function startBareRoute(body: Uint8Array): Promise<{ readonly url: string; readonly stop: () => void }> {
	const folder = await mkdtemp(join(tmpdir(), 'assay-bare-'));
	const file = join(folder, 'body');
	await writeFile(file, body);
	const child = spawn(process.execPath, [fileURLToPath(new URL('./testing/bare-route.ts', import.meta.url)), file]);
	const [port] = await once(child.stdout, 'data');
	await rm(folder, { recursive: true });
	return { url: `http://127.0.0.1:${String(port).trim()}/`, stop: () => void child.kill() };
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
			const body = gzipSync(await (await fetch(server.url + path)).text());
			const headers = { 'accept-encoding': 'gzip' };
			const page = await run({ url: server.url + path, connections: READERS, duration: SECONDS, headers });
			const bare = await startBareRoute(body);
			const constant = await run({ url: bare.url, connections: READERS, duration: SECONDS, headers });
			bare.stop();
			const { latency, requests } = page;
			const verdict = latency.p99 < TARGET_MILLISECONDS.read ? 'within' : 'BEYOND';
			console.log(
				`${path}: ${(body.length / 1024).toFixed(0)} KiB gzip, p50 ${latency.p50} ms, p99 ${latency.p99} ms (${verdict} ${TARGET_MILLISECONDS.read} ms), ${requests.average.toFixed(0)}/s, ${page.errors} errors, ${page.non2xx} refused; bare route p99 ${constant.latency.p99} ms, ${constant.requests.average.toFixed(0)}/s; ratio of throughput ${(requests.average / constant.requests.average).toFixed(2)}; ${load()}`,
			);
			if (page.errors + page.timeouts + page.non2xx > 0) throw new Error(`${path}: not every reader was answered`);
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
		const vote = async (headers: Record<string, string>, count: number): Promise<void> => {
			const method = count % 2 === 0 ? 'PUT' : 'DELETE';
			const answer = await fetch(`http://127.0.0.1:${port}/api/v1/papers/quartet/vote`, { method, headers });
			await answer.arrayBuffer();
			if (answer.status !== 200) throw new Error(`a vote was answered ${answer.status}: ${server.log()}`);
		};
		// A server that has answered nothing yet compiles its way to the first answers.
		for (const headers of voters) await vote(headers, 0);
		const took: number[] = [];
		await Promise.all(
			voters.map(async (headers) => {
				for (let count = 0; count < 20; count++) {
					const from = performance.now();
					await vote(headers, count);
					took.push(performance.now() - from);
				}
			}),
		);
		took.sort((a, b) => a - b);
		const p95 = took[Math.floor(took.length * 0.95)] ?? Number.NaN;
		console.log(
			`votes: p50 ${took[Math.floor(took.length / 2)]?.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (${p95 < TARGET_MILLISECONDS.vote ? 'within' : 'BEYOND'} ${TARGET_MILLISECONDS.vote} ms) of ${took.length}; ${load()}`,
		);
	} finally {
		await server.stop();
	}
}, 120_000);
