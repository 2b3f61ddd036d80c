/** Tokens with which a user's own programs use the API. */
import { InputError, show } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { type User, userOf } from './accounts.ts';
import { createToken, hashOfBrought, tokenHash } from './tokens.ts';

/** Lets scanners of leaked secrets know ours. */
const PREFIX = 'assay_';
const MAXIMUM = 20;
/** When a token was last used is kept to the minute, to spare a write for every request. */
const LAST_USED_MILLISECONDS = 60_000;

export interface ApiToken {
	/** Names the token for revoking; it is not the token. */
	readonly id: string;
	readonly name: string;
	readonly createdAt: string;
	/** To the minute; null if never. */
	readonly lastUsedAt: string | null;
}

/** Makes a token and returns it; it cannot be shown again. */
export async function createApiToken(database: AssayDatabase, userId: number, name: string, now: Date): Promise<string> {
	const trimmed = name.trim();
	if (trimmed === '' || trimmed.length > 60 || /\p{Cc}/u.test(trimmed))
		throw new InputError({
			path: ['name'],
			found: show(name),
			expected: 'a name of 1 to 60 characters, such as `nightly script`',
		});
	if ((await listApiTokens(database, userId)).length >= MAXIMUM)
		throw new InputError({ path: ['tokens'], found: `${MAXIMUM} tokens`, expected: 'fewer; revoke one first' });
	const token = createToken();
	await database.kysely
		.insertInto('api_tokens')
		.values({ token_hash: tokenHash(token), user_id: userId, name: trimmed, created_at: now.toISOString() })
		.execute();
	return PREFIX + token;
}

export async function listApiTokens(database: AssayDatabase, userId: number): Promise<ApiToken[]> {
	const rows = await database.kysely
		.selectFrom('api_tokens')
		.selectAll()
		.where('user_id', '=', userId)
		.orderBy('created_at')
		.orderBy('token_hash')
		.execute();
	return rows.map((row) => ({ id: row.token_hash, name: row.name, createdAt: row.created_at, lastUsedAt: row.last_used_at }));
}

/** Revokes a token of this user; false when there is none of this identifier. */
export async function revokeApiToken(database: AssayDatabase, userId: number, id: string): Promise<boolean> {
	const revoked = await database.kysely
		.deleteFrom('api_tokens')
		.where('token_hash', '=', id)
		.where('user_id', '=', userId)
		.executeTakeFirst();
	return revoked.numDeletedRows === 1n;
}

/** The user whose token this is. */
export async function authenticateApiToken(database: AssayDatabase, brought: string, now: Date): Promise<User | null> {
	const hash = brought.startsWith(PREFIX) ? hashOfBrought(brought.slice(PREFIX.length)) : null;
	if (hash === null) return null;
	const row = await database.kysely
		.selectFrom('api_tokens')
		.innerJoin('users', 'users.id', 'api_tokens.user_id')
		.selectAll('users')
		.select('api_tokens.last_used_at')
		.where('api_tokens.token_hash', '=', hash)
		.where('users.erased_at', 'is', null)
		.executeTakeFirst();
	if (row === undefined) return null;
	const due = new Date(now.getTime() - LAST_USED_MILLISECONDS).toISOString();
	if (row.last_used_at === null || row.last_used_at < due) {
		const used = { last_used_at: now.toISOString() };
		await database.kysely.updateTable('api_tokens').set(used).where('token_hash', '=', hash).execute();
	}
	return userOf(row);
}
