/**
 * Two sweeps on four workers while one after another is killed, one is frozen and one cut off until others have taken over their runs, and
 * PostgreSQL restarts. What comes out is held against the local executor's results, byte for byte.
 */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '@assay/contract';
import { openDatabase } from '@assay/database';
import type { PostgresCluster } from '@assay/database/testing';
import { sql } from 'kysely';
import { LocalExecutor } from '../../local-executor.ts';
import type { Run } from '../../run-record.ts';
import { RunStore } from '../../run-store.ts';
import { startSweep, workOnSweep } from '../../sweep.ts';
import { distributeSweep, followSweep } from '../distributed-sweep.ts';
import { JobQueue } from '../job-queue.ts';
import { type CuttableLink, openLink } from './cuttable-link.ts';
import { killAll, spawnWorker } from './index.ts';

export interface Survival {
	/** Runs whose result differs from the local executor's, or that have none. */
	readonly wrong: readonly string[];
	/** Runs whose result was written more than once. */
	readonly twice: readonly string[];
	readonly done: number;
	readonly killed: number;
	readonly link: CuttableLink['kind'];
	/** Seconds from the mending of the link to the first sign of life of the worker that was cut off; null if none came. */
	readonly rejoinedSeconds: number | null;
}

const WORKERS = 4;
/** Places of the worker that is frozen, and of the one that is cut off. */
const [FROZEN, REMOTE] = [0, 1];
const never = new AbortController().signal;

const sweeps = (runs: number) => [
	{
		system: 'splitwise',
		specification: {
			inputs: { trace: { durationSeconds: 1, requestsPerSecond: 1 } },
			grid: [{ path: 'trace.maxRequests', values: Array.from({ length: Math.ceil(runs / 2) }, (_, index) => 1000 + index) }],
		},
	},
	{
		system: 'daq-model',
		specification: {
			inputs: { configurations: false, curves: 'stand-in', samples: 1000 },
			grid: [{ path: 'l1tRatio', values: Array.from({ length: Math.floor(runs / 2) }, (_, index) => 60 + index) }],
		},
	},
];

export interface Harm {
	readonly runs: number;
	/** Seconds between two workers killed. */
	readonly killSeconds: number;
	/** Seconds that one worker is frozen and another one is cut off: longer than its runs are waited for. */
	readonly awaySeconds: number;
	/** Whether workers are killed until all is done, or no more once all are back. */
	readonly isRelentless: boolean;
}

