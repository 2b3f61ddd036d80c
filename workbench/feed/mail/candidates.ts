/** The papers that digests choose from: the best by trend for a day, by votes for a week, within the topics asked for. */
import type { AssayDatabase } from '@assay/database';
import { rankPapers } from '../ranking/rank-papers.ts';
import type { Candidates } from './digest.ts';
import { digestPapers } from './digest-papers.ts';
import type { MailIdentity } from './message.ts';

/** Enough that ten are left after those of the last week are taken away. */
const MOST = 200;

export function feedCandidates(database: AssayDatabase, identity: MailIdentity): Candidates {
	return async (cadence, topics, now) => {
		const order = cadence === 'daily' ? ({ order: 'trending' } as const) : ({ order: 'top', period: 'week' } as const);
		const ids = await rankPapers(database, { ...order, now, limit: MOST, offset: 0 });
		return digestPapers(database, identity, topics.length === 0 ? ids : await onTopics(database, ids, topics));
	};
}

/** Those of the papers that have one of the tags, in the same order. */
async function onTopics({ kysely }: AssayDatabase, ids: readonly number[], topics: readonly string[]): Promise<number[]> {
	if (ids.length === 0) return [];
	const rows = await kysely
		.selectFrom('paper_tags')
		.innerJoin('tags', 'tags.id', 'paper_tags.tag_id')
		.select('paper_tags.paper_id')
		.where('paper_tags.paper_id', 'in', ids)
		.where('tags.slug', 'in', topics)
		.execute();
	const tagged = new Set(rows.map((row) => row.paper_id));
	return ids.filter((id) => tagged.has(id));
}
