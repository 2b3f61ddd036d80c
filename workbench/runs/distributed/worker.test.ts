/** Workers on a real PostgreSQL. The systems are real too; limits are set low, so that honest runs pass them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSystem } from '@assay/catalog';
import { openDatabase } from '@assay/database';
import { PostgresCluster } from '@assay/database/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { getAt } from '../input-path.ts';
import { LocalExecutor } from '../local-executor.ts';
import { RunQueue } from '../run-queue.ts';
import type { Run } from '../run-record.ts';
import { RunStore } from '../run-store.ts';
import { startSweep, workOnSweep } from '../sweep.ts';
import { distributeSweep, followSweep, stopDistributedSweep, whyNobodyWorks } from './distributed-sweep.ts';
import { JobQueue } from './job-queue.ts';
import { startWorker, type TestWorker } from './testing/index.ts';
import { listWorkers } from './worker-registry.ts';

const never = new AbortController().signal;
/** A request a second for a second: some ten milliseconds of work. */
const shortTrace = { trace: { durationSeconds: 1, requestsPerSecond: 1 } };
/** Minutes of work. */
const longTrace = { trace: { durationSeconds: 3000, requestsPerSecond: 200, maxRequests: 2_000_000 } };

let folder: string;
let cluster: PostgresCluster;
let url: string;
let store: RunStore;
let queue: JobQueue;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-workers-'));
	cluster = await PostgresCluster.start(folder);
	url = await cluster.createDatabase();
	store = await RunStore.open(folder, await openDatabase(folder, url));
	queue = await JobQueue.open(store, { supervise: false, onFault: () => undefined });
}, 120_000);
afterAll(async () => {
	await queue.close();
	await store.close();
	await cluster.stop();
	await rm(folder, { recursive: true, force: true });
});

async function worker(options: Parameters<typeof startWorker>[2] = {}): Promise<TestWorker> {
	const started = await startWorker(folder, url, options);
	onTestFinished(() => started.leave());
	return started;
}

let next = 1_000_000;

/** A sweep of splitwise over how many requests it would accept, which changes nothing: runs of one size, no two the same. */
async function distribute(inputs: unknown, count: number, priority = 0): Promise<string> {
	const values = Array.from({ length: count }, () => next++);
	const specification = { inputs, grid: [{ path: 'trace.maxRequests', values }] };
	const { id } = await startSweep(store, { system: 'splitwise', specification, folder: null });
	await distributeSweep(store, queue, id, priority);
	return id;
}

const bare = (runs: readonly Run[]) =>
	runs.map(({ position, status, inputs, outputs, headline, log }) => ({ position, status, inputs, outputs, headline, log }));

test('workers give what the local executor gives, to the byte, files included', async () => {
	const specification = { grid: [{ path: 'network.name', values: ['mobilenet-v2', 'resnet-18'] }] };
	const start = (into: RunStore) => startSweep(into, { system: 'draco', specification, folder: null });
	const database = await openDatabase(await mkdtemp(join(folder, 'local-')), '');
	const local = await RunStore.open(folder, database);
	const executor = new LocalExecutor(folder);
	try {
		const reference = await start(local);
		await workOnSweep(local, executor, reference.id, never);
		const { id } = await start(store);
		await distributeSweep(store, queue, id, 0);
		await worker();
		await followSweep(store, id, never);
		const [ours, theirs] = [await store.sweepRuns(id), await local.sweepRuns(reference.id)];
		expect(JSON.stringify(bare(ours))).toBe(JSON.stringify(bare(theirs)));
		for (const [index, run] of ours.entries())
			expect(await store.artifacts(run.id)).toEqual(await local.artifacts(theirs[index]?.id ?? ''));
	} finally {
		await executor.close();
		await local.close();
	}
});

