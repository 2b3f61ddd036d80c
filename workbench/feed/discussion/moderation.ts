/** What moderators do. Every action and its reason stand in a log that anyone can read. */
import { InputError, show } from '@assay/contract';
import type { AssayDatabase, Role, TargetKind } from '@assay/database';
import { isModerator, type User } from '../people/accounts.ts';
import { logModeration, type ModerationTarget, setShown, targetExists } from './moderation-target.ts';

/**
 * `approve` lets through what waits, `restore` shows what was hidden, `hide` hides; `dismiss` finds the flags unfounded and leaves
 * the rest as it is. Hiding upholds the open flags, all others dismiss them.
 */
export type ModerationAction = 'approve' | 'restore' | 'hide' | 'dismiss';

export interface QueueItem {
	readonly target: ModerationTarget;
	/** Open flags by reason. */
	readonly flags: Readonly<Record<string, number>>;
	readonly weight: number;
	/** The paper it belongs to; null for a user. */
	readonly paperId: number | null;
	/** Comments: as rendered, and whether it waits, is hidden or is visible. */
	readonly html: string | null;
	readonly state: string | null;
	/** When it first came to the queue, ISO 8601. */
	readonly since: string;
}

export interface LogEntry {
	readonly id: number;
	/** Null for what happened by rule, or by someone whose account is erased. */
	readonly actor: string | null;
	readonly action: string;
	readonly target: ModerationTarget;
	readonly reason: string;
	readonly at: string;
}

const REASON_LIMIT = 500;

/** @throws {InputError} when the actor is no moderator, a reason is missing, or the action does not apply. */
export async function moderate(
	database: AssayDatabase,
	actor: User,
	action: ModerationAction,
	target: ModerationTarget,
	reason: string,
	now: Date,
): Promise<void> {
	requireRole(isModerator(actor), actor, 'a moderator');
	const because = checkReason(reason);
	if (!(await targetExists(database, target)))
		throw new InputError({ path: [target.kind], found: String(target.id), expected: `a ${target.kind} that exists` });
	const at = now.toISOString();
	await database.kysely.transaction().execute(async (transaction) => {
		const changed = action === 'dismiss' || (await setShown(transaction, target, action !== 'hide', at));
		if (!changed) {
			const expected = action === 'hide' ? 'something that is not hidden yet' : 'something that waits or is hidden';
			throw new InputError({ path: [target.kind], found: String(target.id), expected });
		}
		await transaction
			.updateTable('flags')
			.set({ state: action === 'hide' ? 'upheld' : 'dismissed' })
			.where('target_kind', '=', target.kind)
			.where('target_id', '=', target.id)
			.where('state', '=', 'open')
			.execute();
		await logModeration(transaction, actor.id, action, target, because, at);
	});
}

/** Gives a user another role. @throws {InputError} when the actor is no administrator, or would change their own. */
export async function changeRole(
	database: AssayDatabase,
	actor: User,
	userId: number,
	role: Role,
	reason: string,
	now: Date,
): Promise<void> {
	requireRole(actor.role === 'admin' && actor.id !== userId, actor, 'an administrator, for someone else');
	const because = checkReason(reason);
	await database.kysely.transaction().execute(async (transaction) => {
		const changed = await transaction
			.updateTable('users')
			.set({ role })
			.where('id', '=', userId)
			.where('erased_at', 'is', null)
			.executeTakeFirst();
		if (changed.numUpdatedRows !== 1n)
			throw new InputError({ path: ['user'], found: String(userId), expected: 'a user that exists' });
		await logModeration(transaction, actor.id, `role ${role}`, { kind: 'user', id: userId }, because, now.toISOString());
	});
}

/** What waits for a moderator: comments held back, and whatever has open flags; the heaviest first, then the oldest. */
export async function moderationQueue({ kysely }: AssayDatabase): Promise<QueueItem[]> {
	const flags = await kysely.selectFrom('flags').selectAll().where('state', '=', 'open').orderBy('created_at').execute();
	const waiting = await kysely.selectFrom('comments').select(['id', 'created_at']).where('state', '=', 'pending').execute();
	const items = new Map<string, { target: ModerationTarget; flags: Record<string, number>; weight: number; since: string }>();
	for (const { id, created_at } of waiting)
		items.set(`comment ${id}`, { target: { kind: 'comment', id }, flags: {}, weight: 0, since: created_at });
	for (const flag of flags) {
		const target = { kind: flag.target_kind, id: flag.target_id };
		const key = `${target.kind} ${target.id}`;
		const item = items.get(key) ?? { target, flags: {}, weight: 0, since: flag.created_at };
		item.flags[flag.reason] = (item.flags[flag.reason] ?? 0) + 1;
		item.weight += flag.weight;
		items.set(key, item);
	}
	const commentIds = [...items.values()].filter(({ target }) => target.kind === 'comment').map(({ target }) => target.id);
	const comments = new Map<number, { readonly paper_id: number; readonly html: string; readonly state: string }>();
	for (let from = 0; from < commentIds.length; from += 500) {
		const rows = await kysely
			.selectFrom('comments')
			.select(['id', 'paper_id', 'html', 'state'])
			.where('id', 'in', commentIds.slice(from, from + 500))
			.execute();
		for (const row of rows) comments.set(row.id, row);
	}
	return [...items.values()]
		.map((item) => {
			const comment = item.target.kind === 'comment' ? comments.get(item.target.id) : undefined;
			const paperId = item.target.kind === 'paper' ? item.target.id : (comment?.paper_id ?? null);
			return { ...item, paperId, html: comment?.html ?? null, state: comment?.state ?? null };
		})
		.sort((a, b) => b.weight - a.weight || (a.since < b.since ? -1 : 1));
}

/** The public log, newest first. @param before shows entries older than this one. */
export async function moderationLog({ kysely }: AssayDatabase, limit: number, before?: number): Promise<LogEntry[]> {
	let query = kysely
		.selectFrom('moderation_log')
		.leftJoin('users', 'users.id', 'moderation_log.actor_id')
		.selectAll('moderation_log')
		.select('users.handle')
		.orderBy('moderation_log.id', 'desc')
		.limit(Math.min(limit, 500));
	if (before !== undefined) query = query.where('moderation_log.id', '<', before);
	const rows = await query.execute();
	return rows.map((row) => ({
		id: row.id,
		actor: row.handle,
		action: row.action,
		target: { kind: row.target_kind satisfies TargetKind, id: row.target_id },
		reason: row.reason,
		at: row.at,
	}));
}

function requireRole(holds: boolean, actor: User, expected: string): void {
	if (!holds) throw new InputError({ path: ['role'], found: actor.role, expected });
}

function checkReason(reason: string): string {
	const trimmed = reason.trim();
	if (trimmed === '' || trimmed.length > REASON_LIMIT)
		throw new InputError({ path: ['reason'], found: show(reason), expected: `a reason of 1 to ${REASON_LIMIT} characters` });
	return trimmed;
}
