/**
 * Runs in the background of a server: a queue in front of an executor. Whoever watches a run hears its progress; a run can
 * be cancelled while it waits or works; claims are measured in between; closing the queue marks what was at work as interrupted, to be resumed later.
 */
import { EventEmitter } from 'node:events';
import { findSystem } from '@assay/catalog';
import { InputError, show } from '@assay/contract';
import { calibrate, knownCalibration } from './calibrate.ts';
import { distributeSweep, followSweep, stopDistributedSweep } from './distributed/distributed-sweep.ts';
import { JobQueue } from './distributed/job-queue.ts';
import type { LocalExecutor } from './local-executor.ts';
import { reproduce } from './reproduce.ts';
import type { LogLine, Run, RunRequest } from './run-record.ts';
import { ShutdownError, workOnRun } from './run-service.ts';
import type { RunStore } from './run-store.ts';
import { BackgroundSearches } from './search/background-searches.ts';
import { keptSearch, type SearchSweep, startSearch } from './search/search-sweep.ts';
import { type Sweep, startSweep } from './sweep.ts';
import { StoppedError } from './worker-protocol.ts';

export type RunEvent =
	| { readonly kind: 'progress'; readonly fraction: number; readonly note: string }
	| { readonly kind: 'log'; readonly line: LogLine }
	/** The run's state in the store has changed. */
	| { readonly kind: 'state'; readonly status: Run['status'] };

/** Where a measurement of a system's claims stands. */
export type Measurement =
	| { readonly state: 'waiting' }
	| { readonly state: 'working'; readonly fraction: number; readonly note: string }
	/** It ended without measuring everything; what it did measure is kept. */
	| { readonly state: 'failed'; readonly message: string };

interface MeasurementJob {
	readonly system: string;
	readonly claims: readonly string[];
}

/** Waiting runs beyond which no more are taken in. */
const WAITING_LIMIT = 200;

/** A queued run that nobody has taken for so long was left by a process that is gone. */
const ABANDONED_SECONDS = 30;

export class RunQueue {
	readonly store: RunStore;
	private readonly executor: LocalExecutor;
	private readonly events = new EventEmitter().setMaxListeners(0);
	private readonly waiting: string[] = [];
	private readonly sweeps: string[] = [];
	private readonly measurements = new Map<string, Measurement>();
	private readonly toMeasure: MeasurementJob[] = [];
	private readonly toCalibrate = new Set<string>();
	private readonly calibrating = new Set<string>();
	private readonly ending = new AbortController();
	private readonly working = new Map<string, { readonly controller: AbortController; readonly sweep: string | null }>();
	private readonly ended = new Set<Promise<void>>();
	private hands = 0;
	private changes = 0;
	private closed = false;
	private jobs: Promise<JobQueue> | undefined;
	private readonly searches: BackgroundSearches;
	/** Who waits for the queued runs of a sweep to be worked off here. */
	private readonly settling = new Map<string, () => void>();
	/** Runs that are being taken from the store. */
	private taking = 0;

	private readonly onFault: (error: unknown) => void;
	private readonly sweepExecutor: 'local' | 'distributed';

	/**
	 * `onFault` hears of what goes wrong outside the runs themselves, such as a database that does not answer. New sweeps are worked on here, or
	 * `distributed` to workers.
	 */
	constructor(
		store: RunStore,
		executor: LocalExecutor,
		onFault: (error: unknown) => void,
		sweepExecutor: 'local' | 'distributed' = 'local',
	) {
		this.store = store;
		this.executor = executor;
		this.onFault = onFault;
		this.sweepExecutor = sweepExecutor;
		this.searches = new BackgroundSearches(store, (sweep, signal) => this.workOff(sweep, signal), onFault);
	}

	/** Takes up runs and sweeps that an earlier process left in the queue. */
	async takeUp(): Promise<void> {
		const before = new Date(Date.now() - ABANDONED_SECONDS * 1000).toISOString();
		const rows = await this.store.database
			.selectFrom('runs')
			.select(['id', 'sweep'])
			.where('status', '=', 'queued')
			.where('created_at', '<', before)
			.where(({ eb, or, selectFrom }) =>
				or([eb('sweep', 'is', null), eb('sweep', 'in', selectFrom('sweeps').select('id').where('executor', '=', 'local'))]),
			)
			.orderBy('created_at')
			.execute();
		this.waiting.push(...rows.filter((row) => row.sweep === null).map((row) => row.id));
		for (const sweep of new Set(rows.flatMap((row) => (row.sweep === null ? [] : [row.sweep])))) {
			const search = await keptSearch(this.store, sweep);
			if (search === null) this.sweeps.push(sweep);
			else this.searches.start(search);
		}
		this.work();
	}

	/** Adds a run. Raises an InputError when too many wait already. */
	async add(request: RunRequest, userId: number | null = null): Promise<Run> {
		this.refuseWhenFull();
		const run = await this.store.add(request, userId);
		this.waiting.push(run.id);
		this.work();
		return run;
	}

