/** Runs, their artifacts and their sweeps in the database. Every change of a run's state is one conditional statement. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { InputError, show } from '@assay/contract';
import { type AssayDatabase, type Database, openDatabase, type RunStatus } from '@assay/database';
import { dataFolder } from '@assay/sources';
import type { Kysely, Transaction } from 'kysely';
import { type BlobStore, openBlobs } from './blobs.ts';
import {
	type Artifact,
	type LogLine,
	type Run,
	type RunRequest,
	type RunResult,
	runOf,
	runRow,
	type SweepRecord,
	sweepOf,
} from './run-record.ts';

/** A process that has given no sign of life for this long is taken for dead. */
const LIFE_SIGN_SECONDS = 15;

const now = (): string => new Date().toISOString();

/** Ten characters, the first six from the clock, so that identifiers sort roughly by age. */
export function createIdentifier(): string {
	const clock = Math.floor(Date.now() / 1000).toString(36);
	return `${clock.slice(-6)}${randomBytes(4).readUInt32BE().toString(36).padStart(7, '0').slice(-4)}`;
}

/** What is written together with a run's result. */
type Alongside = (transaction: Transaction<Database>) => Promise<void>;

export class RunStore {
	readonly blobs: BlobStore;
	readonly database: Kysely<Database>;
	/** Names this process in the database. */
	readonly owner = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
	private readonly opened: AssayDatabase;

	private constructor(opened: AssayDatabase, folder: string) {
		this.opened = opened;
		this.database = opened.kysely;
		this.blobs = openBlobs(folder);
	}

	/**
	 * Opens the store and marks what a dead process left running: runs of a sweep are queued again, others are `interrupted`.
	 * With `database` it shares a connection that is open already; `close` then closes that.
	 */
	static async open(folder = dataFolder(), database?: AssayDatabase): Promise<RunStore> {
		const store = new RunStore(database ?? (await openDatabase(folder)), folder);
		await store.findInterrupted();
		return store;
	}

	async close(): Promise<void> {
		await this.opened.close();
	}

	/** Whether other machines can reach the database. */
	get isShared(): boolean {
		return this.opened.url !== null;
	}

	/** Where other machines reach the database. Raises an InputError if they cannot. */
	sharedUrl(): string {
		const { url } = this.opened;
		if (url !== null) return url;
		throw new InputError({
			path: ['DATABASE_URL'],
			found: 'nothing',
			expected: 'the address of a PostgreSQL, as postgres://user:password@host:5432/assay: workers share their work through it',
		});
	}

	/** Adds a run that waits for hands. */
	async add(request: RunRequest, userId: number | null = null): Promise<Run> {
		const id = createIdentifier();
		await this.database
			.insertInto('runs')
			.values({ ...runRow(id, request, now()), user_id: userId })
			.execute();
		return this.get(id);
	}

	/** Takes one queued run for this process, or says that another was faster. */
	async take(id: string): Promise<boolean> {
		const taken = await this.database
			.updateTable('runs')
			.set({ status: 'running', owner: this.owner, started_at: now(), heartbeat_at: now(), progress: 0, note: '', error: null })
			.where('id', '=', id)
			.where('status', 'in', ['queued', 'interrupted', 'stopped', 'failed'])
			.executeTakeFirst();
		return taken.numUpdatedRows === 1n;
	}

	/** Takes the next queued run of a sweep, in order, or nothing when none is left. One statement, so no two processes take the same. */
	async takeNext(sweep: string): Promise<Run | undefined> {
		const row = await this.database
			.updateTable('runs')
			.set({ status: 'running', owner: this.owner, started_at: now(), heartbeat_at: now(), progress: 0, note: '', error: null })
			.where('id', '=', (select) => {
				const next = select
					.selectFrom('runs')
					.select('id')
					.where('sweep', '=', sweep)
					.where('status', '=', 'queued')
					.orderBy('position')
					.limit(1);
				// SQLite has one writer at a time; on PostgreSQL two takers must not wait for the same row.
				return this.opened.engine === 'postgres' ? next.forUpdate().skipLocked() : next;
			})
			.where('status', '=', 'queued')
			.returningAll()
			.executeTakeFirst();
		return row === undefined ? undefined : runOf(row);
	}

