/** Works through the queue: takes a delivery, makes its mail, hands it over, writes down what became of it. */
import type { AssayDatabase } from '@assay/database';
import { sql } from 'kysely';
import type { Secrets } from '../people/secrets.ts';
import {
	bounceDelivery,
	type Delivery,
	deferDelivery,
	endDelivery,
	markSent,
	markUncertain,
	takeDelivery,
} from './delivery-queue.ts';
import { digestPapers } from './digest-papers.ts';
import { digestHeaders, type MailIdentity, type OutgoingMail } from './message.ts';
import { digestMail } from './templates.ts';
import type { MailBurst, MailTransport } from './transport.ts';

export interface SendReport {
	readonly sent: number;
	/** Put off to a later attempt. */
	readonly deferred: number;
	readonly bounced: number;
	/** Not sent at all: put off too often, unsubscribed since, or nothing left to send. */
	readonly failed: number;
	/** Perhaps sent; found from a process that died, or a connection that broke at the wrong moment. */
	readonly uncertain: number;
}

export interface SendPace {
	/** Mails a second, at most. */
	readonly perSecond: number;
	readonly clock: () => Date;
	readonly wait: (milliseconds: number) => Promise<void>;
	/** Ends the work after the mail at hand. */
	readonly signal?: AbortSignal;
}

/** Sends what is due and returns when nothing more is. Several processes may do so at once. */
export async function sendDigests(
	database: AssayDatabase,
	secrets: Secrets,
	identity: MailIdentity,
	transport: MailTransport,
	pace: SendPace,
): Promise<SendReport> {
	const report = { sent: 0, deferred: 0, bounced: 0, failed: 0, uncertain: 0 };
	report.uncertain += (await markUncertain(database, pace.clock())).length;
	await setDurable(database, true);
	const burst = transport.burst();
	try {
		while (pace.signal?.aborted !== true) {
			const started = pace.clock();
			const delivery = await takeDelivery(database, started);
			if (delivery === undefined) break;
			report[await handle(database, secrets, identity, burst, delivery, pace.clock)] += 1;
			const rest = 1000 / pace.perSecond - (pace.clock().getTime() - started.getTime());
			if (rest > 0) await pace.wait(rest);
		}
	} finally {
		burst.close();
		await setDurable(database, false);
	}
	return report;
}

async function handle(
	database: AssayDatabase,
	secrets: Secrets,
	identity: MailIdentity,
	burst: MailBurst,
	delivery: Delivery,
	clock: () => Date,
): Promise<keyof SendReport> {
	const mail = await compose(database, secrets, identity, delivery, clock()).catch(async (error: unknown) => {
		// A fault of ours: nothing has been handed over. It must not stand at the head of the queue for ever.
		await endDelivery(database, delivery, 'failed', error instanceof Error ? error.message : String(error));
		throw error;
	});
	if (typeof mail === 'string') {
		await endDelivery(database, delivery, 'failed', mail);
		return 'failed';
	}
	const outcome = await burst.send(mail);
	switch (outcome.kind) {
		case 'sent':
			await markSent(database, delivery, clock());
			return 'sent';
		case 'deferred':
			return (await deferDelivery(database, delivery, outcome.reason, clock())) === 'queued' ? 'deferred' : 'failed';
		case 'refused':
			await bounceDelivery(database, delivery, outcome.reason, clock());
			return 'bounced';
		case 'unknown':
			await endDelivery(database, delivery, 'uncertain', outcome.reason);
			return 'uncertain';
	}
}

/** The mail of a delivery, or why there is none. */
async function compose(
	database: AssayDatabase,
	secrets: Secrets,
	identity: MailIdentity,
	delivery: Delivery,
	now: Date,
): Promise<OutgoingMail | string> {
	const { kysely } = database;
	const subscription = await kysely
		.selectFrom('subscriptions')
		.leftJoin('suppressions', 'suppressions.email_hash', 'subscriptions.email_hash')
		.select(['subscriptions.id', 'subscriptions.state', 'subscriptions.email_encrypted', 'suppressions.reason'])
		.where('subscriptions.id', '=', delivery.subscription_id)
		.executeTakeFirstOrThrow();
	if (subscription.state !== 'active') return `the subscription is ${subscription.state}`;
	if (subscription.reason !== null) return `the address is suppressed: ${subscription.reason}`;
	const chosen = await kysely
		.selectFrom('delivery_papers')
		.select('paper_id')
		.where('delivery_id', '=', delivery.id)
		.orderBy('position')
		.execute();
	const papers = await digestPapers(
		database,
		identity,
		chosen.map((row) => row.paper_id),
	);
	if (papers.length === 0) return 'none of its papers is shown any more';
	if (delivery.message_id === null) throw new Error(`delivery ${delivery.id} has no Message-ID`);
	const token = secrets.unsubscribeToken(subscription.id);
	return {
		...(await digestMail(identity, delivery.digest_date, papers, token)),
		to: secrets.decryptAddress(subscription.email_encrypted),
		messageId: delivery.message_id,
		date: now,
		headers: digestHeaders(identity, token),
	};
}

/**
 * SQLite in write-ahead logging may lose its last commits when the power fails. For what is about to be handed to a mail server
 * that would be a second mail, so each commit waits for the disk while mail is sent. PostgreSQL does so anyway.
 */
async function setDurable({ kysely, engine }: AssayDatabase, durable: boolean): Promise<void> {
	if (engine === 'sqlite') await sql`pragma synchronous = ${sql.raw(durable ? 'full' : 'normal')}`.execute(kysely);
}
