/**
 * What handing a run to a worker costs, beside the same runs in one loop of this thread; and two workers beside one,
 * with what two processes gain over one where there is no queue. A real PostgreSQL, workers as
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
import { ProcessExecutor } from './process-executor.ts';
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

/** Seconds that so many workers of one hand take for a sweep. What starts once is not counted. */
async function workedOff(workers: number, specification: unknown, system: string): Promise<number> {
	const { id } = await startSweep(store, { system, specification, folder: null });
	const processes: ChildProcess[] = Array.from({ length: workers }, () => spawnWorker({ ASSAY_HOME: folder, DATABASE_URL: url }));
	try {
		while ((await listWorkers(store)).length < workers) await new Promise((resolve) => setTimeout(resolve, 100));
		await distributeSweep(store, queue, id, 0);
		await followSweep(store, id, never);
		const counts = await store.sweepCounts(id);
		const runs = (await store.sweepRuns(id)).map(({ endedAt }) => Date.parse(endedAt ?? '')).toSorted((a, b) => a - b);
		if (counts.done !== runs.length) throw new Error(`only ${counts.done} of ${runs.length} runs are done`);
		return betweenEnds(runs);
	} finally {
		await killAll(processes);
		await store.database.deleteFrom('workers').execute();
	}
}

/** Seconds that as many runs take as have ended at these times, in milliseconds: by those after the first tenth, in which code is compiled. */
function betweenEnds(ends: readonly number[]): number {
	const warm = Math.floor(ends.length / 10);
	return (((ends.at(-1) ?? 0) - (ends[warm] ?? 0)) / 1000) * (ends.length / (ends.length - warm - 1));
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

/** Seconds that hands of this process take for the same runs, with no queue and no database between: what the machine's cores allow. */
async function workedOffHere(hands: number, system: string, inputs: readonly unknown[]): Promise<number> {
	const executor = new ProcessExecutor(folder, hands);
	const { version } = findSystem(system).card;
	const limits = { seconds: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
	const ends: number[] = [];
	try {
		await Promise.all(
			inputs.map(async (one) => {
				const work = { kind: 'run', request: { system, version, seed: 0, inputs: one } } as const;
				const { kind } = await executor.execute(work, limits, never);
				if (kind !== 'done') throw new Error(`a run ended as ${kind}`);
				ends.push(performance.now());
			}),
		);
	} finally {
		await executor.close();
	}
	return betweenEnds(ends);
}

test('two workers beside one, and two processes beside one', async () => {
	const system = await findSystem('splitwise').load();
	const trace = (maxRequests: number) => ({ trace: { durationSeconds: 30, requestsPerSecond: 20, maxRequests } });
	// No run of one part has the inputs of another's: the store would know it.
	const values = (part: number) => Array.from({ length: 80 }, (_, index) => 1000 * part + index);
	const work = (part: number) => ({ grid: [{ path: 'trace.maxRequests', values: values(part) }], inputs: trace(1) });
	const here = values(1).map((value) => parseInputs(system, trace(value)));
	const processes = [await workedOffHere(1, 'splitwise', here), await workedOffHere(2, 'splitwise', here)] as const;
	const workers = [await workedOff(1, work(1), 'splitwise'), await workedOff(2, work(2), 'splitwise')] as const;
	const [bare, queued] = [processes[0] / processes[1], workers[0] / workers[1]];
	process.stdout.write(
		`80 runs of splitwise: one worker ${workers[0].toFixed(1)} s, two ${workers[1].toFixed(1)} s, ${queued.toFixed(2)} times ` +
			`(target on two cores: ${TARGETS.speedUp}; here ${availableParallelism()}); the same hands without a queue ` +
			`${processes[0].toFixed(1)} and ${processes[1].toFixed(1)} s, ${bare.toFixed(2)} times; load ${loadavg()[0]?.toFixed(1)}\n`,
	);
}, 300_000);
