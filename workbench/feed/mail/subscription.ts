/**
 * Subscribing by double opt-in. A wish waits in the subscription's row until the mail to its address has been answered by pressing
 * a button (a POST: programs that open the links of a mail must not confirm). So nobody can subscribe someone else, nor change what
 * someone else has subscribed to, and the page answers the same whatever the database holds.
 */
import { randomUUID } from 'node:crypto';
import { InputError, show } from '@assay/contract';
import type { AssayDatabase, SubscriptionState } from '@assay/database';
import { z } from 'zod';
import { parseEmailAddress } from '../people/email-address.ts';
import type { Secrets } from '../people/secrets.ts';
import { createToken, hashOfBrought, tokenHash } from '../people/tokens.ts';

export type Cadence = 'daily' | 'weekly';

export const SUBSCRIBE_ANSWER =
	'If this address can receive mail, a message is on its way to it. The subscription begins once you have confirmed it there.';

/** The text that subscribers agree to; whoever changes it raises its version, which is kept with each consent. */
export const CONSENT_TEXT = {
	version: '1',
	text: 'Send me the papers of my topics by mail. I can end this at any time with the link in each mail. My address is kept encrypted and used for nothing else.',
};

const CONFIRM_HOURS = 48;
const HOUR = 3_600_000;
const TOPIC_LIMITS = { count: 20, characters: 60 };

const consentShape = z.object({ at: z.string(), network: z.string().nullable(), textVersion: z.string() });
const requestShape = z.object({
	topics: z.array(z.string()),
	cadence: z.enum(['daily', 'weekly']),
	consent: consentShape,
});

/** What a confirmation would begin. */
export interface PendingRequest {
	readonly topics: readonly string[];
	readonly cadence: Cadence;
}

/**
 * Takes a wish down and has the confirmation mail sent, unless the address is on the suppression list.
 * @param networkPrefix of the one who asks, for the record of consent.
 * @param send gets the normalised address and the token; it may return before the mail is out.
 * @throws {InputError} when the address or the topics will not do.
 */
export async function subscribe(
	database: AssayDatabase,
	secrets: Secrets,
	request: { readonly address: string; readonly topics: readonly string[]; readonly cadence: Cadence },
	networkPrefix: string | null,
	send: (address: string, token: string, request: PendingRequest) => Promise<void>,
	now: Date,
): Promise<typeof SUBSCRIBE_ANSWER> {
	const address = parseEmailAddress(request.address);
	const wish = { topics: parseTopics(request.topics), cadence: request.cadence };
	const email_hash = secrets.hashAddress(address);
	if (await isSuppressed(database, email_hash)) return SUBSCRIBE_ANSWER;
	const at = now.toISOString();
	const consent = { at, network: networkPrefix, textVersion: CONSENT_TEXT.version };
	const token = createToken();
	const id = randomUUID();
	const waiting = {
		requested: JSON.stringify({ ...wish, consent }),
		confirm_hash: tokenHash(token),
		confirm_expires_at: new Date(now.getTime() + CONFIRM_HOURS * HOUR).toISOString(),
	};
	await database.kysely
		.insertInto('subscriptions')
		.values({
			id,
			email_hash,
			email_encrypted: secrets.encryptAddress(address),
			state: 'pending',
			topics: JSON.stringify(wish.topics),
			cadence: wish.cadence,
			unsubscribe_hash: tokenHash(secrets.unsubscribeToken(id)),
			consent: JSON.stringify(consent),
			created_at: at,
			...waiting,
		})
		.onConflict((conflict) => conflict.column('email_hash').doUpdateSet(waiting))
		.execute();
	await send(address, token, wish);
	return SUBSCRIBE_ANSWER;
}

/** What a confirmation link would begin; null when it is unknown, used or expired. Changes nothing. */
export async function lookUpConfirmation(database: AssayDatabase, token: string, now: Date): Promise<PendingRequest | null> {
	const found = await waitingRequest(database, token, now);
	return found === null ? null : { topics: found.topics, cadence: found.cadence };
}

