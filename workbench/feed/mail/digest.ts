/** Who gets which papers on a day. Planning a day again adds nothing: there is one delivery for a subscription and a date. */
import { createHash } from 'node:crypto';
import type { AssayDatabase, Database } from '@assay/database';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { type MailIdentity, messageIdOf } from './message.ts';
import type { Cadence } from './subscription.ts';
import type { DigestPaper } from './templates.ts';

/** The papers that could go into a digest, the best first; more than ten, for some will have been sent before. */
export type Candidates = (cadence: Cadence, topics: readonly string[], now: Date) => Promise<readonly DigestPaper[]>;

export interface DigestPlan {
	/** Deliveries put into the queue now. */
	readonly queued: number;
	/** Subscriptions for which there was nothing new. */
	readonly empty: number;
}

/** Papers in one mail. */
export const DIGEST_LENGTH = 10;
/** A paper is not sent again within so many days. */
const REPEAT_DAYS = 7;
const DAY = 86_400_000;
const PAGE = 500;
const MONDAY = 1;

const topicsShape = z.array(z.string());

/**
 * Queues the digests of a day: daily ones each day, weekly ones on Mondays.
 * @param day `YYYY-MM-DD`.
 */
export async function planDigests(
	database: AssayDatabase,
	identity: MailIdentity,
	candidates: Candidates,
	day: string,
	now: Date,
): Promise<DigestPlan> {
	let [queued, empty] = [0, 0];
	for await (const page of chooseDigests(database, candidates, day, now)) {
		empty += page.empty;
		queued += await enqueue(database, identity, page.digests, day, now);
	}
	return { queued, empty };
}

/** One subscription's papers of a day. */
export interface ChosenDigest {
	readonly subscription: string;
	readonly cadence: Cadence;
	readonly topics: readonly string[];
	readonly papers: readonly DigestPaper[];
}

/** Chooses what each active subscription gets on a day, page by page of subscriptions, and changes nothing. */
export async function* chooseDigests(
	database: AssayDatabase,
	candidates: Candidates,
	day: string,
	now: Date,
): AsyncGenerator<{ readonly digests: readonly ChosenDigest[]; readonly empty: number }> {
	const cadences: Cadence[] = new Date(`${day}T00:00:00Z`).getUTCDay() === MONDAY ? ['daily', 'weekly'] : ['daily'];
	const known = new Map<string, Promise<readonly DigestPaper[]>>();
	for (let after = ''; ; ) {
		const page = await activeSubscriptions(database, cadences, after);
		const last = page.at(-1);
		if (last === undefined) return;
		after = last.id;
		const sent = await recentlySent(database, page, day);
		const digests: ChosenDigest[] = [];
		for (const { id, cadence, topics: text } of page) {
			const topics = topicsShape.parse(JSON.parse(text));
			const key = `${cadence} ${text}`;
			const papers = known.get(key) ?? candidates(cadence, topics, now);
			known.set(key, papers);
			const fresh = (await papers).filter((paper) => sent.get(id)?.has(paper.id) !== true);
			if (fresh.length > 0) digests.push({ subscription: id, cadence, topics, papers: fresh.slice(0, DIGEST_LENGTH) });
		}
		yield { digests, empty: page.length - digests.length };
	}
}

type Subscription = Pick<Selectable<Database['subscriptions']>, 'id' | 'topics' | 'cadence'>;

function activeSubscriptions({ kysely }: AssayDatabase, cadences: readonly Cadence[], after: string): Promise<Subscription[]> {
	return kysely
		.selectFrom('subscriptions')
		.leftJoin('suppressions', 'suppressions.email_hash', 'subscriptions.email_hash')
		.select(['subscriptions.id', 'subscriptions.topics', 'subscriptions.cadence'])
		.where('subscriptions.state', '=', 'active')
		.where('suppressions.email_hash', 'is', null)
		.where('subscriptions.cadence', 'in', cadences)
		.where('subscriptions.id', '>', after)
		.orderBy('subscriptions.id')
		.limit(PAGE)
		.execute();
}

/** Papers by subscription that were sent, or may have been, in the days before. */
async function recentlySent(
	{ kysely }: AssayDatabase,
	page: readonly Subscription[],
	day: string,
): Promise<Map<string, Set<number>>> {
	const rows = await kysely
		.selectFrom('deliveries')
		.innerJoin('delivery_papers', 'delivery_papers.delivery_id', 'deliveries.id')
		.select(['deliveries.subscription_id', 'delivery_papers.paper_id'])
		.where(
			'deliveries.subscription_id',
			'in',
			page.map(({ id }) => id),
		)
		.where(
			'deliveries.digest_date',
			'>=',
			new Date(Date.parse(`${day}T00:00:00Z`) - REPEAT_DAYS * DAY).toISOString().slice(0, 10),
		)
		.where('deliveries.digest_date', '<', day)
		.where('deliveries.state', 'not in', ['failed', 'bounced'])
		.execute();
	const sent = new Map<string, Set<number>>();
	for (const row of rows) {
		const papers = sent.get(row.subscription_id) ?? new Set();
		sent.set(row.subscription_id, papers.add(row.paper_id));
	}
	return sent;
}

async function enqueue(
	{ kysely }: AssayDatabase,
	identity: MailIdentity,
	digests: readonly { readonly subscription: string; readonly papers: readonly DigestPaper[] }[],
	day: string,
	now: Date,
): Promise<number> {
	if (digests.length === 0) return 0;
	const at = now.toISOString();
	const papersOf = new Map(digests.map(({ subscription, papers }) => [subscription, papers]));
	return kysely.transaction().execute(async (transaction) => {
		const added = await transaction
			.insertInto('deliveries')
			.values(
				digests.map(({ subscription }) => ({
					subscription_id: subscription,
					digest_date: day,
					state: 'queued' as const,
					next_attempt_at: at,
					message_id: messageIdOf(identity, `digest.${day}.${shortHash(`${subscription} ${day}`)}`),
					created_at: at,
				})),
			)
			.onConflict((conflict) => conflict.columns(['subscription_id', 'digest_date']).doNothing())
			.returning(['id', 'subscription_id'])
			.execute();
		const rows = added.flatMap(({ id, subscription_id }) =>
			(papersOf.get(subscription_id) ?? []).map((paper, position) => ({ delivery_id: id, paper_id: paper.id, position })),
		);
		for (let from = 0; from < rows.length; from += PAGE)
			await transaction
				.insertInto('delivery_papers')
				.values(rows.slice(from, from + PAGE))
				.execute();
		return added.length;
	});
}

/** So that a Message-ID tells nothing about the subscription. */
function shortHash(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
