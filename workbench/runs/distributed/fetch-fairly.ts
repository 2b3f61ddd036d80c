/** Runs for a worker's free hands, from all sweeps that have some, each its share. */
import { sql } from 'kysely';
import type { RunStore } from '../run-store.ts';
import { type ActiveSweep, shareHands } from './fair-share.ts';
import type { Delivery, JobQueue } from './job-queue.ts';

/** Up to `free` runs of sweeps whose system, in its version, the worker takes. */
export async function fetchFairly(
	store: RunStore,
	queue: JobQueue,
	free: number,
	takes: (system: string, version: number) => boolean,
): Promise<Delivery[]> {
	let sweeps = (await activeSweeps(store, free)).filter(({ system, version }) => takes(system, version));
	const deliveries: Delivery[] = [];
	while (deliveries.length < free && sweeps.length > 0) {
		const shares = [...shareHands(sweeps, free - deliveries.length)];
		const fetched = await Promise.all(shares.map(([sweep, count]) => fetchOf(queue, sweep, count)));
		deliveries.push(...fetched.flat());
		// What waits of a sweep may not be due yet; its share is for the others then.
		const short = shares.filter(([, count], index) => (fetched[index]?.length ?? 0) < count).map(([sweep]) => sweep);
		sweeps = sweeps.filter(({ id }) => !short.includes(id));
	}
	return deliveries;
}

/** Distributed sweeps with something to do, the oldest first. Of what waits no more than `free` are counted. */
async function activeSweeps(
	store: RunStore,
	free: number,
): Promise<(ActiveSweep & { readonly system: string; readonly version: number })[]> {
	const { rows } = await sql<ActiveSweep & { readonly system: string; readonly version: number }>`
		select s.id, s.system, s.version, s.priority,
			(select count(*) from runs r where r.status = 'running' and r.sweep = s.id)::int as running,
			(select count(*) from (select 1 from runs r where r.status = 'queued' and r.sweep = s.id limit ${free}) few)::int as waiting
		from sweeps s
		where s.executor = 'distributed' and s.stopped_at is null
			and exists (select 1 from runs r where r.status in ('queued', 'running') and r.sweep = s.id)
		order by s.created_at, s.id`.execute(store.database);
	return rows;
}

/** Runs of one sweep; none where its queue has been removed in between. */
async function fetchOf(queue: JobQueue, sweep: string, count: number): Promise<Delivery[]> {
	try {
		return await queue.fetch(sweep, count);
	} catch (error) {
		if (error instanceof Error && /^Queue .* does not exist/.test(error.message)) return [];
		throw error;
	}
}
