/** A session is what a browser's cookie stands for: a token of which only the hash is kept. */
import type { AssayDatabase } from '@assay/database';
import { type User, userOf } from './accounts.ts';
import { createToken, hashOfBrought, tokenHash } from './tokens.ts';

const DAY = 86_400_000;
const SESSION_DAYS = 30;

export interface NewSession {
	/** Goes into the cookie and nowhere else. */
	readonly token: string;
	/** ISO 8601. */
	readonly expiresAt: string;
}

export async function createSession(database: AssayDatabase, userId: number, now: Date): Promise<NewSession> {
	const token = createToken();
	const expiresAt = new Date(now.getTime() + SESSION_DAYS * DAY).toISOString();
	await database.kysely
		.insertInto('sessions')
		.values({ token_hash: tokenHash(token), user_id: userId, created_at: now.toISOString(), expires_at: expiresAt })
		.execute();
	return { token, expiresAt };
}

/** The user of a session that has not expired or been revoked. */
export async function authenticateSession(database: AssayDatabase, token: string, now: Date): Promise<User | null> {
	const hash = hashOfBrought(token);
	if (hash === null) return null;
	const row = await database.kysely
		.selectFrom('sessions')
		.innerJoin('users', 'users.id', 'sessions.user_id')
		.selectAll('users')
		.where('sessions.token_hash', '=', hash)
		.where('sessions.expires_at', '>', now.toISOString())
		.where('users.erased_at', 'is', null)
		.executeTakeFirst();
	return row === undefined ? null : userOf(row);
}

/** Ends one session. */
export async function revokeSession(database: AssayDatabase, token: string): Promise<void> {
	await database.kysely.deleteFrom('sessions').where('token_hash', '=', tokenHash(token)).execute();
}

/** Ends all sessions of a user. */
export async function revokeAllSessions(database: AssayDatabase, userId: number): Promise<void> {
	await database.kysely.deleteFrom('sessions').where('user_id', '=', userId).execute();
}

/** Deletes sessions and login links that are of no use any more. */
export async function forgetExpired(database: AssayDatabase, now: Date): Promise<void> {
	await database.kysely.deleteFrom('sessions').where('expires_at', '<=', now.toISOString()).execute();
	await database.kysely.deleteFrom('login_tokens').where('expires_at', '<=', now.toISOString()).execute();
}
