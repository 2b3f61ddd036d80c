/** What people gave papers, added up in the database. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';
import type { DatedPaper } from './newest.ts';

export interface PaperTally extends DatedPaper {
	/** Seconds since 1970 at which it was listed: the start of the day, or when it was entered if it has no day. */
	readonly listedSeconds: number;
	/** Sum of the votes' weights. */
	readonly points: number;
	/** Visible comments by others than the submitter. */
	readonly comments: number;
	/** Those comments' points, each with 1 of its own. */
	readonly commentPoints: number;
	/** Weight of the flags that were not dismissed. */
	readonly flags: number;
	/** May be the same as a paper that came before it. */
	readonly duplicate: boolean;
}

export interface TallyOptions {
	/** Only papers listed on this day or later; null for all. */
	readonly since: string | null;
	/** Whether papers without a day count as listed on any. */
	readonly undated: boolean;
	/** Only papers with more points than this. */
	readonly above?: number;
}

/** The tallies of visible papers. */
export async function readTallies(kysely: Kysely<Database>, { since, undated, above }: TallyOptions): Promise<PaperTally[]> {
	let papers = kysely.selectFrom('papers').where('hidden', '=', 0);
	if (since !== null) {
		papers = papers.where(({ eb, or }) => or([eb('listed_on', '>=', since), ...(undated ? [eb('listed_on', 'is', null)] : [])]));
	}
	if (above !== undefined) {
		papers = papers.where('papers.id', 'in', (query) =>
			query
				.selectFrom('votes')
				.select('paper_id')
				.groupBy('paper_id')
				.having(({ fn }) => fn.sum<number>('weight'), '>', above),
		);
	}
	const rows = await papers.select(['papers.id', 'listed_on', 'created_at']).execute();
	const points = await papers
		.innerJoin('votes', 'votes.paper_id', 'papers.id')
		.select(({ fn }) => ['papers.id', fn.sum<number>('weight').as('sum')])
		.groupBy('papers.id')
		.execute();
	const remarks = papers
		.innerJoin('comments', 'comments.paper_id', 'papers.id')
		.where('state', '=', 'visible')
		.where(({ eb, or }) => or([eb('submitted_by', 'is', null), eb('comments.user_id', '<>', eb.ref('submitted_by'))]));
	const comments = await remarks
		.select(({ fn }) => ['papers.id', fn.countAll<number>().as('sum')])
		.groupBy('papers.id')
		.execute();
	const replies = await remarks
		.innerJoin('comment_votes', 'comment_votes.comment_id', 'comments.id')
		.select(({ fn }) => ['papers.id', fn.sum<number>('value').as('sum')])
		.groupBy('papers.id')
		.execute();
	const flags = await kysely
		.selectFrom('flags')
		.select(({ fn }) => ['target_id as id', fn.sum<number>('weight').as('sum')])
		.where('target_kind', '=', 'paper')
		.where('state', '<>', 'dismissed')
		.groupBy('target_id')
		.execute();
	const pairs = await kysely
		.selectFrom('merge_candidates')
		.select(['paper_id', 'other_id'])
		.where('state', '=', 'open')
		.execute();
	const [pointsOf, commentsOf, repliesOf, flagsOf] = [sums(points), sums(comments), sums(replies), sums(flags)];
	const duplicates = new Set(pairs.map(({ paper_id, other_id }) => Math.max(paper_id, other_id)));
	return rows.map(({ id, listed_on, created_at }) => ({
		id,
		listedOn: listed_on,
		listedSeconds: Date.parse(listed_on ?? created_at) / 1000,
		points: pointsOf.get(id) ?? 0,
		comments: commentsOf.get(id) ?? 0,
		commentPoints: (commentsOf.get(id) ?? 0) + (repliesOf.get(id) ?? 0),
		flags: flagsOf.get(id) ?? 0,
		duplicate: duplicates.has(id),
	}));
}

function sums(rows: readonly { id: number; sum: number }[]): ReadonlyMap<number, number> {
	return new Map(rows.map(({ id, sum }) => [id, Number(sum)]));
}