	/** Works again on a run that was stopped, interrupted or failed. */
	async resume(id: string): Promise<Run> {
		const run = await this.store.get(id);
		if (run.status !== 'stopped' && run.status !== 'interrupted' && run.status !== 'failed')
			throw new InputError({
				path: ['run', run.id],
				found: `a run that is ${run.status}`,
				expected: 'one that ended without a result',
			});
		this.refuseWhenFull();
		await this.store.queueAgain(run.id);
		if (!this.waiting.includes(run.id)) this.waiting.push(run.id);
		this.work();
		return this.store.get(run.id);
	}

	/** Adds a sweep, or goes on with the same one if it was started before. */
	async addSweep(options: Parameters<typeof startSweep>[1]): Promise<Sweep> {
		const sweep = await startSweep(this.store, options);
		if (this.sweepExecutor === 'distributed') await this.distribute(sweep.id);
		else this.workOnSweep(sweep.id);
		return sweep;
	}

	/** Adds a search, or goes on with the same one if it was started before. */
	async addSearch(options: Parameters<typeof startSearch>[1]): Promise<SearchSweep> {
		const search = await startSearch(this.store, options);
		this.searches.start(search);
		this.changes += 1;
		return search;
	}

	/** Why a search cannot go on as it was asked for; null otherwise. */
	searchMistake(sweep: string): string | null {
		return this.searches.mistake(sweep);
	}

	/** Stops a run, wherever it is. Says whether there was anything to stop here. */
	async cancel(id: string): Promise<boolean> {
		const at = this.waiting.indexOf(id);
		if (at >= 0) {
			this.waiting.splice(at, 1);
			await this.store.endQueued(id);
			this.tell(id, { kind: 'state', status: 'stopped' });
			return true;
		}
		const work = this.working.get(id);
		work?.controller.abort(new StoppedError());
		return work !== undefined;
	}

	/** Stops a sweep, here or on the workers: its runs at work end, its queued ones wait for somebody to go on with it. */
	async cancelSweep(sweep: string): Promise<boolean> {
		const isSearch = this.searches.stop(sweep);
		if ((await this.store.getSweep(sweep)).executor === 'distributed') {
			await stopDistributedSweep(this.store, sweep);
			return true;
		}
		const at = this.sweeps.indexOf(sweep);
		if (at >= 0) this.sweeps.splice(at, 1);
		const working = [...this.working.values()].filter((work) => work.sweep === sweep);
		for (const { controller } of working) controller.abort(new StoppedError());
		this.settle();
		return at >= 0 || working.length > 0 || isSearch;
	}

	/** Works again on what of a sweep has no result yet, or has workers do it if they did before. */
	async continueSweep(sweep: string): Promise<void> {
		const search = await keptSearch(this.store, sweep);
		if (search !== null) {
			this.searches.start(search);
			this.changes += 1;
			return;
		}
		await this.store.requeue(sweep);
		if ((await this.store.getSweep(sweep)).executor === 'distributed') await this.distribute(sweep);
		else this.workOnSweep(sweep);
	}

	/** Whether somebody works on a sweep or is about to. */
	async isSweepActive(sweep: string): Promise<boolean> {
		if (this.searches.has(sweep)) return true;
		if (this.sweeps.includes(sweep) || [...this.working.values()].some((work) => work.sweep === sweep)) return true;
		if ((await this.store.getSweep(sweep)).executor === 'local') return false;
		const { queued, running } = await this.store.sweepCounts(sweep);
		return queued + running > 0;
	}

	/** Measures claims of a system again, in the background; says whether it was not under way already. */
	measureClaims(system: string, claims: readonly string[]): boolean {
		const known = this.measurements.get(system);
		if (known !== undefined && known.state !== 'failed') return false;
		this.measurements.set(system, { state: 'waiting' });
		this.toMeasure.push({ system, claims });
		this.work();
		return true;
	}

	/** Compares a system's predictions with published measurements, in the background, unless that is under way. */
	calibrate(system: string): void {
		if (this.calibrating.has(system)) return;
		this.toCalibrate.add(system);
		this.work();
	}

	/** Where the measurement of a system's claims stands; null when there is none, or it has ended well. */
	measurement(system: string): Measurement | null {
		return this.measurements.get(system) ?? null;
	}

	/** Calls `listener` for what happens to a run; the function returned ends that. */
	watch(id: string, listener: (event: RunEvent) => void): () => void {
		this.events.on(id, listener);
		return () => this.events.off(id, listener);
	}

	/** Rises when something changes here that the database does not tell: what is measured, which sweeps are at work. */
	get stamp(): number {
		return this.changes;
	}

	/** How many runs wait and how many are worked on. */
	load(): { readonly waiting: number; readonly working: number; readonly hands: number } {
		return { waiting: this.waiting.length, working: this.working.size, hands: this.executor.hands };
	}

	/** Stops everything at work, marked as interrupted, and waits until that is written down. */
	async close(): Promise<void> {
		this.closed = true;
		this.ending.abort(new ShutdownError());
		for (const { controller } of this.working.values()) controller.abort(new ShutdownError());
		this.settle();
		await Promise.all(this.ended);
		await this.searches.close();
		await this.executor.close();
		await (await this.jobs)?.close();
	}

