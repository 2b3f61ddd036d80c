/** How a run's end is written down by the worker that had it: with what it means for its delivery, together or not at all. */
import type { Run } from '../run-record.ts';
import { environment } from '../run-service.ts';
import type { RunStore } from '../run-store.ts';
import type { Outcome } from '../worker-protocol.ts';
import type { Delivery, JobQueue } from './job-queue.ts';

/**
 * `ended`: it has its result or has failed for good; `left`: it waits for another worker, or its sweep was stopped; `lost`: it is another
 * worker's meanwhile, and nothing was written.
 */
type Settled = 'ended' | 'left' | 'lost';

export async function settleRun(
	store: RunStore,
	queue: JobQueue,
	{ delivery, isStopped }: { readonly delivery: Delivery; readonly isStopped: boolean },
	outcome: Outcome,
	log: Run['log'],
): Promise<Settled> {
	const { run } = delivery;
	if (outcome.kind === 'done' && outcome.result !== null) {
		const complete = queue.complete.bind(queue, delivery);
		return (await store.finish(run, outcome.result, environment(), complete)) ? 'ended' : 'lost';
	}
	return store.database.transaction().execute(async (transaction): Promise<Settled> => {
		const owned = await transaction
			.selectFrom('runs')
			.select('position')
			.where('id', '=', run)
			.where('owner', '=', store.owner)
			.where('status', '=', 'running')
			.forUpdate()
			.executeTakeFirst();
		if (owned === undefined) return 'lost';
		const letWait = (): Promise<unknown> =>
			transaction.updateTable('runs').set({ status: 'queued', owner: null }).where('id', '=', run).execute();
		if (outcome.kind === 'failed' && outcome.mistake !== 'dependency') {
			const isWorthATry = outcome.mistake === 'data' || outcome.mistake === 'crash';
			if (isWorthATry && !delivery.isLast) {
				await letWait();
				await queue.retry(delivery, outcome.message, transaction);
				return 'left';
			}
			await store.end(run, 'failed', outcome.message, log, transaction);
			await queue.complete(delivery, transaction);
			return 'ended';
		}
		if (outcome.kind === 'stopped' && isStopped) {
			await store.end(run, 'stopped', null, log, transaction);
			await queue.complete(delivery, transaction);
			return 'left';
		}
		await letWait();
		await queue.giveBack(delivery, owned.position ?? 0, transaction);
		return 'left';
	});
}
