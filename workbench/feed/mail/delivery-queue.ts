/**
 * The queue of deliveries in the database. A delivery goes from `queued` to `sending` before its mail is handed over, and that change
 * is committed, on disk, first. So whatever kills the process, no mail is handed over twice: what stands at `sending` under a
 * process that is gone was perhaps sent, becomes `uncertain`, and stays so.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AssayDatabase, Database, DeliveryState } from '@assay/database';
import type { Selectable } from 'kysely';
import { suppress } from './subscription.ts';
import { HAND_OVER_LIMIT_MILLISECONDS } from './transport.ts';

export type Delivery = Selectable<Database['deliveries']>;

/** Minutes to wait after the first, second, ... attempt that the server put off; then it is given up. */
export const RETRY_MINUTES = [1, 5, 30, 120, 480] as const;
/** Bounces in a row after which a subscription ends. */
export const BOUNCES_UNTIL_END = 3;

/** Names this process in the database. */
export const OWNER = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;

/** A process on another machine is taken for dead when a hand-over takes three times as long as it may. */
const LOST_AFTER_MILLISECONDS = 3 * HAND_OVER_LIMIT_MILLISECONDS;
const MINUTE = 60_000;

/** Takes the next delivery that is due, or nothing. One statement: no two processes take the same. */
export async function takeDelivery({ kysely, engine }: AssayDatabase, now: Date): Promise<Delivery | undefined> {
	const at = now.toISOString();
	return kysely
		.updateTable('deliveries')
		.set((expression) => ({ state: 'sending', owner: OWNER, taken_at: at, attempts: expression('attempts', '+', 1) }))
		.where('id', '=', (select) => {
			const next = select
				.selectFrom('deliveries')
				.select('id')
				.where('state', '=', 'queued')
				.where('next_attempt_at', '<=', at)
				.orderBy('next_attempt_at')
				.orderBy('id')
				.limit(1);
			// SQLite has one writer at a time; on PostgreSQL two takers must not wait for the same row.
			return engine === 'postgres' ? next.forUpdate().skipLocked() : next;
		})
		.where('state', '=', 'queued')
		.returningAll()
		.executeTakeFirst();
}

/** Writes down that a mail was taken by the server. */
export async function markSent({ kysely }: AssayDatabase, delivery: Delivery, now: Date): Promise<void> {
	const at = now.toISOString();
	await kysely.transaction().execute(async (transaction) => {
		// Another machine may have given this process up in the meantime; what it knows now is better.
		await transaction
			.updateTable('deliveries')
			.set({ state: 'sent', sent_at: at, error: null })
			.where('id', '=', delivery.id)
			.where('owner', '=', OWNER)
			.where('state', 'in', ['sending', 'uncertain'])
			.execute();
		await transaction.updateTable('subscriptions').set({ last_sent_at: at }).where('id', '=', delivery.subscription_id).execute();
	});
}

/** Puts a delivery back for later, or gives it up after the last attempt. */
export async function deferDelivery(
	database: AssayDatabase,
	delivery: Delivery,
	reason: string,
	now: Date,
): Promise<'queued' | 'failed'> {
	const minutes = RETRY_MINUTES[delivery.attempts - 1];
	if (minutes === undefined) {
		await endDelivery(database, delivery, 'failed', reason);
		return 'failed';
	}
	await database.kysely
		.updateTable('deliveries')
		.set({
			state: 'queued',
			error: reason,
			owner: null,
			next_attempt_at: new Date(now.getTime() + minutes * MINUTE).toISOString(),
		})
		.where('id', '=', delivery.id)
		.where('owner', '=', OWNER)
		.where('state', '=', 'sending')
		.execute();
	return 'queued';
}

/** Ends a delivery that was refused; after three refusals in a row the subscription ends and its address is written to no more. */
export async function bounceDelivery(database: AssayDatabase, delivery: Delivery, reason: string, now: Date): Promise<void> {
	await endDelivery(database, delivery, 'bounced', reason);
	const { kysely } = database;
	const states = await kysely
		.selectFrom('deliveries')
		.select('state')
		.where('subscription_id', '=', delivery.subscription_id)
		.where('state', 'in', ['sent', 'bounced'])
		.orderBy('digest_date', 'desc')
		.limit(BOUNCES_UNTIL_END)
		.execute();
	if (states.length < BOUNCES_UNTIL_END || states.some(({ state }) => state !== 'bounced')) return;
	const ended = await kysely
		.updateTable('subscriptions')
		.set({ state: 'bounced' })
		.where('id', '=', delivery.subscription_id)
		.where('state', '=', 'active')
		.returning('email_hash')
		.executeTakeFirst();
	if (ended !== undefined) await suppress(database, ended.email_hash, 'bounced', now);
}

/** Ends a delivery that this process holds. */
export async function endDelivery(
	{ kysely }: AssayDatabase,
	delivery: Delivery,
	state: Extract<DeliveryState, 'failed' | 'bounced' | 'uncertain'>,
	error: string,
): Promise<void> {
	await kysely
		.updateTable('deliveries')
		.set({ state, error })
		.where('id', '=', delivery.id)
		.where('owner', '=', OWNER)
		.where('state', '=', 'sending')
		.execute();
}

/** Finds what a dead process was sending, and marks it: nobody knows whether it was sent. Gives the identifiers. */
export async function markUncertain({ kysely }: AssayDatabase, now: Date): Promise<number[]> {
	const sending = await kysely
		.selectFrom('deliveries')
		.select(['id', 'owner', 'taken_at'])
		.where('state', '=', 'sending')
		.execute();
	const lost = new Date(now.getTime() - LOST_AFTER_MILLISECONDS).toISOString();
	const marked: number[] = [];
	for (const { id, owner, taken_at } of sending) {
		if ((taken_at ?? '') >= lost && !isGone(owner ?? '')) continue;
		const changed = await kysely
			.updateTable('deliveries')
			.set({ state: 'uncertain', error: 'the sending process ended before it knew the outcome' })
			.where('id', '=', id)
			.where('state', '=', 'sending')
			.where('owner', owner === null ? 'is' : '=', owner)
			.executeTakeFirst();
		if (changed.numUpdatedRows === 1n) marked.push(id);
	}
	return marked;
}

/** What an operator may look up in the mail server's log. */
export async function uncertainDeliveries({ kysely }: AssayDatabase): Promise<Delivery[]> {
	return kysely.selectFrom('deliveries').selectAll().where('state', '=', 'uncertain').orderBy('id').execute();
}

/** How many deliveries are in each state, for statistics. */
export async function countDeliveries({ kysely }: AssayDatabase): Promise<Record<DeliveryState, number>> {
	const counts: Record<DeliveryState, number> = { queued: 0, sending: 0, sent: 0, bounced: 0, uncertain: 0, failed: 0 };
	const rows = await kysely
		.selectFrom('deliveries')
		.select(['state', (expression) => expression.fn.countAll<number>().as('count')])
		.groupBy('state')
		.execute();
	for (const row of rows) counts[row.state] = Number(row.count);
	return counts;
}

/** Whether a process of this machine is gone for certain; of others nothing is known. */
function isGone(owner: string): boolean {
	if (owner === OWNER) return false;
	const [host, id] = owner.split(':');
	if (host !== hostname()) return false;
	// The same number under another name: a process before this one, as when a container starts again.
	if (Number(id) === process.pid) return true;
	try {
		process.kill(Number(id), 0);
		return false;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ESRCH';
	}
}