/** Begins, renews or changes a subscription. `unknown`: the link is unknown, used or expired. */
export async function confirm(database: AssayDatabase, token: string, now: Date): Promise<'confirmed' | 'unknown'> {
	const found = await waitingRequest(database, token, now);
	if (found === null) return 'unknown';
	const at = now.toISOString();
	const confirmed = await database.kysely
		.updateTable('subscriptions')
		.set({
			state: 'active',
			topics: JSON.stringify(found.topics),
			cadence: found.cadence,
			consent: JSON.stringify({ ...found.consent, confirmedAt: at }),
			confirmed_at: at,
			requested: null,
			confirm_hash: null,
			confirm_expires_at: null,
		})
		.where('confirm_hash', '=', tokenHash(token))
		.executeTakeFirst();
	return confirmed.numUpdatedRows === 1n ? 'confirmed' : 'unknown';
}

/** The state of the subscription that an unsubscribe link belongs to; null when there is none. Changes nothing. */
export async function lookUpUnsubscribe(database: AssayDatabase, token: string): Promise<SubscriptionState | null> {
	const hash = hashOfBrought(token);
	if (hash === null) return null;
	const row = await database.kysely
		.selectFrom('subscriptions')
		.select('state')
		.where('unsubscribe_hash', '=', hash)
		.executeTakeFirst();
	return row?.state ?? null;
}

/** Ends a subscription at once, also one that still waits; said again it answers `already`. Queued mails are not sent any more. */
export async function unsubscribe(
	database: AssayDatabase,
	token: string,
	now: Date,
): Promise<'unsubscribed' | 'already' | 'unknown'> {
	const hash = hashOfBrought(token);
	if (hash === null) return 'unknown';
	const ended = await database.kysely
		.updateTable('subscriptions')
		.set({ state: 'unsubscribed', requested: null, confirm_hash: null, confirm_expires_at: null })
		.where('unsubscribe_hash', '=', hash)
		.where('state', '!=', 'unsubscribed')
		.returning('id')
		.executeTakeFirst();
	if (ended === undefined) return (await lookUpUnsubscribe(database, token)) === null ? 'unknown' : 'already';
	await database.kysely
		.insertInto('events')
		.values({ kind: 'unsubscribed', payload: JSON.stringify({ subscription: ended.id }), at: now.toISOString() })
		.execute();
	return 'unsubscribed';
}

/** Puts an address on the list of those that are never written to. */
export async function suppress(database: AssayDatabase, emailHash: string, reason: string, now: Date): Promise<void> {
	await database.kysely
		.insertInto('suppressions')
		.values({ email_hash: emailHash, reason, at: now.toISOString() })
		.onConflict((conflict) => conflict.column('email_hash').doNothing())
		.execute();
}

export async function isSuppressed(database: AssayDatabase, emailHash: string): Promise<boolean> {
	const row = await database.kysely
		.selectFrom('suppressions')
		.select('reason')
		.where('email_hash', '=', emailHash)
		.executeTakeFirst();
	return row !== undefined;
}

async function waitingRequest(database: AssayDatabase, token: string, now: Date): Promise<z.output<typeof requestShape> | null> {
	const hash = hashOfBrought(token);
	if (hash === null) return null;
	const row = await database.kysely
		.selectFrom('subscriptions')
		.select('requested')
		.where('confirm_hash', '=', hash)
		.where('confirm_expires_at', '>', now.toISOString())
		.executeTakeFirst();
	return row === undefined || row.requested === null ? null : requestShape.parse(JSON.parse(row.requested));
}

/** Topics in lower case, without repetition, in order. */
function parseTopics(topics: readonly string[]): string[] {
	const parsed = [...new Set(topics.map((topic) => topic.trim().toLowerCase()))].sort();
	const wrong = parsed.find((topic) => topic === '' || topic.length > TOPIC_LIMITS.characters || /\p{Cc}/u.test(topic));
	if (wrong !== undefined || parsed.length > TOPIC_LIMITS.count) {
		const expected = `at most ${TOPIC_LIMITS.count} topics of 1 to ${TOPIC_LIMITS.characters} characters`;
		throw new InputError({ path: ['topics'], found: wrong === undefined ? `${parsed.length} topics` : show(wrong), expected });
	}
	return parsed;
}
