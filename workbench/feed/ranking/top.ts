/** The papers with the most weighted votes. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';
import type { DatedPaper } from './newest.ts';

/** The first `limit` visible papers with votes, most first, ties newest first; only those listed since a day unless that is null. */
export async function topPapers(kysely: Kysely<Database>, since: string | null, limit: number): Promise<DatedPaper[]> {
	let query = kysely
		.selectFrom((from) =>
			from
				.selectFrom('votes')
				.select(({ fn }) => ['paper_id', fn.sum<number>('weight').as('points')])
				.groupBy('paper_id')
				.as('given'),
		)
		.innerJoin('papers', 'papers.id', 'given.paper_id')
		.select(['papers.id', 'listed_on as listedOn'])
		.where('hidden', '=', 0)
		.where('points', '>', 0);
	if (since !== null) query = query.where('listed_on', '>=', since);
	return query
		.orderBy('points', 'desc')
		.orderBy('listed_on', (order) => order.desc().nullsLast())
		.orderBy('papers.id', 'desc')
		.limit(limit)
		.execute();
}