/** Does all that in a folder of its own. `log` hears what is done to whom. */
export async function survive(
	cluster: PostgresCluster,
	folder: string,
	harm: Harm,
	log: (message: string) => void = () => undefined,
): Promise<Survival> {
	const expected = await workLocally(await mkdtemp(join(folder, 'local-')), harm.runs);
	log(`${expected.length} runs done by the local executor`);
	const url = await cluster.createDatabase();
	const store = await RunStore.open(folder, await openDatabase(folder, url));
	await logResults(store);
	const queue = await JobQueue.open(store, { supervise: false, onFault: () => undefined });
	const link = await openLink(cluster.port);
	const away = new URL(url);
	away.host = `${link.host}:${link.port}`;
	const spawnAt = (place: number): ChildProcess =>
		place === REMOTE
			? spawnWorker({ ASSAY_HOME: folder, DATABASE_URL: away.href }, link.prefix)
			: spawnWorker({ ASSAY_HOME: folder, DATABASE_URL: url });
	const workers = Array.from({ length: WORKERS }, (_, place) => spawnAt(place));
	const ids: string[] = [];
	for (const { system, specification } of sweeps(harm.runs)) {
		const { id } = await startSweep(store, { system, specification, folder: null });
		await distributeSweep(store, queue, id, 0);
		ids.push(id);
	}
	await queue.close();
	const over = new AbortController();
	let killed = 0;
	let rejoined: Promise<number | null> = Promise.resolve(null);
	const doHarm = async (): Promise<void> => {
		const random = createRandom(harm.runs);
		const back = 3 + harm.awaySeconds;
		for (let second = 1; !over.signal.aborted && (harm.isRelentless || second <= back); second++) {
			await sleep(1000);
			if (second === 3) {
				log(`a worker is frozen, another one cut off (${link.kind})`);
				workers[FROZEN]?.kill('SIGSTOP');
				await link.cut();
			} else if (second === 6) {
				log('PostgreSQL restarts');
				await cluster.restart();
			} else if (second === back) {
				log('both are back');
				workers[FROZEN]?.kill('SIGCONT');
				await link.mend();
				rejoined = secondsToSignOfLife(store, workers[REMOTE]?.pid ?? 0);
			} else if (second % harm.killSeconds === 0) {
				// The two who are away are spared until they have been back for a while.
				const first = second > 2 * back ? 0 : 2;
				const at = first + Math.floor(random.uniform() * (WORKERS - first));
				await killAll(workers.slice(at, at + 1));
				workers[at] = spawnAt(at);
				killed++;
			}
		}
	};
	const harmed = doHarm();
	try {
		for (const id of ids) await followSweep(store, id, never, ({ done }) => log(`${done} runs of ${id} done`));
		over.abort();
		await harmed;
		const results = (await Promise.all(ids.map((id) => store.sweepRuns(id)))).flat();
		const { rows: twice } = await sql<{ run: string }>`select run from results group by run having count(*) > 1`.execute(
			store.database,
		);
		return {
			wrong: results.flatMap((run, index) => (digest(run) === expected[index] ? [] : [run.id])),
			twice: twice.map(({ run }) => run),
			done: results.filter(({ status }) => status === 'done').length,
			killed,
			link: link.kind,
			rejoinedSeconds: await rejoined,
		};
	} finally {
		over.abort();
		await harmed;
		await killAll(workers);
		await link.close();
		await store.close();
	}
}

/** TCP tries again after up to as long as the link was down. */
const REJOIN_SECONDS = 90;

async function secondsToSignOfLife(store: RunStore, process: number): Promise<number | null> {
	const mended = performance.now();
	const last = async (): Promise<string | undefined> => {
		const row = await store.database
			.selectFrom('workers')
			.select('heartbeat_at')
			.where('process', '=', process)
			.executeTakeFirst();
		return row?.heartbeat_at;
	};
	const before = await last();
	while (performance.now() - mended < 1000 * REJOIN_SECONDS) {
		await sleep(200);
		if ((await last()) !== before) return (performance.now() - mended) / 1000;
	}
	return null;
}

async function workLocally(folder: string, runs: number): Promise<string[]> {
	const store = await RunStore.open(folder, await openDatabase(folder, ''));
	const executor = new LocalExecutor(folder, { hands: 2, threadsPerRun: 1 });
	try {
		const digests: string[] = [];
		for (const { system, specification } of sweeps(runs)) {
			const { id } = await startSweep(store, { system, specification, folder: null });
			await workOnSweep(store, executor, id, never);
			digests.push(...(await store.sweepRuns(id)).map(digest));
		}
		return digests;
	} finally {
		await executor.close();
		await store.close();
	}
}

/** Of everything that a run's request determines. */
function digest({ status, inputs, seed, outputs, headline, log }: Run): string {
	return createHash('sha256').update(JSON.stringify({ status, inputs, seed, outputs, headline, log })).digest('hex');
}

/** Lets the database itself note each result that is written. */
async function logResults(store: RunStore): Promise<void> {
	await sql`create table results (run text not null)`.execute(store.database);
	await sql`create function note_result() returns trigger language plpgsql as
		$$ begin insert into results values (new.id); return new; end $$`.execute(store.database);
	await sql`create trigger note_result after update on runs for each row
		when (new.status = 'done' and new.outputs is not null and new.ended_at is distinct from old.ended_at)
		execute function note_result()`.execute(store.database);
}
