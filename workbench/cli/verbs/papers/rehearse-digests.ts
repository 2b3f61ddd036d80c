/**
 * What sending the digests of a day would do. The plan is really made, by the same code, inside a transaction that is taken
 * back: what it shows is what would be sent.
 */
import type { AssayDatabase } from '@assay/database';
import { feedCandidates, type MailSettings, planDigests } from '@assay/feed';

interface RehearsedDigest {
	/** The beginning of the subscription's identifier, which tells nothing about the address. */
	readonly subscription: string;
	readonly cadence: string;
	readonly topics: readonly string[];
	readonly papers: number;
}

export async function rehearseDigests(
	database: AssayDatabase,
	settings: MailSettings,
	day: string,
	now: Date,
): Promise<{ readonly digests: readonly RehearsedDigest[]; readonly empty: number }> {
	const transaction = await database.kysely.startTransaction().execute();
	try {
		// Inside a transaction there is no other one: what asks for it works in the one there is.
		const kysely = new Proxy(transaction, {
			get: (target, key) => {
				if (key === 'transaction') return () => ({ execute: (work: (inner: typeof target) => unknown) => work(target) });
				const value: unknown = Reflect.get(target, key);
				return typeof value === 'function' ? value.bind(target) : value;
			},
		});
		const rehearsal = { ...database, kysely };
		const { empty } = await planDigests(rehearsal, settings, feedCandidates(rehearsal, settings), day, now);
		const rows = await transaction
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
		const digests = rows.map(({ id, cadence, topics, papers }) => ({
			subscription: id.slice(0, 8),
			cadence,
			topics: namesIn(topics),
			papers: Number(papers),
		}));
		return { digests, empty };
	} finally {
		await transaction.rollback().execute();
	}
}

function namesIn(json: string): string[] {
	const names: unknown = JSON.parse(json);
	return Array.isArray(names) ? names.map(String) : [];
}
