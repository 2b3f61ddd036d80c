/** What moderation acts on, and the log of what it did. */
import type { AssayDatabase, Database, TargetKind } from '@assay/database';
import type { Kysely } from 'kysely';

export interface ModerationTarget {
	readonly kind: TargetKind;
	readonly id: number;
}

/**
 * Shows or hides a paper or a comment; false when it is so already, is deleted, or is of a kind that is never hidden.
 * Showing also lets through a comment that waits.
 */
export async function setShown(
	database: Kysely<Database>,
	target: ModerationTarget,
	shown: boolean,
	at: string,
): Promise<boolean> {
	if (target.kind === 'comment') {
		const changed = await database
			.updateTable('comments')
			.set({ state: shown ? 'visible' : 'hidden' })
			.where('id', '=', target.id)
			.where('state', 'in', shown ? ['pending', 'hidden'] : ['visible', 'pending'])
			.executeTakeFirst();
		return changed.numUpdatedRows === 1n;
	}
	if (target.kind === 'paper') {
		const changed = await database
			.updateTable('papers')
			.set({ hidden: shown ? 0 : 1, updated_at: at })
			.where('id', '=', target.id)
			.where('hidden', '=', shown ? 1 : 0)
			.executeTakeFirst();
		return changed.numUpdatedRows === 1n;
	}
	return false;
}

export async function targetExists({ kysely }: AssayDatabase, target: ModerationTarget): Promise<boolean> {
	const tables = { paper: 'papers', comment: 'comments', user: 'users', merge: 'merge_candidates' } as const;
	const row = await kysely.selectFrom(tables[target.kind]).select('id').where('id', '=', target.id).executeTakeFirst();
	return row !== undefined;
}

/** @param actorId null for what happened by rule. */
export async function logModeration(
	database: Kysely<Database>,
	actorId: number | null,
	action: string,
	target: ModerationTarget,
	reason: string,
	at: string,
): Promise<void> {
	await database
		.insertInto('moderation_log')
		.values({ actor_id: actorId, action, target_kind: target.kind, target_id: target.id, reason, at })
		.execute();
}
