/**
 * Delivery of runs to workers: one pg-boss queue a sweep, one job a run. A job says no more than which run is to be worked on; what that is
 * stands in the store, and so does its end. pg-boss delivers at least once: again when a worker's heartbeats stay away, with rising delays, and
 * to the dead letters when worker after worker has died at it.
 */
import { createHash } from 'node:crypto';
import { InputError, type RunLimits, show } from '@assay/contract';
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import type { fromKysely, JobInsert, PgBoss } from 'pg-boss';
import { z } from 'zod';
import type { RunStore } from '../run-store.ts';
import { isUnreachable } from './unreachable.ts';

/** One run, delivered to one worker. */
export interface Delivery {
	readonly sweep: string;
	readonly run: string;
	/** pg-boss's name of the job and the number of earlier attempts: an attempt that was given up settles nothing. */
	readonly job: { readonly id: string; readonly retryCount: number };
	/** A failure now is final. */
	readonly isLast: boolean;
}

const DEAD_LETTERS = 'dead-letters';

/** A worker that has not been heard for so long has lost what it works on. pg-boss allows no less. */
export const HEARTBEAT_SECONDS = 10;

/** Deliveries after the first. Enough for machines that come and go; a run that brings down every worker ends. */
const RETRIES = 10;

/** Runs waiting for workers beyond which no more are taken in. */
const WAITING_LIMIT = 1_000_000;

/** Jobs in one statement. */
const CHUNK = 1000;

/** Longest that pg-boss lets a job take, in seconds. */
const DAY_SECONDS = 86_400;

const jobData = z.object({ run: z.string() });

export class JobQueue {
	private readonly boss: PgBoss;
	private readonly store: RunStore;
	/** Lets pg-boss take part in a transaction of the store. */
	private readonly within: typeof fromKysely;

	private constructor(store: RunStore, boss: PgBoss, within: typeof fromKysely) {
		this.store = store;
		this.boss = boss;
		this.within = within;
	}

	/**
	 * Opens the queue beside a store on PostgreSQL; raises an InputError for any other. With `supervise` it watches over the heartbeats of
	 * all workers: at least one process has to. `onFault` hears of what pg-boss cannot do in the background.
	 */
	static async open(
		store: RunStore,
		options: { readonly supervise: boolean; readonly onFault: (error: unknown) => void },
	): Promise<JobQueue> {
		const connectionString = store.sharedUrl();
		// Loaded here, since only those who share their work need it.
		const { fromKysely, PgBoss } = await import('pg-boss');
		const boss = new PgBoss({
			connectionString,
			application_name: 'assay',
			max: 4,
			schedule: false,
			supervise: options.supervise,
			superviseIntervalSeconds: 2,
			monitorIntervalSeconds: 2,
		});
		boss.on('error', (error) => {
			// A database that is away is noticed by whoever asks it for something.
			if (!isUnreachable(error)) options.onFault(error);
		});
		await boss.start();
		await boss.createQueue(DEAD_LETTERS, { retryLimit: 100, heartbeatSeconds: HEARTBEAT_SECONDS });
		return new JobQueue(store, boss, fromKysely);
	}

	async close(): Promise<void> {
		await this.boss.stop({ graceful: false });
	}

	/** Hands a sweep to the workers: what is queued of it is delivered, in its order. Doing so again changes nothing. */
	async enqueue(sweep: string, options: { readonly limits: RunLimits; readonly priority: number }): Promise<void> {
		await this.refuseWhenFull();
		await this.store.database.transaction().execute(async (transaction) => {
			// Whoever else does this with the same sweep, or would remove its queue, waits here.
			await transaction
				.updateTable('sweeps')
				.set({ executor: 'distributed', priority: options.priority, stopped_at: null })
				.where('id', '=', sweep)
				.execute();
			await this.boss.createQueue(queueOf(sweep), {
				deadLetter: DEAD_LETTERS,
				retryLimit: RETRIES,
				retryDelay: 1,
				retryBackoff: true,
				retryDelayMax: 30,
				heartbeatSeconds: HEARTBEAT_SECONDS,
				// The worker keeps the limit; this is for a worker that does not.
				expireInSeconds: Math.min(DAY_SECONDS, Math.ceil(options.limits.seconds) + 60),
				retentionSeconds: 365 * DAY_SECONDS,
				deleteAfterSeconds: 3600,
			});
			const rows = await transaction
				.selectFrom('runs')
				.select(['id', 'position'])
				.where('sweep', '=', sweep)
				.where('status', '=', 'queued')
				.orderBy('position')
				.execute();
			for (let from = 0; from < rows.length; from += CHUNK)
				await this.insert(
					sweep,
					rows.slice(from, from + CHUNK).map(({ id, position }) => ({ run: id, position: position ?? 0 })),
					transaction,
				);
		});
	}