	/**
	 * Takes runs of a distributed sweep that a queue has delivered, and returns those there still is something to do for. A run that is
	 * running is taken from its worker: the queue delivers again only what has lost touch.
	 */
	async takeDelivered(ids: readonly string[]): Promise<Run[]> {
		const rows = await this.database
			.updateTable('runs')
			.set({ status: 'running', owner: this.owner, started_at: now(), heartbeat_at: now(), progress: 0, note: '', error: null })
			.where('id', 'in', ids)
			.where('status', 'in', ['queued', 'running', 'interrupted'])
			.returningAll()
			.execute();
		return rows.map(runOf);
	}

	/** A sign of life of all this process's runs. */
	async heartbeat(): Promise<void> {
		await this.database
			.updateTable('runs')
			.set({ heartbeat_at: now() })
			.where('owner', '=', this.owner)
			.where('status', '=', 'running')
			.execute();
	}

	async setProgress(id: string, progress: number, note: string): Promise<void> {
		await this.database
			.updateTable('runs')
			.set({ progress, note, heartbeat_at: now() })
			.where('id', '=', id)
			.where('owner', '=', this.owner)
			.where('status', '=', 'running')
			.execute();
	}

	/**
	 * Writes a result, once: only while the run is still this process's. Says whether it was written; `alongside` is written in the same
	 * transaction, or not at all.
	 */
	async finish(id: string, result: RunResult, environment: unknown, alongside?: Alongside): Promise<boolean> {
		return this.database.transaction().execute(async (transaction) => {
			const done = await transaction
				.updateTable('runs')
				.set({
					status: 'done',
					ended_at: now(),
					progress: 1,
					outputs: result.outputs,
					headline: result.headline,
					log: JSON.stringify(result.log),
					environment: JSON.stringify(environment),
				})
				.where('id', '=', id)
				.where('owner', '=', this.owner)
				.where('status', '=', 'running')
				.executeTakeFirst();
			if (done.numUpdatedRows !== 1n) return false;
			await transaction.deleteFrom('artifacts').where('run', '=', id).execute();
			for (const { name, mediaType, sha256, bytes } of result.artifacts) {
				await transaction.insertInto('artifacts').values({ run: id, name, media_type: mediaType, sha256, bytes }).execute();
			}
			await alongside?.(transaction);
			return true;
		});
	}

	/** Ends a run of this process without a result. */
	async end(
		id: string,
		status: 'failed' | 'stopped' | 'interrupted',
		error: string | null,
		log: readonly LogLine[] = [],
		database: Kysely<Database> = this.database,
	): Promise<void> {
		await database
			.updateTable('runs')
			.set({ status, error, ended_at: now(), log: JSON.stringify(log) })
			.where('id', '=', id)
			.where('owner', '=', this.owner)
			.where('status', '=', 'running')
			.execute();
	}

	/** Lets a run that ended without a result wait for hands again. */
	async queueAgain(id: string): Promise<void> {
		await this.database
			.updateTable('runs')
			.set({ status: 'queued', owner: null, error: null, ended_at: null })
			.where('id', '=', id)
			.where('status', 'in', ['interrupted', 'stopped', 'failed'])
			.execute();
	}

	/** Stops a run that nobody has begun. */
	async endQueued(id: string): Promise<void> {
		await this.database
			.updateTable('runs')
			.set({ status: 'stopped', ended_at: now() })
			.where('id', '=', id)
			.where('status', 'in', ['queued', 'interrupted', 'stopped', 'failed'])
			.execute();
	}

	/** Puts runs of this sweep that ended without a result back into the queue. */
	async requeue(sweep: string, statuses: readonly RunStatus[] = ['stopped', 'interrupted', 'failed']): Promise<void> {
		await this.database
			.updateTable('runs')
			.set({ status: 'queued', owner: null, error: null })
			.where('sweep', '=', sweep)
			.where('status', 'in', statuses)
			.execute();
	}

