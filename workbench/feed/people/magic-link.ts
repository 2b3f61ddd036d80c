/** Signing in by mail: a link that is valid for 15 minutes and opens one session. */
import type { AssayDatabase } from '@assay/database';
import { findOrCreateUser, type User } from './accounts.ts';
import { parseEmailAddress } from './email-address.ts';
import type { Secrets } from './secrets.ts';
import { createSession, type NewSession } from './sessions.ts';
import { createToken, hashOfBrought, tokenHash } from './tokens.ts';

const VALID_MINUTES = 15;

/** The same for an address with an account and for one without. */
export const MAGIC_LINK_ANSWER = `If this address can receive mail, a link is on its way to it. It is valid for ${VALID_MINUTES} minutes.`;

/**
 * Makes a link for an address and has it sent. `send` gets the normalised address and the token.
 * @throws {InputError} when the text is no address.
 */
export async function requestMagicLink(
	database: AssayDatabase,
	secrets: Secrets,
	address: string,
	send: (address: string, token: string) => Promise<void>,
	now: Date,
): Promise<typeof MAGIC_LINK_ANSWER> {
	const normalised = parseEmailAddress(address);
	const token = createToken();
	await database.kysely
		.insertInto('login_tokens')
		.values({
			token_hash: tokenHash(token),
			email_hash: secrets.hashAddress(normalised),
			email_encrypted: secrets.encryptAddress(normalised),
			created_at: now.toISOString(),
			expires_at: new Date(now.getTime() + VALID_MINUTES * 60_000).toISOString(),
		})
		.execute();
	await send(normalised, token);
	return MAGIC_LINK_ANSWER;
}

/** Whether a link could still be used; changes nothing, for the page with the button. */
export async function isMagicLinkValid(database: AssayDatabase, token: string, now: Date): Promise<boolean> {
	const hash = hashOfBrought(token);
	if (hash === null) return false;
	const row = await database.kysely
		.selectFrom('login_tokens')
		.select('token_hash')
		.where('token_hash', '=', hash)
		.where('used_at', 'is', null)
		.where('expires_at', '>', now.toISOString())
		.executeTakeFirst();
	return row !== undefined;
}

/** Uses a link up and opens a session; null when it is unknown, expired or used. Of two at once only one succeeds. */
export async function consumeMagicLink(
	database: AssayDatabase,
	secrets: Secrets,
	token: string,
	now: Date,
): Promise<{ readonly user: User; readonly session: NewSession } | null> {
	const hash = hashOfBrought(token);
	if (hash === null) return null;
	const used = await database.kysely
		.updateTable('login_tokens')
		.set({ used_at: now.toISOString() })
		.where('token_hash', '=', hash)
		.where('used_at', 'is', null)
		.where('expires_at', '>', now.toISOString())
		.returning('email_encrypted')
		.executeTakeFirst();
	if (used === undefined) return null;
	const user = await findOrCreateUser(database, secrets, secrets.decryptAddress(used.email_encrypted), now);
	return { user, session: await createSession(database, user.id, now) };
}
