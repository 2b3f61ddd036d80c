/** Readers' objections. Enough of them hide what they are about until a moderator has looked. */
import { InputError, nearestName, show } from '@assay/contract';
import type { AssayDatabase, Role, TargetKind } from '@assay/database';
import { accountAgeHours, type User } from '../people/accounts.ts';
import { logModeration, setShown, targetExists } from './moderation-target.ts';

export const FLAG_REASONS = {
	spam: 'Advertising, or the same thing again and again',
	abuse: 'Attacks or insults someone',
	'off-topic': 'Is not about the paper',
	duplicate: 'Is here already',
	'wrong-data': 'Title, authors, date or links are wrong',
	illegal: 'Breaks the law or someone’s rights',
} as const;

export type FlagReason = keyof typeof FLAG_REASONS;

/** What may be flagged; suspected merges have a queue of their own. */
export type FlagTarget = Exclude<TargetKind, 'merge'>;

/** Open flags of this weight together hide their target. */
export const HIDING_WEIGHT = 5;
const WEIGHTS: Readonly<Record<Role, number>> = { user: 1, trusted: 2, moderator: HIDING_WEIGHT, admin: HIDING_WEIGHT };
const YOUNG_HOURS = 24;
const YOUNG_WEIGHT = 0.2;

export function flagWeight(user: User, now: Date): number {
	return user.role === 'user' && accountAgeHours(user, now) < YOUNG_HOURS ? YOUNG_WEIGHT : WEIGHTS[user.role];
}

/**
 * Flags a paper, a comment or a user, once per person. Says whether this hid it.
 * @throws {InputError} when there is no such reason or target.
 */
export async function flagTarget(
	database: AssayDatabase,
	user: User,
	target: { readonly kind: FlagTarget; readonly id: number },
	reason: string,
	now: Date,
): Promise<{ readonly hidden: boolean }> {
	if (!Object.hasOwn(FLAG_REASONS, reason)) {
		const reasons = Object.keys(FLAG_REASONS);
		const expected = `one of ${reasons.join(', ')}`;
		throw new InputError({ path: ['reason'], found: show(reason), expected, nearest: nearestName(reason, reasons) });
	}
	if (!(await targetExists(database, target)))
		throw new InputError({ path: [target.kind], found: String(target.id), expected: `a ${target.kind} that exists` });
	const at = now.toISOString();
	await database.kysely
		.insertInto('flags')
		.values({
			target_kind: target.kind,
			target_id: target.id,
			user_id: user.id,
			reason,
			weight: flagWeight(user, now),
			state: 'open',
			created_at: at,
		})
		.onConflict((conflict) => conflict.columns(['target_kind', 'target_id', 'user_id']).doNothing())
		.execute();
	// The flag is committed before the weights are added up: of flags that come at once, the last to add sees them all.
	return database.kysely.transaction().execute(async (transaction) => {
		const { weight } = await transaction
			.selectFrom('flags')
			.select((expression) => expression.fn.sum<number | null>('weight').as('weight'))
			.where('target_kind', '=', target.kind)
			.where('target_id', '=', target.id)
			.where('state', '=', 'open')
			.executeTakeFirstOrThrow();
		// Weights of 0.2 do not add up exactly.
		if (Number(weight) < HIDING_WEIGHT - 1e-9) return { hidden: false };
		const hidden = await setShown(transaction, target, false, at);
		if (hidden) await logModeration(transaction, null, 'auto-hide', target, `flags of weight ${Number(weight).toFixed(1)}`, at);
		return { hidden };
	});
}