	/** The run of an identifier or of an unambiguous beginning of one. */
	async get(id: string): Promise<Run> {
		const rows = await this.database
			.selectFrom('runs')
			.selectAll()
			.where('id', 'like', `${id.replace(/[%_\\]/g, '')}%`)
			// The identifier itself comes before what it begins.
			.orderBy(({ fn }) => fn('length', ['id']))
			.limit(2)
			.execute();
		const [row] = rows;
		if (row === undefined || id === '')
			throw new InputError({ path: ['run'], found: show(id), expected: 'the identifier of a run (see `assay runs list`)' });
		const exact = rows.find((one) => one.id === id);
		if (exact === undefined && rows.length > 1)
			throw new InputError({ path: ['run'], found: `${show(id)}, the beginning of several identifiers`, expected: 'more of it' });
		return runOf(exact ?? row);
	}

	/** Runs, newest first. */
	async list(filter: {
		readonly system?: string;
		readonly status?: RunStatus;
		readonly sweep?: string;
		readonly limit: number;
		readonly offset?: number;
	}): Promise<Run[]> {
		let query = this.database
			.selectFrom('runs')
			.selectAll()
			.orderBy('created_at', 'desc')
			.orderBy('position', 'desc')
			.limit(filter.limit)
			.offset(filter.offset ?? 0);
		if (filter.system !== undefined) query = query.where('system', '=', filter.system);
		if (filter.status !== undefined) query = query.where('status', '=', filter.status);
		if (filter.sweep !== undefined) query = query.where('sweep', '=', filter.sweep);
		return (await query.execute()).map(runOf);
	}

	async artifacts(id: string): Promise<Artifact[]> {
		const rows = await this.database.selectFrom('artifacts').selectAll().where('run', '=', id).orderBy('name').execute();
		return rows.map((row) => ({ name: row.name, mediaType: row.media_type, sha256: row.sha256, bytes: row.bytes }));
	}

	/** Deletes a run that is not running, and the files that no other run refers to. */
	async remove(id: string): Promise<void> {
		const run = await this.get(id);
		if (run.status === 'running')
			throw new InputError({ path: ['run', id], found: 'a run that is running', expected: 'one that has ended; stop it first' });
		const kept = await this.artifacts(run.id);
		await this.database.deleteFrom('runs').where('id', '=', run.id).execute();
		for (const { sha256 } of kept) {
			const others = await this.database.selectFrom('artifacts').select('run').where('sha256', '=', sha256).limit(1).execute();
			const brought = await this.database
				.selectFrom('runs')
				.select('id')
				.where('inputs', 'like', `%${sha256}%`)
				.limit(1)
				.execute();
			if (others.length === 0 && brought.length === 0) await this.blobs.remove(sha256);
		}
	}

	/** Adds a sweep with all its runs in one transaction, or finds the one of the same fingerprint. */
	async addSweep(
		sweep: { readonly system: string; readonly version: number; readonly specification: unknown; readonly fingerprint: string },
		requests: readonly RunRequest[],
		userId: number | null = null,
	): Promise<{ readonly id: string; readonly found: boolean }> {
		return this.database.transaction().execute(async (transaction) => {
			const id = createIdentifier();
			const inserted = await transaction
				.insertInto('sweeps')
				.values({
					id,
					system: sweep.system,
					version: sweep.version,
					specification: JSON.stringify(sweep.specification),
					fingerprint: sweep.fingerprint,
					created_at: now(),
					user_id: userId,
				})
				.onConflict((conflict) => conflict.column('fingerprint').doNothing())
				.executeTakeFirst();
			if (inserted.numInsertedOrUpdatedRows !== 1n) {
				const existing = await transaction
					.selectFrom('sweeps')
					.select('id')
					.where('fingerprint', '=', sweep.fingerprint)
					.executeTakeFirstOrThrow();
				return { id: existing.id, found: true };
			}
			const rows = requests.map((request, position) => ({
				...runRow(`${id}-${position}`, request, now()),
				sweep: id,
				position,
				user_id: userId,
			}));
			for (let from = 0; from < rows.length; from += 500)
				await transaction
					.insertInto('runs')
					.values(rows.slice(from, from + 500))
					.execute();
			return { id, found: false };
		});
	}

	/** Adds runs to the end of a sweep that has `position` of them; runs that somebody else has added there stay as they are. */
	async appendToSweep(sweep: string, position: number, requests: readonly RunRequest[]): Promise<void> {
		if (requests.length === 0) return;
		const rows = requests.map((request, index) => ({
			...runRow(`${sweep}-${position + index}`, request, now()),
			sweep,
			position: position + index,
		}));
		await this.database
			.insertInto('runs')
			.values(rows)
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}