	private workOnSweep(sweep: string): void {
		if (!this.sweeps.includes(sweep)) this.sweeps.push(sweep);
		this.work();
	}

	/** Has the queued runs of a search's sweep worked off, here or by workers. */
	private async workOff(sweep: string, signal: AbortSignal): Promise<void> {
		this.changes += 1;
		if (this.sweepExecutor === 'distributed') {
			await this.distribute(sweep);
			return followSweep(this.store, sweep, signal);
		}
		await new Promise<void>((resolve) => {
			this.settling.set(sweep, resolve);
			this.workOnSweep(sweep);
			this.settle();
		});
	}

	/** Tells those who wait that nothing of their sweep is queued or at work here any more. */
	private settle(): void {
		if (this.taking > 0) return;
		for (const [sweep, resolve] of this.settling) {
			if ((this.sweeps.includes(sweep) && !this.closed) || [...this.working.values()].some((work) => work.sweep === sweep))
				continue;
			this.settling.delete(sweep);
			resolve();
		}
	}

	private async distribute(sweep: string): Promise<void> {
		this.jobs ??= JobQueue.open(this.store, { supervise: false, onFault: this.onFault });
		const { priority } = await this.store.getSweep(sweep);
		await distributeSweep(this.store, await this.jobs, sweep, priority);
		this.changes += 1;
	}

	private refuseWhenFull(): void {
		if (this.waiting.length >= WAITING_LIMIT)
			throw new InputError({
				path: ['queue'],
				found: `${show(this.waiting.length)} runs waiting`,
				expected: 'a shorter queue; try again later',
			});
	}

	private work(): void {
		this.changes += 1;
		const hasWork = (): boolean => this.waiting.length + this.toCalibrate.size + this.toMeasure.length + this.sweeps.length > 0;
		while (!this.closed && this.hands < this.executor.hands && hasWork()) {
			this.hands += 1;
			const work = this.handle()
				.catch(this.onFault)
				.finally(() => {
					this.hands -= 1;
					this.ended.delete(work);
					this.work();
					this.settle();
				});
			this.ended.add(work);
		}
	}

	/** One piece of work: runs that people wait for come first, then calibrations, then claims, then runs of sweeps. */
	private async handle(): Promise<void> {
		const id = this.waiting.shift();
		if (id !== undefined) {
			if (await this.store.take(id)) await this.workOn(await this.store.get(id));
			return;
		}
		const [system] = this.toCalibrate;
		if (system !== undefined) return this.compareWithMeasurements(system);
		const job = this.toMeasure.shift();
		if (job !== undefined) return this.measure(job);
		const sweep = this.sweeps[0];
		if (sweep === undefined) return;
		let work: Promise<void> | undefined;
		this.taking += 1;
		try {
			const run = await this.store.takeNext(sweep).catch((error: unknown) => {
				// It can be gone on with later; trying at once would fail for ever.
				this.sweeps.shift();
				throw error;
			});
			const at = this.sweeps.indexOf(sweep);
			if (run !== undefined) work = this.workOn(run);
			else if (at >= 0) this.sweeps.splice(at, 1);
		} finally {
			this.taking -= 1;
		}
		await work;
	}

	private async workOn(run: Run): Promise<void> {
		const controller = new AbortController();
		this.working.set(run.id, { controller, sweep: run.sweep });
		this.tell(run.id, { kind: 'state', status: 'running' });
		try {
			await workOnRun(this.store, this.executor, run, controller.signal, {
				onProgress: (fraction, note) => this.tell(run.id, { kind: 'progress', fraction, note }),
				onLog: (level, message) => this.tell(run.id, { kind: 'log', line: { level, message } }),
			});
		} finally {
			this.working.delete(run.id);
			const { status } = await this.store.get(run.id);
			this.tell(run.id, { kind: 'state', status });
			const { complete } = await knownCalibration(this.store, findSystem(run.system));
			if (status === 'done' && !complete) this.calibrate(run.system);
		}
	}

	private async measure({ system, claims }: MeasurementJob): Promise<void> {
		this.measurements.set(system, { state: 'working', fraction: 0, note: '' });
		try {
			const { outcome } = await reproduce(this.store, this.executor, { system, claims, seed: 0 }, this.ending.signal, {
				onProgress: (fraction, note) => this.measurements.set(system, { state: 'working', fraction, note }),
			});
			if (outcome.kind === 'done') this.measurements.delete(system);
			else
				this.measurements.set(system, {
					state: 'failed',
					message: outcome.kind === 'failed' ? outcome.message : 'It was stopped.',
				});
		} catch (error) {
			this.measurements.set(system, { state: 'failed', message: 'The fault is ours; it was logged.' });
			throw error;
		}
	}

	private async compareWithMeasurements(system: string): Promise<void> {
		this.toCalibrate.delete(system);
		this.calibrating.add(system);
		try {
			await calibrate(this.store, this.executor, system, this.ending.signal);
		} finally {
			this.calibrating.delete(system);
		}
	}

	private tell(id: string, event: RunEvent): void {
		this.events.emit(id, event);
	}
}
