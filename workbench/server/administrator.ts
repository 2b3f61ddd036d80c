/** The first administrator is the one whose address the server was started with. */
import type { AssayDatabase } from '@assay/database';
import { parseEmailAddress, type Secrets, type User } from '@assay/feed';

export async function makeAdministrator(
	database: AssayDatabase,
	secrets: Secrets,
	administrator: string | null,
	user: User,
): Promise<void> {
	if (administrator === null || user.role === 'admin') return;
	await database.kysely
		.updateTable('users')
		.set({ role: 'admin' })
		.where('id', '=', user.id)
		.where('email_hash', '=', secrets.hashAddress(parseEmailAddress(administrator)))
		.execute();
}
