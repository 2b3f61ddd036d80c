/**
 * A worker: takes runs of distributed sweeps as it has hands free, works on them in processes of their own, and writes down their ends. It
 * may be killed, frozen, or cut off from the database at any moment: what it held is then delivered to another, and what it still writes
 * afterwards is refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { findSystem } from '@assay/catalog';
import type { RunLimits } from '@assay/contract';
import type { Run } from '../run-record.ts';
import type { RunStore } from '../run-store.ts';
import type { Outcome } from '../worker-protocol.ts';
import { fetchFairly } from './fetch-fairly.ts';
import type { Delivery, JobQueue } from './job-queue.ts';
import type { ProcessExecutor } from './process-executor.ts';
import { settleRun } from './settle-run.ts';
import { isUnreachable } from './unreachable.ts';
import { type Refusal, removeWorker, reportWorker } from './worker-registry.ts';

/** Milliseconds between signs of life. Sweeps that are stopped are noticed with them. */
const HEARTBEAT_MILLISECONDS = 1000;
/** The same while the worker ends. */
const LEAVING_MILLISECONDS = 50;
/** Milliseconds between looks at the queue while there is nothing to do. */
const IDLE_MILLISECONDS = 500;
/** Runs are held beyond those at work for so long at most, in milliseconds, and so many a hand. */
const LOOKAHEAD_MILLISECONDS = 200;
const MOST_AHEAD = 8;
/** A hand that is busy for longer than this lets others have what was held for it, in milliseconds. */
const PATIENCE_MILLISECONDS = 1000;
/** Signs of life between two searches for dead letters and finished queues. */
const UPKEEP_HEARTBEATS = 5;
/** Longest pause between tries to reach a database that does not answer, in milliseconds. */
const LONGEST_PAUSE_MILLISECONDS = 5000;

/** Why a run at work was told to stop. */
type Reason = 'its sweep was stopped' | 'it is another worker’s now' | 'it is given back';

/** Who does the work. */
type Hands = Pick<ProcessExecutor, 'hands' | 'execute'>;

interface AtWork {
	readonly delivery: Delivery;
	readonly run: Run;
	readonly controller: AbortController;
	reason: Reason | null;
	/** When a hand took it up, in milliseconds; null while it is held. */
	begunAt: number | null;
	progress: number;
	note: string;
	/** The progress that the store knows of. */
	written: number;
}

export interface WorkerOptions {
	/** The only systems it takes; null for all it has. */
	readonly systems: readonly string[] | null;
	/** What a run may use here at most, where its system would let it use more. */
	readonly limits: RunLimits;
	/** Hears of what a person at this machine should know. */
	readonly log: (message: string) => void;
}

export class Worker {
	private readonly store: RunStore;
	private readonly queue: JobQueue;
	private readonly executor: Hands;
	private readonly options: WorkerOptions;
	private readonly atWork = new Set<AtWork>();
	private readonly settling = new Set<Promise<void>>();
	private readonly refusals = new Map<string, Refusal>();
	private finishedRuns = 0;
	/** A running mean of what runs take. */
	private typicalMilliseconds = Number.POSITIVE_INFINITY;
	private wake: () => void = () => undefined;

	constructor(store: RunStore, queue: JobQueue, executor: Hands, options: WorkerOptions) {
		this.store = store;
		this.queue = queue;
		this.executor = executor;
		this.options = options;
	}

	/** Runs that have come to an end here. */
	get finished(): number {
		return this.finishedRuns;
	}

	/** Works until the signal aborts, and then gives back what it has not finished. */
	async work(signal: AbortSignal): Promise<void> {
		const leave = (): void => {
			for (const one of this.atWork) this.stop(one, 'it is given back');
			this.wake();
		};
		signal.addEventListener('abort', leave, { once: true });
		await this.whileUnreachable(signal, () => this.report());
		const heart = this.keepAlive(signal);
		while (!signal.aborted) {
			const { hands } = this.executor;
			const ahead = this.lookahead();
			// Results that a slow database has not taken yet count too: no more is begun than can be written down.
			const room = hands + ahead - Math.max(this.atWork.size, this.settling.size - hands - ahead);
			if (room <= ahead / 2) await this.pause(null);
			else {
				const taken = await this.whileUnreachable(signal, () => this.take(room));
				if (taken === undefined || taken < room) await this.pause(IDLE_MILLISECONDS);
			}
		}
		leave();
		while (this.settling.size > 0) await Promise.all(this.settling);
		await heart;
		await removeWorker(this.store).catch(() => undefined);
	}

