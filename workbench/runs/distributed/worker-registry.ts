/** Who works: a row for each worker, renewed with each sign of life. Times are the database's, so that clocks of machines need not agree. */
import { hostname } from 'node:os';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RunStore } from '../run-store.ts';

/** A worker silent for longer than this is shown as such, in seconds. */
const SILENT_SECONDS = 10;
/** Rows of dead workers are kept for so long, in seconds. */
const FORGOTTEN_SECONDS = 3600;

/** Why a worker leaves the runs of a system to others. */
export interface Refusal {
	readonly system: string;
	readonly version: number;
	readonly reason: string;
}

export interface WorkerState {
	readonly id: string;
	readonly host: string;
	readonly process: number;
	readonly hands: number;
	/** The systems it was restricted to; null if it takes all it has. */
	readonly systems: readonly string[] | null;
	readonly refusals: readonly Refusal[];
	readonly startedAt: string;
	/** Seconds since its last sign of life. */
	readonly silentSeconds: number;
	readonly isSilent: boolean;
	readonly finished: number;
	/** What it is at work on, the longest first. */
	readonly runs: readonly { readonly id: string; readonly system: string; readonly startedAt: string | null }[];
}

const databaseTime = sql<string>`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const silence = sql<number>`extract(epoch from clock_timestamp() - heartbeat_at::timestamptz)::double precision`;

const refusals = z.array(z.object({ system: z.string(), version: z.number(), reason: z.string() }));

/** Renews this process's row. */
export async function reportWorker(
	store: RunStore,
	worker: Pick<WorkerState, 'hands' | 'systems' | 'refusals' | 'finished'>,
): Promise<void> {
	const state = {
		hands: worker.hands,
		systems: worker.systems === null ? null : JSON.stringify(worker.systems),
		refusals: JSON.stringify(worker.refusals),
		finished: worker.finished,
		heartbeat_at: databaseTime,
	};
	await store.database
		.insertInto('workers')
		.values({ id: store.owner, host: hostname(), process: process.pid, started_at: databaseTime, ...state })
		.onConflict((conflict) => conflict.column('id').doUpdateSet(state))
		.execute();
}

/** Removes this process's row, and those of workers that died long ago. */
export async function removeWorker(store: RunStore): Promise<void> {
	await store.database
		.deleteFrom('workers')
		.where(({ eb, or }) => or([eb('id', '=', store.owner), eb(silence, '>', FORGOTTEN_SECONDS)]))
		.execute();
}

/** All workers, the longest at work first. Raises an InputError where there can be none. */
export async function listWorkers(store: RunStore): Promise<WorkerState[]> {
	store.sharedUrl();
	const rows = await store.database
		.selectFrom('workers')
		.selectAll()
		.select(silence.as('silent'))
		.orderBy('started_at')
		.execute();
	const runs = await store.database
		.selectFrom('runs')
		.select(['id', 'system', 'owner', 'started_at'])
		.where('status', '=', 'running')
		.orderBy('started_at')
		.execute();
	return rows.map((row) => ({
		id: row.id,
		host: row.host,
		process: row.process,
		hands: row.hands,
		systems: row.systems === null ? null : z.array(z.string()).parse(JSON.parse(row.systems)),
		refusals: refusals.parse(JSON.parse(row.refusals)),
		startedAt: row.started_at,
		silentSeconds: row.silent,
		isSilent: row.silent > SILENT_SECONDS,
		finished: row.finished,
		runs: runs.flatMap(({ id, system, owner, started_at: startedAt }) => (owner === row.id ? [{ id, system, startedAt }] : [])),
	}));
}
