/** Writing, changing, deleting and voting on comments. How they are read is in `thread.ts`. */
import { InputError } from '@assay/contract';
import type { AssayDatabase, CommentState } from '@assay/database';
import { accountAgeHours, type User } from '../people/accounts.ts';
import { renderMarkdown } from './markdown.ts';
import { assessSpam, shouldWait } from './spam.ts';

/** Levels of a thread; `depth` counts them from 0. A reply to the deepest level stands beside what it answers. */
export const THREAD_LEVELS = 6;
export const EDIT_MINUTES = 90;

/** How far back, and how many of, an author's comments are compared for repetition. */
const RECENT_DAYS = 7;
const RECENT_COMMENTS = 20;
const MINUTE = 60_000;
const DAY = 86_400_000;

export interface PostedComment {
	readonly id: number;
	readonly depth: number;
	readonly parentId: number | null;
	/** `pending` when it waits for a moderator. */
	readonly state: CommentState;
	/** Why it waits. */
	readonly reasons: readonly string[];
}

/** @throws {InputError} when the body, the paper or the comment it answers will not do. */
export async function postComment(
	database: AssayDatabase,
	user: User,
	comment: { readonly paperId: number; readonly parentId: number | null; readonly body: string },
	now: Date,
): Promise<PostedComment> {
	const html = renderMarkdown(comment.body);
	const { parentId, depth } = await placeOf(database, comment.paperId, comment.parentId);
	const { state, reasons } = await judge(database, user, comment.body, null, now);
	const { id } = await database.kysely
		.insertInto('comments')
		.values({
			paper_id: comment.paperId,
			parent_id: parentId,
			depth,
			user_id: user.id,
			body: comment.body,
			html,
			state,
			created_at: now.toISOString(),
		})
		.returning('id')
		.executeTakeFirstOrThrow();
	return { id, depth, parentId, state, reasons };
}

/**
 * Changes one's own comment, within 90 minutes. It is judged again: links may not slip in later.
 * @throws {InputError} when it is someone else's, gone, or too old.
 */
export async function editComment(
	database: AssayDatabase,
	user: User,
	commentId: number,
	body: string,
	now: Date,
): Promise<{ readonly state: CommentState; readonly reasons: readonly string[] }> {
	const html = renderMarkdown(body);
	const { state, reasons } = await judge(database, user, body, commentId, now);
	const edited = await database.kysely
		.updateTable('comments')
		.set((expression) => ({
			body,
			html,
			edited_at: now.toISOString(),
			// What waits goes on waiting, whatever it says now.
			state:
				state === 'pending'
					? state
					: expression.case().when('state', '=', 'pending').then('pending').else('visible').end().$castTo<CommentState>(),
		}))
		.where('id', '=', commentId)
		.where('user_id', '=', user.id)
		.where('state', 'in', ['visible', 'pending'])
		.where('created_at', '>=', new Date(now.getTime() - EDIT_MINUTES * MINUTE).toISOString())
		.returning('state')
		.executeTakeFirst();
	if (edited === undefined) {
		const expected = `a comment of your own, at most ${EDIT_MINUTES} minutes old and not hidden`;
		throw new InputError({ path: ['comment'], found: String(commentId), expected });
	}
	return { state: edited.state, reasons };
}

/** Deletes one's own comment: its text is gone at once, its place in the thread stays. */
export async function deleteComment(database: AssayDatabase, user: User, commentId: number, now: Date): Promise<void> {
	const deleted = await database.kysely
		.updateTable('comments')
		.set({ state: 'deleted', body: '', html: '', deleted_at: now.toISOString() })
		.where('id', '=', commentId)
		.where('user_id', '=', user.id)
		.where('state', '!=', 'deleted')
		.executeTakeFirst();
	if (deleted.numUpdatedRows !== 1n)
		throw new InputError({ path: ['comment'], found: String(commentId), expected: 'a comment of your own that is not deleted' });
}

export interface CommentTally {
	readonly up: number;
	readonly down: number;
}

/**
 * Votes on someone else's comment: 1, -1, or 0 to take the vote back.
 * @throws {InputError} when it is one's own or not visible.
 */
export async function voteOnComment(
	database: AssayDatabase,
	user: User,
	commentId: number,
	value: 1 | 0 | -1,
	now: Date,
): Promise<CommentTally> {
	const { kysely } = database;
	const comment = await kysely
		.selectFrom('comments')
		.select('id')
		.where('id', '=', commentId)
		.where('user_id', '!=', user.id)
		.where('state', '=', 'visible')
		.executeTakeFirst();
	if (comment === undefined)
		throw new InputError({ path: ['comment'], found: String(commentId), expected: 'a visible comment of someone else' });
	if (value === 0)
		await kysely.deleteFrom('comment_votes').where('comment_id', '=', commentId).where('user_id', '=', user.id).execute();
	else
		await kysely
			.insertInto('comment_votes')
			.values({ user_id: user.id, comment_id: commentId, value, at: now.toISOString() })
			.onConflict((conflict) => conflict.columns(['user_id', 'comment_id']).doUpdateSet({ value, at: now.toISOString() }))
			.execute();
	const rows = await kysely
		.selectFrom('comment_votes')
		.select(['value', (expression) => expression.fn.countAll<number>().as('count')])
		.where('comment_id', '=', commentId)
		.groupBy('value')
		.execute();
	const count = (wanted: number): number => Number(rows.find((row) => row.value === wanted)?.count ?? 0);
	return { up: count(1), down: count(-1) };
}

/** Where a reply goes: below what it answers, or beside it where the thread is as deep as it may be. */
async function placeOf(
	database: AssayDatabase,
	paperId: number,
	parentId: number | null,
): Promise<{ readonly parentId: number | null; readonly depth: number }> {
	const paper = await database.kysely
		.selectFrom('papers')
		.select('id')
		.where('id', '=', paperId)
		.where('hidden', '=', 0)
		.executeTakeFirst();
	if (paper === undefined) throw new InputError({ path: ['paper'], found: String(paperId), expected: 'a paper that is shown' });
	if (parentId === null) return { parentId: null, depth: 0 };
	const parent = await database.kysely
		.selectFrom('comments')
		.select(['id', 'parent_id', 'depth'])
		.where('id', '=', parentId)
		.where('paper_id', '=', paperId)
		.where('state', '=', 'visible')
		.executeTakeFirst();
	if (parent === undefined)
		throw new InputError({ path: ['parent'], found: String(parentId), expected: 'a visible comment on this paper' });
	return parent.depth + 1 < THREAD_LEVELS
		? { parentId: parent.id, depth: parent.depth + 1 }
		: { parentId: parent.parent_id, depth: parent.depth };
}

async function judge(
	database: AssayDatabase,
	user: User,
	body: string,
	except: number | null,
	now: Date,
): Promise<{ readonly state: CommentState; readonly reasons: readonly string[] }> {
	let query = database.kysely
		.selectFrom('comments')
		.select('body')
		.where('user_id', '=', user.id)
		.where('state', '!=', 'deleted')
		.where('created_at', '>=', new Date(now.getTime() - RECENT_DAYS * DAY).toISOString());
	if (except !== null) query = query.where('id', '!=', except);
	const recent = await query.orderBy('created_at', 'desc').limit(RECENT_COMMENTS).execute();
	const assessment = assessSpam({
		body,
		role: user.role,
		accountAgeHours: accountAgeHours(user, now),
		recent: recent.map((row) => row.body),
	});
	return { state: shouldWait(assessment) ? 'pending' : 'visible', reasons: assessment.reasons };
}
