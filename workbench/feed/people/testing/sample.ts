/** Papers and people for tests. */
import type { AssayDatabase, Role } from '@assay/database';
import { type User, userByHandle } from '../accounts.ts';
import { Secrets } from '../secrets.ts';

export const NOW = new Date('2026-11-27T12:00:00Z');

export function later(from: Date, seconds: number): Date {
	return new Date(from.getTime() + seconds * 1000);
}

/** Secrets of a fixed master key. */
export function sampleSecrets(fill = 7): Secrets {
	return new Secrets(new Uint8Array(32).fill(fill));
}

/** Papers `paper-1`, `paper-2`, ... ; gives their identifiers. */
export async function addPapers({ kysely }: AssayDatabase, count: number): Promise<number[]> {
	const at = NOW.toISOString();
	const rows = Array.from({ length: count }, (_, index) => ({
		slug: `paper-${index + 1}`,
		title: `Paper ${index + 1}`,
		title_key: `paper${index + 1}`,
		listed_on: at.slice(0, 10),
		created_at: at,
		updated_at: at,
	}));
	const added = await kysely.insertInto('papers').values(rows).returning('id').execute();
	return added.map((row) => row.id).sort((a, b) => a - b);
}

/** A user whose account is a month old unless said otherwise. */
export async function addUser(
	database: AssayDatabase,
	handle: string,
	{ role = 'user', createdAt = later(NOW, -30 * 86_400) }: { readonly role?: Role; readonly createdAt?: Date } = {},
): Promise<User> {
	await database.kysely.insertInto('users').values({ handle, role, created_at: createdAt.toISOString() }).execute();
	const user = await userByHandle(database, handle);
	if (user === null) throw new Error(`no user ${handle}`);
	return user;
}
