/**
 * What handing a run to a worker costs, beside the same runs in one loop of this thread; and two workers beside one. A real PostgreSQL, workers as
 * processes. Prints figures beside their targets; fails if a run has no result.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSystem } from '@assay/catalog';
import { createContext, parseInputs } from '@assay/contract';
import { openDatabase } from '@assay/database';
import { PostgresCluster } from '@assay/database/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { RunStore } from '../run-store.ts';
import { startSweep } from '../sweep.ts';
import { distributeSweep, followSweep } from './distributed-sweep.ts';
import { JobQueue } from './job-queue.ts';
import { killAll, spawnWorker } from './testing/index.ts';
import { listWorkers } from './worker-registry.ts';

const TARGETS = { overheadMilliseconds: 5, speedUp: 1.8 };
const never = new AbortController().signal;
/** Some milliseconds of work. */
const small = { network: { name: 'mobilenet-v2' }, array: { columns: 32, dataflow: 'output-stationary' } };

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

/** Seconds that so many workers of one hand take for a sweep, from the first run that ends: what starts once is not counted. */
async function workedOff(workers: number, specification: unknown, system: string): Promise<number> {
	const { id } = await startSweep(store, { system, specification, folder: null });
	const processes: ChildProcess[] = Array.from({ length: workers }, () => spawnWorker({ ASSAY_HOME: folder, DATABASE_URL: url }));
	try {
		while ((await listWorkers(store)).length < workers) await new Promise((resolve) => setTimeout(resolve, 100));
		await distributeSweep(store, queue, id, 0);
		await followSweep(store, id, never);
		const counts = await store.sweepCounts(id);
		const runs = (await store.sweepRuns(id)).map(({ endedAt }) => Date.parse(endedAt ?? '')).sort((a, b) => a - b);
		if (counts.done !== runs.length) throw new Error(`only ${counts.done} of ${runs.length} runs are done`);
		const warm = Math.floor(runs.length / 10);
		return (((runs.at(-1) ?? 0) - (runs[warm] ?? 0)) / 1000) * (runs.length / (runs.length - warm - 1));
	} finally {
		await killAll(processes);
		await store.database.deleteFrom('workers').execute();
	}
}

test('1,000 queued runs on one worker, and in a loop', async () => {
	const rows = Array.from({ length: 1000 }, (_, index) => 8 + (index % 250));
	const system = await findSystem('draco').load();
	const inputs = rows.map((value) => parseInputs(system, { ...small, array: { ...small.array, rows: value } }));
	for (const one of inputs.slice(0, 100)) await system.run(one, createContext({ seed: 0 }));
	const started = performance.now();
	for (const one of inputs) await system.run(one, createContext({ seed: 0 }));
	const own = performance.now() - started;
	const list = rows.map((value, index) => ({ 'array.rows': value, 'array.columns': 32 + Math.floor(index / 250) }));
	const seconds = await workedOff(1, { inputs: small, list }, 'draco');
	const overhead = (1000 * seconds - own) / rows.length;
	process.stdout.write(
		`own time ${(own / rows.length).toFixed(2)} ms a run, on a worker ${seconds.toFixed(2)} ms: ${overhead.toFixed(2)} ms more ` +
			`(target: less than ${TARGETS.overheadMilliseconds}), load ${loadavg()[0]?.toFixed(1)}\n`,
	);
}, 300_000);

test('two workers beside one', async () => {
	const values = (first: number) => Array.from({ length: 150 }, (_, index) => first + index);
	const specification = (first: number) => ({
		inputs: { configurations: false, curves: 'stand-in', samples: 1000 },
		grid: [{ path: 'l1tRatio', values: values(first) }],
	});
	const one = await workedOff(1, specification(60), 'daq-model');
	const two = await workedOff(2, specification(1060), 'daq-model');
	process.stdout.write(
		`150 runs of daq-model: one worker ${one.toFixed(1)} s, two ${two.toFixed(1)} s, ${(one / two).toFixed(2)} times ` +
			`(target on two cores: ${TARGETS.speedUp}; here ${availableParallelism()}), load ${loadavg()[0]?.toFixed(1)}\n`,
	);
}, 300_000);
