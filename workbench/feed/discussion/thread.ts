/**
 * A paper's comments as a tree, as one particular reader may see it. Nobody is misled about a comment of their own: authors see
 * what waits or is hidden, and that it does. Others see a placeholder where something visible stands below, and nothing elsewhere.
 */
import type { AssayDatabase, CommentState } from '@assay/database';
import { isModerator, type User } from '../people/accounts.ts';
import { EDIT_MINUTES } from './comments.ts';

export interface CommentNode {
	readonly id: number;
	readonly parentId: number | null;
	/** 0 for a comment on the paper itself. */
	readonly depth: number;
	readonly state: CommentState;
	/** Null in a placeholder. */
	readonly author: { readonly handle: string; readonly role: string } | null;
	/** Sanitised; null in a placeholder. */
	readonly html: string | null;
	/** As written, for one who may still change it. */
	readonly body: string | null;
	readonly createdAt: string;
	readonly editedAt: string | null;
	readonly up: number;
	readonly down: number;
	/** The reader's own vote. */
	readonly ownVote: 1 | 0 | -1;
	readonly own: boolean;
	readonly replies: readonly CommentNode[];
}

/** How siblings are ordered: a number that is larger for what comes first, for example a Wilson bound. */
export type SiblingRank = (up: number, down: number) => number;

/** The visible thread of a paper for a reader (null: not signed in). Ties are in order of time. */
export async function readThread(
	database: AssayDatabase,
	paperId: number,
	reader: User | null,
	rank: SiblingRank,
	now: Date,
): Promise<CommentNode[]> {
	const { kysely } = database;
	const rows = await kysely
		.selectFrom('comments')
		.innerJoin('users', 'users.id', 'comments.user_id')
		.selectAll('comments')
		.select(['users.handle', 'users.role'])
		.where('comments.paper_id', '=', paperId)
		.orderBy('comments.created_at')
		.orderBy('comments.id')
		.execute();
	const votes = await kysely
		.selectFrom('comment_votes')
		.innerJoin('comments', 'comments.id', 'comment_votes.comment_id')
		.select(['comment_votes.comment_id', 'comment_votes.value', (e) => e.fn.countAll<number>().as('count')])
		.where('comments.paper_id', '=', paperId)
		.groupBy(['comment_votes.comment_id', 'comment_votes.value'])
		.execute();
	const counts = new Map(votes.map((row) => [`${row.comment_id} ${row.value}`, Number(row.count)]));
	const own = reader === null ? new Map<number, number>() : await ownVotes(database, paperId, reader.id);
	const children = Map.groupBy(rows, (row) => row.parent_id);
	const editableFrom = new Date(now.getTime() - EDIT_MINUTES * 60_000).toISOString();

	const nodesBelow = (parent: number | null): CommentNode[] =>
		(children.get(parent) ?? [])
			.map((row): CommentNode | null => {
				const replies = nodesBelow(row.id);
				const isOwn = row.user_id === reader?.id;
				const mayKnow = isOwn || (reader !== null && isModerator(reader));
				const shown = row.state === 'visible' || (row.state !== 'deleted' && mayKnow);
				if (!shown && replies.length === 0) return null;
				const editable = shown && isOwn && row.state !== 'hidden' && row.created_at >= editableFrom;
				return {
					id: row.id,
					parentId: row.parent_id,
					depth: row.depth,
					state: row.state,
					author: shown ? { handle: row.handle, role: row.role } : null,
					html: shown ? row.html : null,
					body: editable ? row.body : null,
					createdAt: row.created_at,
					editedAt: shown ? row.edited_at : null,
					up: shown ? (counts.get(`${row.id} 1`) ?? 0) : 0,
					down: shown ? (counts.get(`${row.id} -1`) ?? 0) : 0,
					ownVote: signOf(own.get(row.id) ?? 0),
					own: isOwn,
					replies,
				};
			})
			.filter((node) => node !== null)
			.sort((a, b) => rank(b.up, b.down) - rank(a.up, a.down));
	return nodesBelow(null);
}

async function ownVotes(database: AssayDatabase, paperId: number, userId: number): Promise<Map<number, number>> {
	const rows = await database.kysely
		.selectFrom('comment_votes')
		.innerJoin('comments', 'comments.id', 'comment_votes.comment_id')
		.select(['comment_votes.comment_id', 'comment_votes.value'])
		.where('comments.paper_id', '=', paperId)
		.where('comment_votes.user_id', '=', userId)
		.execute();
	return new Map(rows.map((row) => [row.comment_id, row.value]));
}

function signOf(value: number): 1 | 0 | -1 {
	return value > 0 ? 1 : value < 0 ? -1 : 0;
}
