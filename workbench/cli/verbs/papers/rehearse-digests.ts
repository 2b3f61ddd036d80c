/** What sending the digests of a day would do, with nothing changed: what is due already, and what would be planned now. */
import type { AssayDatabase } from '@assay/database';
import { chooseDigests, dueDigests, feedCandidates, type MailSettings } from '@assay/feed';

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
	const { due, planned } = await dueDigests(database, day, now);
	const digests: RehearsedDigest[] = due.map((digest) => ({ ...digest, subscription: shortened(digest.subscription) }));
	let empty = 0;
	for await (const page of chooseDigests(database, feedCandidates(database, settings), day, now)) {
		empty += page.empty;
		for (const { subscription, cadence, topics, papers } of page.digests)
			if (!planned.has(subscription))
				digests.push({ subscription: shortened(subscription), cadence, topics, papers: papers.length });
	}
	return { digests, empty };
}

const shortened = (subscription: string): string => subscription.slice(0, 8);
