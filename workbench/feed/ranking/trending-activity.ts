/** The recent activity that the trending order is made of. */
import type { AssayDatabase, Database } from '@assay/database';
import type { Kysely } from 'kysely';
import { byNewest, type DatedPaper } from './newest.ts';
import { type TrendingActivity, type TrendingParts, trending } from './trending.ts';

/** After 20 days an act is worth less than a millionth of a millionth of a vote, and is left out. */
const HORIZON_DAYS = 20;

export interface TrendingPaper extends DatedPaper {
	readonly parts: TrendingParts;
}

/** Visible papers with activity of the last 20 days, best first; only those listed since a day unless that is null. */
export async function readTrending(kysely: Kysely<Database>, now: Date, since: string | null): Promise<TrendingPaper[]> {
	const papers = await readActivity(kysely, now, since, null);
	return papers
		.map(({ id, listedOn, activity }) => ({ id, listedOn, parts: trending(activity, now) }))
		.filter(({ parts }) => parts.score > 0)
		.sort((a, b) => b.parts.score - a.parts.score || byNewest(a, b));
}

/** The score of one paper and its parts, for the page that explains the ranking; zero for a paper without recent activity. */
export async function explainTrending(database: AssayDatabase, paper: number, now: Date): Promise<TrendingParts> {
	const [found] = await readActivity(database.kysely, now, null, paper);
	return trending(found?.activity ?? { votes: [], comments: [], organisations: 0 }, now);
}

interface ActivePaper extends DatedPaper {
	readonly activity: TrendingActivity;
}

async function readActivity(
	kysely: Kysely<Database>,
	now: Date,
	since: string | null,
	only: number | null,
): Promise<ActivePaper[]> {
	const from = new Date(now.getTime() - HORIZON_DAYS * 86_400_000).toISOString();
	let papers = kysely.selectFrom('papers').where('hidden', '=', 0);
	if (since !== null) papers = papers.where('listed_on', '>=', since);
	if (only !== null) papers = papers.where('papers.id', '=', only);
	const votes = await papers
		.innerJoin('votes', 'votes.paper_id', 'papers.id')
		.select(['papers.id', 'listed_on', 'at', 'weight'])
		.where('at', '>=', from)
		.execute();
	const comments = await papers
		.innerJoin('comments', 'comments.paper_id', 'papers.id')
		.select(['papers.id', 'listed_on', 'comments.created_at as at', 'user_id'])
		.where('comments.created_at', '>=', from)
		.where('state', '=', 'visible')
		.where(({ eb, or }) => or([eb('submitted_by', 'is', null), eb('user_id', '<>', eb.ref('submitted_by'))]))
		.execute();
	const organisations = await kysely
		.selectFrom('votes')
		.innerJoin('users', 'users.id', 'votes.user_id')
		.innerJoin('organisations', 'organisations.id', 'users.organisation_id')
		.select(({ fn }) => ['paper_id', fn.count<number>('organisations.id').distinct().as('count')])
		.where('verified', '=', 1)
		.where('paper_id', 'in', (query) => query.selectFrom('votes').select('paper_id').where('at', '>=', from))
		.groupBy('paper_id')
		.execute();
	const countOf = new Map(organisations.map(({ paper_id, count }) => [paper_id, count]));
	const found = new Map<number, { id: number; listedOn: string | null; votes: typeof votes; comments: typeof comments }>();
	const entry = ({ id, listed_on }: { id: number; listed_on: string | null }) => {
		const known = found.get(id) ?? { id, listedOn: listed_on, votes: [], comments: [] };
		found.set(id, known);
		return known;
	};
	for (const vote of votes) entry(vote).votes.push(vote);
	for (const comment of comments) entry(comment).comments.push(comment);
	return [...found.values()].map((paper) => ({
		id: paper.id,
		listedOn: paper.listedOn,
		activity: {
			votes: paper.votes.map(({ at, weight }) => ({ at: new Date(at), weight })),
			comments: paper.comments.map(({ at, user_id }) => ({ at: new Date(at), user: user_id })),
			organisations: countOf.get(paper.id) ?? 0,
		},
	}));
}
