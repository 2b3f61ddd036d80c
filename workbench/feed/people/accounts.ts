/** People: found or made by their address, named by a handle, with a role. */
import { randomInt } from 'node:crypto';
import { InputError, show } from '@assay/contract';
import type { AssayDatabase, Database, Role } from '@assay/database';
import type { Selectable } from 'kysely';
import type { Secrets } from './secrets.ts';

export interface User {
	readonly id: number;
	readonly handle: string;
	readonly role: Role;
	readonly organisationId: number | null;
	/** ISO 8601. */
	readonly createdAt: string;
	readonly erasedAt: string | null;
}

/** The one user of a workbench that serves only its own machine. */
const LOCAL_HANDLE = 'local';
const HANDLE = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,29}$/;
/** Names that would pass for the house, or for someone who has gone. */
const RESERVED = /^(?:local|admin.*|moderator.*|assay|system|root|support|anonymous|erased-.*|deleted.*)$/;
const HOUR = 3_600_000;

/** Votes of accounts younger than this weigh less. */
const YOUNG_HOURS = 24;
const YOUNG_WEIGHT = 0.2;

export function accountAgeHours(user: Pick<User, 'createdAt'>, now: Date): number {
	return (now.getTime() - Date.parse(user.createdAt)) / HOUR;
}

/** What a vote of this user counts in rankings: 0.2 in an account's first 24 hours, then 1. */
export function voteWeight(user: Pick<User, 'createdAt'>, now: Date): number {
	return accountAgeHours(user, now) < YOUNG_HOURS ? YOUNG_WEIGHT : 1;
}

export function isModerator(user: Pick<User, 'role'>): boolean {
	return user.role === 'moderator' || user.role === 'admin';
}

/** The user of a normalised address; a new one gets a handle that can be changed. Safe when two requests come at once. */
export async function findOrCreateUser(database: AssayDatabase, secrets: Secrets, address: string, now: Date): Promise<User> {
	const hash = secrets.hashAddress(address);
	for (;;) {
		const found = await database.kysely.selectFrom('users').selectAll().where('email_hash', '=', hash).executeTakeFirst();
		if (found !== undefined) return userOf(found);
		await database.kysely
			.insertInto('users')
			.values({
				handle: `reader-${randomInt(36 ** 6)
					.toString(36)
					.padStart(6, '0')}`,
				email_hash: hash,
				email_encrypted: secrets.encryptAddress(address),
				role: 'user',
				created_at: now.toISOString(),
			})
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}
}

/** The user of a workbench that only its own machine can reach: an administrator without an address. */
export async function localUser(database: AssayDatabase, now: Date): Promise<User> {
	const known = await userByHandle(database, LOCAL_HANDLE);
	if (known !== null) return known;
	await database.kysely
		.insertInto('users')
		.values({ handle: LOCAL_HANDLE, role: 'admin', created_at: now.toISOString() })
		.onConflict((conflict) => conflict.column('handle').doNothing())
		.execute();
	const row = await database.kysely.selectFrom('users').selectAll().where('handle', '=', LOCAL_HANDLE).executeTakeFirstOrThrow();
	return userOf(row);
}

export async function userById(database: AssayDatabase, id: number): Promise<User | null> {
	const row = await database.kysely.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
	return row === undefined ? null : userOf(row);
}

export async function userByHandle(database: AssayDatabase, handle: string): Promise<User | null> {
	const row = await database.kysely.selectFrom('users').selectAll().where('handle', '=', handle.toLowerCase()).executeTakeFirst();
	return row === undefined ? null : userOf(row);
}

/** @throws {InputError} when the handle is malformed, reserved or taken. */
export async function changeHandle(database: AssayDatabase, user: User, wanted: string): Promise<User> {
	const handle = wanted.trim().toLowerCase();
	if (!HANDLE.test(handle) || RESERVED.test(handle)) {
		const expected = '2 to 30 letters, digits and single hyphens, a letter first, and no name of the house';
		throw new InputError({ path: ['handle'], found: show(wanted), expected });
	}
	const taken = await database.kysely
		.selectFrom('users')
		.select('id')
		.where('handle', '=', handle)
		.where('id', '!=', user.id)
		.executeTakeFirst();
	if (taken === undefined) {
		try {
			const row = await database.kysely
				.updateTable('users')
				.set({ handle })
				.where('id', '=', user.id)
				.where('erased_at', 'is', null)
				.returningAll()
				.executeTakeFirstOrThrow();
			return userOf(row);
		} catch (error) {
			// Someone else took it in the meantime.
			if (!(error instanceof Error) || !/unique/i.test(error.message)) throw error;
		}
	}
	throw new InputError({ path: ['handle'], found: `${show(wanted)}, which is taken`, expected: 'a handle that nobody has' });
}

export function userOf(row: Selectable<Database['users']>): User {
	return {
		id: row.id,
		handle: row.handle,
		role: row.role,
		organisationId: row.organisation_id,
		createdAt: row.created_at,
		erasedAt: row.erased_at,
	};
}