	/** Sweeps, newest first. */
	async listSweeps(limit: number): Promise<SweepRecord[]> {
		const rows = await this.database.selectFrom('sweeps').selectAll().orderBy('created_at', 'desc').limit(limit).execute();
		return rows.map(sweepOf);
	}

	async getSweep(id: string): Promise<SweepRecord> {
		const row = await this.database.selectFrom('sweeps').selectAll().where('id', '=', id).executeTakeFirst();
		if (row === undefined) throw new InputError({ path: ['sweep'], found: show(id), expected: 'the identifier of a sweep' });
		return sweepOf(row);
	}

	/** Runs of a sweep in order, at most `limit` of them. */
	async sweepRuns(sweep: string, limit = Number.MAX_SAFE_INTEGER): Promise<Run[]> {
		const query = this.database.selectFrom('runs').selectAll().where('sweep', '=', sweep).orderBy('position').limit(limit);
		return (await query.execute()).map(runOf);
	}

	/** How many runs of a sweep are in each state. */
	async sweepCounts(sweep: string): Promise<Record<RunStatus, number>> {
		const counts: Record<RunStatus, number> = { queued: 0, running: 0, done: 0, failed: 0, stopped: 0, interrupted: 0 };
		const rows = await this.database
			.selectFrom('runs')
			.select(['status', (expression) => expression.fn.countAll<number>().as('count')])
			.where('sweep', '=', sweep)
			.groupBy('status')
			.execute();
		for (const row of rows) counts[row.status] = Number(row.count);
		return counts;
	}

	/** Says who works on a sweep. */
	async setExecutor(sweep: string, executor: SweepRecord['executor']): Promise<void> {
		await this.database.updateTable('sweeps').set({ executor }).where('id', '=', sweep).execute();
	}

	/** Forgets a sweep and its runs, so that the same specification starts from nothing. */
	async removeSweep(id: string): Promise<void> {
		await this.database.deleteFrom('sweeps').where('id', '=', id).execute();
	}

	/** The newest run of this very request that was not stopped. */
	async findSame(request: RunRequest): Promise<Run | undefined> {
		const row = await this.database
			.selectFrom('runs')
			.selectAll()
			.where('system', '=', request.system)
			.where('status', 'in', ['done', 'running', 'queued', 'failed'])
			.where('version', '=', request.version)
			.where('seed', '=', request.seed)
			.where('inputs', '=', JSON.stringify(request.inputs))
			.orderBy('created_at', 'desc')
			.limit(1)
			.executeTakeFirst();
		return row === undefined ? undefined : runOf(row);
	}

	/** Finds runs whose process is dead: no sign of life for a while, or gone from this host's list of processes. */
	async findInterrupted(): Promise<void> {
		const running = await this.database
			.selectFrom('runs')
			.select(['id', 'owner', 'heartbeat_at', 'sweep'])
			.where('status', '=', 'running')
			// Runs of workers are delivered again by their queue.
			.where(({ eb, or, selectFrom }) =>
				or([eb('sweep', 'is', null), eb('sweep', 'in', selectFrom('sweeps').select('id').where('executor', '=', 'local'))]),
			)
			.execute();
		const limit = new Date(Date.now() - LIFE_SIGN_SECONDS * 1000).toISOString();
		for (const row of running) {
			if (row.owner === this.owner) continue;
			if ((row.heartbeat_at ?? '') >= limit && !isDeadHere(row.owner ?? '')) continue;
			await this.database
				.updateTable('runs')
				.set({ status: row.sweep === null ? 'interrupted' : 'queued', owner: null })
				.where('id', '=', row.id)
				.where('status', '=', 'running')
				.where('owner', row.owner === null ? 'is' : '=', row.owner)
				.execute();
		}
	}
}

function isDeadHere(owner: string): boolean {
	const [host, id] = owner.split(':');
	if (host !== hostname() || id === undefined) return false;
	try {
		process.kill(Number(id), 0);
		return false;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ESRCH';
	}
}
