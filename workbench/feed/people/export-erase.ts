/** Everything kept about a person, to take away; and forgetting it. */
import type { AssayDatabase, Database } from '@assay/database';
import { type Kysely, sql } from 'kysely';
import type { Secrets } from './secrets.ts';

/** JSON of all that is kept about a user, with the address in clear; null when there is no such user. */
export async function exportUser(database: AssayDatabase, secrets: Secrets, userId: number): Promise<object | null> {
	const { kysely } = database;
	const user = await kysely.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst();
	if (user === undefined) return null;
	const { email_hash, email_encrypted, ...account } = user;
	return {
		account: { ...account, email: email_encrypted === null ? null : secrets.decryptAddress(email_encrypted) },
		sessions: await kysely.selectFrom('sessions').select(['created_at', 'expires_at']).where('user_id', '=', userId).execute(),
		apiTokens: await kysely
			.selectFrom('api_tokens')
			.select(['name', 'created_at', 'last_used_at'])
			.where('user_id', '=', userId)
			.execute(),
		votes: await kysely.selectFrom('votes').selectAll().where('user_id', '=', userId).execute(),
		comments: await kysely.selectFrom('comments').selectAll().where('user_id', '=', userId).orderBy('id').execute(),
		commentVotes: await kysely.selectFrom('comment_votes').selectAll().where('user_id', '=', userId).execute(),
		flags: await kysely.selectFrom('flags').selectAll().where('user_id', '=', userId).execute(),
		submissions: await kysely
			.selectFrom('papers')
			.select(['id', 'slug', 'created_at'])
			.where('submitted_by', '=', userId)
			.execute(),
		runs: await kysely.selectFrom('runs').select(['id', 'system', 'created_at']).where('user_id', '=', userId).execute(),
		moderation: await kysely.selectFrom('moderation_log').selectAll().where('actor_id', '=', userId).orderBy('id').execute(),
		mail: email_hash === null ? null : await exportByHash(kysely, secrets, email_hash),
	};
}

/** JSON of all that is kept about a normalised address, whether or not it has an account. */
export async function exportAddress(database: AssayDatabase, secrets: Secrets, address: string): Promise<object> {
	const hash = secrets.hashAddress(address);
	const user = await database.kysely.selectFrom('users').select('id').where('email_hash', '=', hash).executeTakeFirst();
	return {
		user: user === undefined ? null : await exportUser(database, secrets, user.id),
		mail: await exportByHash(database.kysely, secrets, hash),
	};
}

async function exportByHash(kysely: Kysely<Database>, secrets: Secrets, hash: string): Promise<object> {
	const subscription = await kysely.selectFrom('subscriptions').selectAll().where('email_hash', '=', hash).executeTakeFirst();
	const deliveries = await kysely
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.selectAll('deliveries')
		.where('subscriptions.email_hash', '=', hash)
		.orderBy('deliveries.id')
		.execute();
	const suppression = await kysely
		.selectFrom('suppressions')
		.select(['reason', 'at'])
		.where('email_hash', '=', hash)
		.executeTakeFirst();
	return {
		subscription:
			subscription === undefined
				? null
				: {
						address: secrets.decryptAddress(subscription.email_encrypted),
						state: subscription.state,
						topics: JSON.parse(subscription.topics),
						cadence: subscription.cadence,
						consent: JSON.parse(subscription.consent),
						requested: subscription.requested === null ? null : JSON.parse(subscription.requested),
						createdAt: subscription.created_at,
						confirmedAt: subscription.confirmed_at,
						lastSentAt: subscription.last_sent_at,
					},
		deliveries: deliveries.map(({ digest_date, state, sent_at, message_id }) => ({ digest_date, state, sent_at, message_id })),
		suppression: suppression ?? null,
	};
}

/**
 * Forgets a user: the comments' text, the votes, the address and whatever was sent to it. What remains is an empty place in each
 * thread, and flags and moderation of an account without name. False when there is no such user, or it is erased already.
 */
export async function eraseUser(database: AssayDatabase, userId: number, now: Date): Promise<boolean> {
	const at = now.toISOString();
	const erased = await erasing(database, () =>
		database.kysely.transaction().execute(async (transaction) => {
			const user = await transaction
				.selectFrom('users')
				.select(['id', 'email_hash'])
				.where('id', '=', userId)
				.where('erased_at', 'is', null)
				.executeTakeFirst();
			if (user === undefined) return false;
			if (user.email_hash !== null) await eraseByHash(transaction, user.email_hash);
			for (const table of ['sessions', 'api_tokens', 'votes', 'comment_votes'] as const)
				await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
			await transaction
				.updateTable('comments')
				.set({ body: '', html: '', state: 'deleted', edited_at: null, deleted_at: at })
				.where('user_id', '=', userId)
				.execute();
			await transaction.updateTable('papers').set({ submitted_by: null }).where('submitted_by', '=', userId).execute();
			for (const table of ['runs', 'sweeps'] as const)
				await transaction.updateTable(table).set({ user_id: null }).where('user_id', '=', userId).execute();
			await transaction
				.updateTable('users')
				.set({
					handle: `erased-${userId}`,
					email_hash: null,
					email_encrypted: null,
					role: 'user',
					organisation_id: null,
					karma: 0,
					preferences: '{}',
					erased_at: at,
				})
				.where('id', '=', userId)
				.execute();
			return true;
		}),
	);
	return erased;
}

/** Forgets a normalised address and the account that belongs to it. That it must not be written to is kept, as a keyed hash. */
export async function eraseAddress(database: AssayDatabase, secrets: Secrets, address: string, now: Date): Promise<void> {
	const hash = secrets.hashAddress(address);
	const user = await database.kysely.selectFrom('users').select('id').where('email_hash', '=', hash).executeTakeFirst();
	if (user === undefined) await erasing(database, () => eraseByHash(database.kysely, hash));
	else await eraseUser(database, user.id, now);
}

async function eraseByHash(kysely: Kysely<Database>, hash: string): Promise<void> {
	await kysely.deleteFrom('subscriptions').where('email_hash', '=', hash).execute();
	await kysely.deleteFrom('login_tokens').where('email_hash', '=', hash).execute();
}

/**
 * SQLite leaves what was deleted or changed in the free parts of its file and in its log, also from long ago. So the file is
 * written anew, which takes about a second for 100 MB, and the log is emptied.
 */
async function erasing<Result>({ kysely, engine }: AssayDatabase, erase: () => Promise<Result>): Promise<Result> {
	const result = await erase();
	if (engine === 'sqlite') {
		await sql`vacuum`.execute(kysely);
		await sql`pragma wal_checkpoint(truncate)`.execute(kysely);
	}
	return result;
}
