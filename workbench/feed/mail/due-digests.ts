/** Digests that are in the queue already. */
import type { AssayDatabase } from '@assay/database';
import { z } from 'zod';

export interface DueDigest {
	readonly subscription: string;
	readonly cadence: string;
	readonly topics: readonly string[];
	/** How many. */
	readonly papers: number;
}

const topicsShape = z.array(z.string());

/** What is due now, of whatever day, and the subscriptions for which `day` is planned already, sent or not. */
export async function dueDigests(
	{ kysely }: AssayDatabase,
	day: string,
	now: Date,
): Promise<{ readonly due: readonly DueDigest[]; readonly planned: ReadonlySet<string> }> {
	const due = await kysely
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.innerJoin('delivery_papers', 'delivery_papers.delivery_id', 'deliveries.id')
		.select(['subscriptions.id', 'subscriptions.cadence', 'subscriptions.topics'])
		.select(({ fn }) => fn.countAll<number>().as('papers'))
		.where('deliveries.state', '=', 'queued')
		.where('deliveries.next_attempt_at', '<=', now.toISOString())
		.groupBy(['deliveries.id', 'subscriptions.id', 'subscriptions.cadence', 'subscriptions.topics'])
		.orderBy('deliveries.id')
		.execute();
	const planned = await kysely.selectFrom('deliveries').select('subscription_id').where('digest_date', '=', day).execute();
	return {
		due: due.map(({ id, cadence, topics, papers }) => ({
			subscription: id,
			cadence,
			topics: topicsShape.parse(JSON.parse(topics)),
			papers: Number(papers),
		})),
		planned: new Set(planned.map((row) => row.subscription_id)),
	};
}
