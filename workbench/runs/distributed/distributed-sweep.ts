/** Sweeps whose runs are worked off by workers: handing over, following, stopping. Whoever follows may go away; the sweep goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { findSystem } from '@assay/catalog';
import { InputError } from '@assay/contract';
import type { RunStatus } from '@assay/database';
import type { RunStore } from '../run-store.ts';
import type { JobQueue } from './job-queue.ts';
import { isUnreachable } from './unreachable.ts';
import { listWorkers } from './worker-registry.ts';

/** Milliseconds between looks at how far a sweep is: at first, and at most. */
const [FIRST_LOOK_MILLISECONDS, LOOK_MILLISECONDS] = [50, 500];
/** Longest that runs at work may take to stop, in milliseconds; a worker that takes longer is dead. */
const STOPPING_MILLISECONDS = 5000;

/** Hands the queued runs of a sweep to the workers. */
export async function distributeSweep(store: RunStore, queue: JobQueue, sweep: string, priority: number): Promise<void> {
	const { system } = await store.getSweep(sweep);
	await queue.enqueue(sweep, { limits: findSystem(system).card.limits, priority });
}

/** Waits until all runs of a sweep have ended or somebody has stopped it; `onCounts` hears how far it is. An abort ends the waiting alone,
 * and a database that is away for a while does not. */
export async function followSweep(
	store: RunStore,
	sweep: string,
	signal: AbortSignal,
	onCounts: (counts: Readonly<Record<RunStatus, number>>) => void = () => undefined,
): Promise<void> {
	for (let look = FIRST_LOOK_MILLISECONDS; !signal.aborted; look = Math.min(LOOK_MILLISECONDS, 1.5 * look)) {
		try {
			const counts = await store.sweepCounts(sweep);
			onCounts(counts);
			if (counts.queued + counts.running === 0) return;
		} catch (error) {
			// It goes on without us; we look again.
			if (!isUnreachable(error)) throw error;
		}
		await sleep(look, undefined, { signal }).catch(() => undefined);
	}
}

/**
 * Stops a sweep on all workers: what waits is not begun, what is at work ends at its next pause. Returns when nothing is at work, or when a
 * worker that still holds a run must be taken for dead. Raises an InputError for a sweep that workers have no part in.
 */
export async function stopDistributedSweep(store: RunStore, sweep: string): Promise<void> {
	const { executor } = await store.getSweep(sweep);
	if (executor !== 'distributed')
		throw new InputError({ path: ['sweep'], found: `${sweep}, which no worker works on`, expected: 'a distributed sweep' });
	const now = new Date().toISOString();
	// Workers heed this at once; writing it into a hundred thousand runs takes longer.
	await store.database.updateTable('sweeps').set({ stopped_at: now }).where('id', '=', sweep).execute();
	await store.database
		.updateTable('runs')
		.set({ status: 'stopped', ended_at: now })
		.where('sweep', '=', sweep)
		.where('status', '=', 'queued')
		.execute();
	await followSweep(store, sweep, AbortSignal.timeout(STOPPING_MILLISECONDS));
}

/** Why nothing of a sweep is being worked on, as far as the workers' own reports tell; null if somebody could. */
export async function whyNobodyWorks(store: RunStore, sweep: string): Promise<string | null> {
	const { system, version } = await store.getSweep(sweep);
	const workers = (await listWorkers(store)).filter(({ isSilent }) => !isSilent);
	if (workers.length === 0) return 'no worker is at work; start one with `assay worker`';
	const reasons = workers.map(({ host, process, systems, refusals }) => {
		if (systems !== null && !systems.includes(system)) return `${host}:${process} takes only ${systems.join(', ')}`;
		const refusal = refusals.find((one) => one.system === system && one.version === version);
		return refusal === undefined ? null : `${host}:${process}: ${refusal.reason}`;
	});
	if (reasons.includes(null)) return null;
	return `no worker takes ${system} version ${version} (${reasons.join('; ')})`;
}