	/** Takes up to `count` runs of a sweep; fewer, or none, where no more are due. */
	async fetch(sweep: string, count: number): Promise<Delivery[]> {
		const jobs = await this.boss.fetch(queueOf(sweep), { batchSize: count, includeMetadata: true });
		return jobs.map(({ id, data, retryCount, retryLimit }) => ({
			sweep,
			run: jobData.parse(data).run,
			job: { id, retryCount },
			isLast: retryCount >= retryLimit,
		}));
	}

	/** The delivery has led to an end, whatever that is; part of the transaction that writes it. */
	async complete({ sweep, job }: Delivery, transaction?: Transaction<Database>): Promise<void> {
		await this.boss.complete(queueOf(sweep), job, null, transaction === undefined ? {} : { db: this.within(transaction) });
	}

	/** The run is to be tried again, after a while. */
	async retry({ sweep, job }: Delivery, reason: string, transaction: Transaction<Database>): Promise<void> {
		await this.boss.fail(queueOf(sweep), job, { reason }, { db: this.within(transaction) });
	}

	/** The run goes back to the others as if it had never been taken. */
	async giveBack({ sweep, run }: Delivery, position: number, transaction: Transaction<Database>): Promise<void> {
		await this.insert(sweep, [{ run, position }], transaction);
	}

	/** A sign of life for what is being worked on. */
	async touch(deliveries: Iterable<Delivery>): Promise<void> {
		const jobs = new Map<string, Delivery['job'][]>();
		for (const { sweep, job } of deliveries) jobs.set(sweep, [...(jobs.get(sweep) ?? []), job]);
		for (const [sweep, of] of jobs) await this.boss.touch(queueOf(sweep), of);
	}

	/** Marks the runs that worker after worker has died at as failed. */
	async buryDeadLetters(): Promise<void> {
		for (const { id, data, retryCount } of await this.boss.fetch(DEAD_LETTERS, { batchSize: 100, includeMetadata: true }))
			await this.store.database.transaction().execute(async (transaction) => {
				await transaction
					.updateTable('runs')
					.set({
						status: 'failed',
						error: `the process at work on it ended or lost touch, ${RETRIES + 1} times in a row`,
						ended_at: new Date().toISOString(),
					})
					.where('id', '=', jobData.parse(data).run)
					.where('status', 'in', ['queued', 'running'])
					.execute();
				await this.boss.complete(DEAD_LETTERS, { id, retryCount }, null, { db: this.within(transaction) });
			});
	}

	/** Removes the queues of sweeps that have nothing left to do. */
	async removeFinished(): Promise<void> {
		const sweeps = (await this.boss.getQueues()).flatMap(({ name }) =>
			name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [],
		);
		for (const sweep of sweeps)
			await this.store.database.transaction().execute(async (transaction) => {
				// While this is held nobody hands the sweep over again.
				await transaction.selectFrom('sweeps').select('id').where('id', '=', sweep).forUpdate().execute();
				const active = await transaction
					.selectFrom('runs')
					.select('id')
					.where('sweep', '=', sweep)
					.where('status', 'in', ['queued', 'running'])
					.limit(1)
					.execute();
				if (active.length === 0) await this.boss.deleteQueue(queueOf(sweep));
			});
	}

	private async insert(
		sweep: string,
		runs: readonly { readonly run: string; readonly position: number }[],
		transaction: Transaction<Database>,
	): Promise<void> {
		const db = this.within(transaction);
		const jobs = runs.map(({ run, position }): JobInsert => ({ id: jobOf(sweep, position), data: { run } }));
		// A run that failed or was stopped has a job of this name, which has ended.
		await this.boss.deleteJob(
			queueOf(sweep),
			jobs.flatMap(({ id }) => id ?? []),
			{ db },
		);
		await this.boss.insert(queueOf(sweep), jobs, { db });
	}

	private async refuseWhenFull(): Promise<void> {
		const { waiting } = await this.store.database
			.selectFrom('runs')
			.select(({ fn }) => fn.countAll<number>().as('waiting'))
			.where('status', '=', 'queued')
			.executeTakeFirstOrThrow();
		if (Number(waiting) > WAITING_LIMIT)
			throw new InputError({
				path: ['queue'],
				found: `${show(Number(waiting))} runs waiting`,
				expected: `at most ${WAITING_LIMIT}; more workers, or patience`,
			});
	}
}

const PREFIX = 'sweep-';

function queueOf(sweep: string): string {
	return `${PREFIX}${sweep}`;
}

/** The same run has the same job, so none is queued twice. */
function jobOf(sweep: string, position: number): string {
	const digits = createHash('sha256').update(`${sweep}/${position}`).digest('hex');
	return [
		digits.slice(0, 8),
		digits.slice(8, 12),
		`8${digits.slice(13, 16)}`,
		`8${digits.slice(17, 20)}`,
		digits.slice(20, 32),
	].join('-');
}
