import type { AssayDatabase, Database } from '@assay/database';
import type { Transaction } from 'kysely';

const ATTEMPTS = 10;
/** PostgreSQL's codes for a key that another transaction has just taken, a deadlock and a failed serialisation. */
const RACES = new Set(['23505', '40P01', '40001']);

/**
 * Runs work in one transaction, as if no other ran beside it, and again where another one came in between: the next time it
 * sees what that one wrote. SQLite lets only one write at a time anyway.
 */
export async function inTransaction<Result>(
	{ engine, kysely }: AssayDatabase,
	work: (transaction: Transaction<Database>) => Promise<Result>,
): Promise<Result> {
	const transaction = kysely.transaction();
	const isolated = engine === 'postgres' ? transaction.setIsolationLevel('serializable') : transaction;
	for (let attempt = 1; ; attempt++) {
		try {
			return await isolated.execute(work);
		} catch (cause) {
			const lost = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && RACES.has(cause.code);
			if (!lost || attempt === ATTEMPTS) throw cause;
		}
	}
}