	/**
	 * How many runs to hold beyond those at work, so that no hand waits for the database between short runs; none where runs are long, since
	 * other workers could begin with what is held here.
	 */
	private lookahead(): number {
		const each = Math.floor(LOOKAHEAD_MILLISECONDS / this.typicalMilliseconds);
		return this.executor.hands * Math.min(MOST_AHEAD, each);
	}

	/** Takes up to `free` runs, and says how many it did take. */
	private async take(free: number): Promise<number> {
		const deliveries = await fetchFairly(this.store, this.queue, free, (system, version) => this.takes(system, version));
		if (deliveries.length === 0) return 0;
		const runs = await this.store.takeDelivered(deliveries.map(({ run }) => run));
		for (const delivery of deliveries) {
			const run = runs.find(({ id }) => id === delivery.run);
			if (run === undefined) await this.queue.complete(delivery);
			else this.begin(delivery, run);
		}
		return deliveries.length;
	}

	/** Whether this worker works on a system of that version; if not, others may, and the reason is kept. */
	private takes(slug: string, version: number): boolean {
		if (this.options.systems !== null && !this.options.systems.includes(slug)) return false;
		if (this.refusals.has(`${slug}@${version}`)) return false;
		try {
			const { card } = findSystem(slug);
			if (card.version === version) return true;
			this.refuse({ system: slug, version, reason: `this worker has version ${card.version} of it` });
		} catch (error) {
			this.refuse({ system: slug, version, reason: firstLine(error) });
		}
		return false;
	}

	private refuse(refusal: Refusal): void {
		this.refusals.set(`${refusal.system}@${refusal.version}`, refusal);
		this.options.log(`leaves ${refusal.system} (version ${refusal.version}) to others: ${refusal.reason}`);
	}

	private begin(delivery: Delivery, run: Run): void {
		const controller = new AbortController();
		const one: AtWork = { delivery, run, controller, reason: null, begunAt: null, progress: 0, note: '', written: 0 };
		this.atWork.add(one);
		const log: { level: 'info' | 'warning'; message: string }[] = [];
		const request = { system: run.system, version: run.version, seed: run.seed, inputs: run.inputs };
		const settled = this.executor
			.execute({ kind: 'run', request }, this.limitsFor(run.system), controller.signal, {
				onBegin: () => {
					one.begunAt = performance.now();
				},
				onProgress: (fraction, note) => {
					one.progress = fraction;
					one.note = note;
				},
				onLog: (level, message) => log.push({ level, message }),
			})
			.then(async (outcome) => {
				this.atWork.delete(one);
				if (one.begunAt !== null) this.learnDuration(performance.now() - one.begunAt);
				this.wake();
				// A database that is away is waited for: the result is made, and cheap to hold.
				await this.whileUnreachable(null, () => this.settle(one, outcome, log));
			})
			.catch((error: unknown) => this.options.log(`run ${run.id}: ${firstLine(error)}`))
			.finally(() => {
				this.settling.delete(settled);
				this.wake();
			});
		this.settling.add(settled);
	}

	private learnDuration(milliseconds: number): void {
		const known = Math.min(this.typicalMilliseconds, LOOKAHEAD_MILLISECONDS);
		this.typicalMilliseconds = known + (milliseconds - known) / 4;
	}

	private limitsFor(system: string): RunLimits {
		const { seconds, bytes } = findSystem(system).card.limits;
		const { limits } = this.options;
		return { seconds: Math.min(seconds, limits.seconds), bytes: Math.min(bytes, limits.bytes) };
	}

	/** Writes down how a run ended, and counts it. */
	private async settle(one: AtWork, outcome: Outcome, log: Run['log']): Promise<void> {
		const { run, delivery, reason } = one;
		if (outcome.kind === 'failed' && outcome.mistake === 'dependency')
			this.refuse({ system: run.system, version: run.version, reason: firstLine(outcome.message) });
		const isStopped = reason === 'its sweep was stopped';
		const settled = await settleRun(this.store, this.queue, { delivery, isStopped }, outcome, log);
		if (settled === 'ended') this.finishedRuns += 1;
		if (settled === 'lost' && outcome.kind === 'done')
			this.options.log(`run ${run.id} was given to another worker meanwhile; this result is dropped`);
	}

