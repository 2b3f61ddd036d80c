/** Sweeps through workers as a user meets them: `assay sweep`, `assay worker`, `assay workers` and `assay sweeps` as processes beside a PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresCluster } from '@assay/database/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startAssay } from './testing/assay-process.ts';

const sweepDocument = z.object({
	sweep: z.object({ id: z.string(), counts: z.record(z.string(), z.number()) }),
	runs: z.array(z.object({ settings: z.unknown(), outputs: z.unknown(), status: z.string() })),
});
const workersDocument = z.object({
	workers: z.array(z.object({ process: z.number(), hands: z.number(), runs: z.array(z.object({ system: z.string() })) })),
});
const sweepsDocument = z.object({
	sweeps: z.array(z.object({ id: z.string(), executor: z.string(), counts: z.record(z.string(), z.number()) })),
});

let folder: string;
let cluster: PostgresCluster;
let environment: { readonly DATABASE_URL: string };

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-cli-workers-'));
	cluster = await PostgresCluster.start(folder);
	environment = { DATABASE_URL: await cluster.createDatabase() };
}, 120_000);
afterAll(async () => {
	await cluster.stop();
	await rm(folder, { recursive: true, force: true });
});

const start = (...words: string[]) => startAssay(folder, words, { environment });

/** What a verb answers as JSON; one that fails fails the test with its words. */
async function document(...words: string[]): Promise<unknown> {
	const { status, out, error } = await start(...words, '--json').ended;
	expect(status, error).toBe(0);
	return JSON.parse(out);
}

test('a sweep through two workers gives what a local one gives; another is handed over, watched, stopped and continued', async () => {
	const words = ['sweep', 'draco', '--set', 'network.name=mobilenet-v2', '--grid', 'array.rows=16,24,32,40,48'];
	const workers = [start('worker', '--concurrency', '1'), start('worker', '--concurrency', '1', '--systems', 'draco,splitwise')];
	const ended = sweepDocument.parse(await document(...words, '--executor', 'distributed'));
	expect(ended.sweep.counts).toMatchObject({ done: 5, queued: 0, running: 0, failed: 0 });
	const local = await startAssay(await mkdtemp(join(folder, 'local-')), [...words, '--json']).ended;
	expect(ended.runs).toEqual(sweepDocument.parse(JSON.parse(local.out)).runs);

	const long = ['trace.durationSeconds=3000', 'trace.requestsPerSecond=200', 'trace.maxRequests=2000000'];
	const detached = [...long.flatMap((one) => ['--set', one]), '--grid', 'cluster.promptMachines=1,2,3,4'];
	const handed = await start('sweep', 'splitwise', ...detached, '--executor', 'distributed', '--priority', '2', '--detach').ended;
	expect(handed.status, handed.error).toBe(0);
	const { sweeps } = sweepsDocument.parse(await document('sweeps', 'list'));
	const handedOver = sweeps.find(({ id }) => id !== ended.sweep.id);
	expect(handedOver).toMatchObject({ executor: 'distributed', counts: { done: 0 } });
	const id = handedOver?.id ?? '';
	const busy = async (): Promise<string[]> =>
		workersDocument.parse(await document('workers')).workers.flatMap(({ runs }) => runs.map(({ system }) => system));
	await expect.poll(busy, { timeout: 30_000 }).toEqual(['splitwise', 'splitwise']);
	expect((await start('workers').ended).out).toMatch(/splitwise .*-\d for /);

	const stopped = await start('sweeps', 'stop', id).ended;
	// It waits five seconds at most, and says so if a worker still held a run then.
	expect(stopped).toMatchObject({ status: 0, error: expect.stringMatching(/^stopped with 0 runs done\n$/) });
	expect(await busy()).toEqual([]);
	expect((await start('sweeps', 'continue', id).ended).status).toBe(0);
	await expect.poll(busy, { timeout: 30_000 }).toEqual(['splitwise', 'splitwise']);

	// A worker that is told to end gives back what it holds.
	for (const worker of workers) worker.process.kill('SIGINT');
	for (const worker of workers) expect((await worker.ended).error).toContain('what was at work went back to the others');
	const after = sweepsDocument.parse(await document('sweeps', 'list')).sweeps.find((one) => one.id === id);
	expect(after?.counts).toMatchObject({ queued: 4, running: 0, done: 0 });
	expect(workersDocument.parse(await document('workers')).workers).toEqual([]);
});