test('a mistake in the inputs ends a run at once with its words, the others go on, and it can be tried again', async () => {
	const specification = { inputs: shortTrace, grid: [{ path: 'trace.maxRequests', values: [1001, 1002, 1003] }] };
	const { id } = await startSweep(store, { system: 'splitwise', specification, folder: null });
	const bad = JSON.stringify({ ...shortTrace, cluster: 'none such' });
	await store.database.updateTable('runs').set({ inputs: bad }).where('id', '=', `${id}-1`).execute();
	await distributeSweep(store, queue, id, 0);
	await worker();
	await followSweep(store, id, never);
	expect((await store.sweepRuns(id)).map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
	expect((await store.get(`${id}-1`)).error).toMatch(/^cluster/);
	const good = (await store.get(`${id}-0`)).inputs;
	await store.database
		.updateTable('runs')
		.set({ inputs: JSON.stringify(good) })
		.where('id', '=', `${id}-1`)
		.execute();
	await store.requeue(id);
	await distributeSweep(store, queue, id, 0);
	await followSweep(store, id, never);
	expect((await store.sweepCounts(id)).done).toBe(3);
});

test('a run that never ends and one that eats memory are given up with their reason; the others go on', async () => {
	const specification = {
		list: [shortTrace.trace, longTrace.trace, { ...shortTrace.trace, durationSeconds: 2 }].map((trace) => ({ trace })),
	};
	const { id } = await startSweep(store, { system: 'splitwise', specification, folder: null });
	await distributeSweep(store, queue, id, 0);
	const quick = await startWorker(folder, url, { limits: { seconds: 3, bytes: Number.POSITIVE_INFINITY } });
	await followSweep(store, id, never);
	await quick.leave();
	expect((await store.sweepRuns(id)).map(({ status, error }) => error ?? status)).toEqual([
		'done',
		'it took longer than 3 s, which is its limit',
		'done',
	]);
	await store.requeue(id);
	await distributeSweep(store, queue, id, 0);
	// More than the process has to begin with, and less than a long trace takes.
	await worker({ limits: { seconds: 60, bytes: 200 * 2 ** 20 } });
	await followSweep(store, id, never);
	expect((await store.get(`${id}-1`)).error).toBe('it took more than 0.195 GiB of memory, which is its limit');
});

test('a stopped sweep stops where it is at work, and goes on with what is left', async () => {
	const long = await distribute(longTrace, 3);
	const short = await distribute(shortTrace, 2);
	await worker({ hands: 2 });
	await expect.poll(async () => (await store.sweepCounts(long)).running, { timeout: 20_000 }).toBe(1);
	await stopDistributedSweep(store, long);
	expect(await store.sweepCounts(long)).toMatchObject({ stopped: 3, running: 0, queued: 0 });
	await followSweep(store, short, never);
	expect((await store.sweepCounts(short)).done).toBe(2);
	const quick = JSON.stringify((await store.get(`${short}-0`)).inputs);
	await store.database.updateTable('runs').set({ inputs: quick }).where('sweep', '=', long).execute();
	await store.requeue(long);
	await distributeSweep(store, queue, long, 0);
	await followSweep(store, long, never);
	expect((await store.sweepCounts(long)).done).toBe(3);
});

test('sweeps share the hands, and a higher priority goes first', async () => {
	const [first, second, urgent] = [
		await distribute(shortTrace, 12),
		await distribute(shortTrace, 4),
		await distribute(shortTrace, 3, 1),
	];
	await worker();
	for (const sweep of [first, second, urgent]) await followSweep(store, sweep, never);
	const order = await store.database
		.selectFrom('runs')
		.select('sweep')
		.where('sweep', 'in', [first, second, urgent])
		.orderBy('ended_at')
		.execute();
	expect(order.slice(0, 3).map(({ sweep }) => sweep)).toEqual([urgent, urgent, urgent]);
	expect((await store.sweepCounts(first)).done + (await store.sweepCounts(second)).done).toBe(16);
});

test('a worker leaves a system of another version to others, and says why', async () => {
	const id = await distribute(shortTrace, 1);
	const { version } = findSystem('splitwise').card;
	await store.database
		.updateTable('sweeps')
		.set({ version: version + 1 })
		.where('id', '=', id)
		.execute();
	const reason = `this worker has version ${version} of it`;
	expect(await whyNobodyWorks(store, id)).toMatch(/no worker is at work/);
	await worker({ systems: ['draco'] });
	await worker();
	await expect
		.poll(async () => (await listWorkers(store)).flatMap(({ refusals }) => refusals), { timeout: 10_000 })
		.toEqual([{ system: 'splitwise', version: version + 1, reason }]);
	expect(await whyNobodyWorks(store, id)).toMatch(/takes only draco; .*: this worker has version/);
	expect((await store.sweepCounts(id)).queued).toBe(1);
	await store.removeSweep(id);
});

test('a worker that lacks a library leaves the runs that need it to others, as if it had never taken one', async () => {
	const id = await distribute(shortTrace, 3);
	const message = "Cannot find package 'onnxruntime-node' imported from a system";
	await worker({ execute: async () => ({ kind: 'failed', mistake: 'dependency', message }) });
	await expect
		.poll(async () => (await listWorkers(store)).flatMap(({ refusals }) => refusals), { timeout: 10_000 })
		.toMatchObject([{ system: 'splitwise', reason: message }]);
	expect(await store.sweepCounts(id)).toMatchObject({ queued: 3, failed: 0 });
	await worker();
	await followSweep(store, id, never);
	expect((await store.sweepCounts(id)).done).toBe(3);
});

test('data that cannot be had and processes that crash are tried again, and given up after the last try', async () => {
	const id = await distribute(shortTrace, 1);
	let tries = 0;
	await worker({ execute: async () => ({ kind: 'failed', mistake: tries++ % 2 === 0 ? 'data' : 'crash', message: 'gone' }) });
	await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(2);
	// The last of its tries, so that the test need not wait for all of them.
	await sql`update pgboss.job set retry_limit = retry_count + 1 where data->>'run' = ${`${id}-0`}`.execute(store.database);
	await followSweep(store, id, never);
	expect(await store.get(`${id}-0`)).toMatchObject({ status: 'failed', error: 'gone' });
});

test('a worker that leaves gives back what it holds', async () => {
	const id = await distribute(longTrace, 1);
	const leaving = await startWorker(folder, url);
	await expect.poll(async () => (await store.sweepCounts(id)).running, { timeout: 20_000 }).toBe(1);
	expect((await listWorkers(store)).map(({ runs }) => runs.map((run) => run.id))).toEqual([[`${id}-0`]]);
	await leaving.leave();
	expect((await store.get(`${id}-0`)).status).toBe('queued');
	expect(await listWorkers(store)).toEqual([]);
	await worker();
	await expect.poll(async () => (await store.sweepCounts(id)).running, { timeout: 20_000 }).toBe(1);
	await stopDistributedSweep(store, id);
});

test('what is held for a hand that turns out to be busy goes back to the others', async () => {
	const quick = await distribute(shortTrace, 30, 1);
	const slow = await distribute(longTrace, 3);
	await worker();
	await followSweep(store, quick, never);
	await expect.poll(async () => (await store.sweepCounts(slow)).running, { timeout: 20_000 }).toBeGreaterThan(0);
	await expect.poll(async () => store.sweepCounts(slow), { timeout: 20_000 }).toMatchObject({ running: 1, queued: 2 });
	await stopDistributedSweep(store, slow);
});

test('what another worker has taken over is stopped here, and leaves no trace', async () => {
	const id = await distribute(longTrace, 1);
	const { said } = await worker();
	await expect.poll(async () => (await store.sweepCounts(id)).running, { timeout: 20_000 }).toBe(1);
	const [taken] = await store.takeDelivered([`${id}-0`]);
	expect(taken?.id).toBe(`${id}-0`);
	await expect.poll(async () => (await listWorkers(store)).flatMap(({ runs }) => runs)).toEqual([]);
	await new Promise((resolve) => setTimeout(resolve, 2500));
	expect(await store.get(`${id}-0`)).toMatchObject({ status: 'running', outputs: null });
	expect(said).toEqual([]);
});

test('handing a sweep over twice makes no second job of a run', async () => {
	const id = await distribute(shortTrace, 5);
	await distributeSweep(store, queue, id, 0);
	const fetched = await queue.fetch(id, 100);
	expect(fetched.map(({ run }) => run).sort()).toEqual([0, 1, 2, 3, 4].map((position) => `${id}-${position}`));
	expect(await queue.fetch(id, 100)).toEqual([]);
	// Nobody works on these; for others that wait a worker has time all the same.
	const other = await distribute(shortTrace, 1);
	await worker();
	await followSweep(store, other, never);
	expect((await store.sweepCounts(id)).queued).toBe(5);
	await store.removeSweep(id);
});

test('a server that leaves sweeps to workers hands them over, stops them and goes on with them', async () => {
	const onFault = (error: unknown): void => expect.unreachable(String(error));
	const serving = new RunQueue(
		await RunStore.open(folder, await openDatabase(folder, url)),
		new LocalExecutor(folder),
		onFault,
		'distributed',
	);
	try {
		const specification = { inputs: shortTrace, grid: [{ path: 'trace.maxRequests', values: [next++, next++] }] };
		const { id } = await serving.addSweep({ system: 'splitwise', specification, folder: null });
		expect(await serving.isSweepActive(id)).toBe(true);
		expect(await serving.cancelSweep(id)).toBe(true);
		expect(await store.sweepCounts(id)).toMatchObject({ stopped: 2, queued: 0 });
		expect(await serving.isSweepActive(id)).toBe(false);
		await serving.continueSweep(id);
		await worker();
		await followSweep(store, id, never);
		expect((await store.sweepCounts(id)).done).toBe(2);
	} finally {
		await serving.close();
		await serving.store.close();
	}
});

test('without PostgreSQL there is a clear error', async () => {
	const local = await RunStore.open(folder, await openDatabase(await mkdtemp(join(folder, 'local-')), ''));
	try {
		await expect(JobQueue.open(local, { supervise: false, onFault: () => undefined })).rejects.toThrow(
			/DATABASE_URL: found nothing, expected the address of a PostgreSQL/,
		);
		await expect(listWorkers(local)).rejects.toThrow(/DATABASE_URL/);
	} finally {
		await local.close();
	}
});

test('a local sweep of the same specification takes the runs over', async () => {
	const id = await distribute(shortTrace, 2);
	const executor = new LocalExecutor(folder);
	try {
		await workOnSweep(store, executor, id, never);
	} finally {
		await executor.close();
	}
	expect((await store.getSweep(id)).executor).toBe('local');
	const runs = await store.sweepRuns(id);
	expect(runs.map(({ status, outputs }) => [status, typeof getAt(outputs, 'summary')])).toEqual(
		runs.map(() => ['done', expect.any(String)]),
	);
	// The job of a run that has its result is settled without work.
	await worker();
	expect((await store.sweepCounts(id)).done).toBe(2);
});