	/** Gives back what is held for hands that turn out to be busy for long. */
	private releaseHeld(): void {
		const since = performance.now() - PATIENCE_MILLISECONDS;
		if (![...this.atWork].some(({ begunAt }) => begunAt !== null && begunAt < since)) return;
		this.learnDuration(Number.MAX_SAFE_INTEGER);
		for (const one of this.atWork) if (one.begunAt === null) this.stop(one, 'it is given back');
	}

	/** Signs of life, until the signal aborts and nothing is at work any more. */
	private async keepAlive(signal: AbortSignal): Promise<void> {
		for (let beat = 1; !signal.aborted || this.settling.size > 0; beat++) {
			if (signal.aborted) await sleep(LEAVING_MILLISECONDS);
			else await sleep(HEARTBEAT_MILLISECONDS, undefined, { signal }).catch(() => undefined);
			this.releaseHeld();
			try {
				await this.report();
				await this.findStopped();
				await this.queue.touch([...this.atWork].map(({ delivery }) => delivery));
				await this.writeProgress();
				if (beat % UPKEEP_HEARTBEATS === 0) {
					await this.queue.buryDeadLetters();
					await this.queue.removeFinished();
				}
			} catch (error) {
				// The next beat may reach the database again.
				if (!isUnreachable(error)) this.options.log(`sign of life: ${firstLine(error)}`);
			}
		}
	}

	private async report(): Promise<void> {
		const { systems } = this.options;
		const refusals = [...this.refusals.values()];
		await reportWorker(this.store, { hands: this.executor.hands, systems, refusals, finished: this.finishedRuns });
	}

	/** Stops runs whose sweep was stopped or taken back, and runs that others have taken over. */
	private async findStopped(): Promise<void> {
		// What is begun while the database answers is not in its answer.
		const held = [...this.atWork];
		if (held.length === 0) return;
		const rows = await this.store.database
			.selectFrom('runs')
			.innerJoin('sweeps', 'sweeps.id', 'runs.sweep')
			.select(['runs.id', 'sweeps.stopped_at', 'sweeps.executor'])
			.where('runs.status', '=', 'running')
			.where('runs.owner', '=', this.store.owner)
			.execute();
		const states = new Map(rows.map((row) => [row.id, row]));
		for (const one of held) {
			const state = states.get(one.run.id);
			if (state === undefined) this.stop(one, 'it is another worker’s now');
			else if (state.executor === 'local') this.stop(one, 'it is given back');
			else if (state.stopped_at !== null) this.stop(one, 'its sweep was stopped');
		}
	}

	private async writeProgress(): Promise<void> {
		for (const one of this.atWork) {
			if (one.progress === one.written) continue;
			await this.store.setProgress(one.run.id, one.progress, one.note);
			one.written = one.progress;
		}
	}

	private stop(one: AtWork, reason: Reason): void {
		one.reason ??= reason;
		one.controller.abort();
	}

	/** Waits until something has changed here, or so many milliseconds. */
	private pause(milliseconds: number | null): Promise<void> {
		return new Promise((resolve) => {
			const timer = milliseconds === null ? undefined : setTimeout(resolve, milliseconds);
			this.wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** Does it, again and again while the database does not answer; undefined when the signal has aborted before it could be done. */
	private async whileUnreachable<T>(signal: AbortSignal | null, what: () => Promise<T>): Promise<T | undefined> {
		for (
			let milliseconds = 100;
			signal?.aborted !== true;
			milliseconds = Math.min(2 * milliseconds, LONGEST_PAUSE_MILLISECONDS)
		) {
			try {
				return await what();
			} catch (error) {
				if (!isUnreachable(error)) throw error;
				if (milliseconds === 100) this.options.log(`the database does not answer (${firstLine(error)}); trying again`);
				await sleep(milliseconds);
			}
		}
		return undefined;
	}
}

function firstLine(error: unknown): string {
	const text = error instanceof AggregateError ? String(error.errors[0]) : error instanceof Error ? error.message : String(error);
	return text.split('\n')[0] ?? '';
}
