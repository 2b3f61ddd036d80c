/** Runs as they are kept, some hundred at a time, so that any number of them can be written out. Between batches others have their turn. */
import { setImmediate as giveWay } from 'node:timers/promises';
import type { RunStatus } from '@assay/database';
import { type Run, runOf } from '../run-record.ts';
import type { RunStore } from '../run-store.ts';

/** Runs of a batch. */
const BATCH = 200;

/** Runs of a sweep in their order, all of them or those from a position on. */
export async function* sweepBatches(store: RunStore, sweep: string, from = 0): AsyncGenerator<Run[]> {
	const { last } = await store.database
		.selectFrom('runs')
		.select(({ fn }) => fn.max('position').as('last'))
		.where('sweep', '=', sweep)
		.executeTakeFirstOrThrow();
	// Bounded on both sides, so that PostgreSQL takes the index whatever it knows of the table.
	for (let start = from; start <= (last ?? -1); start += BATCH) {
		const rows = await store.database
			.selectFrom('runs')
			.selectAll()
			.where('sweep', '=', sweep)
			.where('position', '>=', start)
			.where('position', '<', start + BATCH)
			.orderBy('position')
			.execute();
		if (rows.length > 0) yield rows.map(runOf);
		await giveWay();
	}
}

/** Runs of any kind, newest first. */
export async function* listedBatches(
	store: RunStore,
	filter: { readonly system?: string; readonly status?: RunStatus; readonly sweep?: string },
): AsyncGenerator<Run[]> {
	for (let last: { readonly created_at: string; readonly id: string } | undefined; ; ) {
		let query = store.database.selectFrom('runs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(BATCH);
		if (filter.system !== undefined) query = query.where('system', '=', filter.system);
		if (filter.status !== undefined) query = query.where('status', '=', filter.status);
		if (filter.sweep !== undefined) query = query.where('sweep', '=', filter.sweep);
		if (last !== undefined) {
			const { created_at: at, id } = last;
			query = query.where('created_at', '<=', at).where(({ eb, or }) => or([eb('created_at', '<', at), eb('id', '<', id)]));
		}
		const rows = await query.execute();
		if (rows.length > 0) yield rows.map(runOf);
		await giveWay();
		if (rows.length < BATCH) return;
		last = rows.at(-1);
	}
}
