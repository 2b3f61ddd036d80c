/** What anyone may see of a user. */
import type { AssayDatabase } from '@assay/database';

export interface UserActivity {
	/** Papers the user voted for, the latest first. */
	readonly voted: readonly number[];
	readonly submitted: readonly number[];
	readonly comments: readonly { readonly id: number; readonly paperId: number; readonly html: string; readonly at: string }[];
}

const MOST = 50;

export async function userActivity({ kysely }: AssayDatabase, userId: number): Promise<UserActivity> {
	const voted = await kysely
		.selectFrom('votes')
		.innerJoin('papers', 'papers.id', 'votes.paper_id')
		.select('votes.paper_id')
		.where('votes.user_id', '=', userId)
		.where('papers.hidden', '=', 0)
		.orderBy('votes.at', 'desc')
		.limit(MOST)
		.execute();
	const submitted = await kysely
		.selectFrom('papers')
		.select('id')
		.where('submitted_by', '=', userId)
		.where('hidden', '=', 0)
		.orderBy('id', 'desc')
		.limit(MOST)
		.execute();
	const comments = await kysely
		.selectFrom('comments')
		.select(['id', 'paper_id', 'html', 'created_at'])
		.where('user_id', '=', userId)
		.where('state', '=', 'visible')
		.orderBy('id', 'desc')
		.limit(MOST)
		.execute();
	return {
		voted: voted.map((row) => row.paper_id),
		submitted: submitted.map((row) => row.id),
		comments: comments.map((row) => ({ id: row.id, paperId: row.paper_id, html: row.html, at: row.created_at })),
	};
}
