/** PostgreSQL, for a team and for many machines. */
import { PostgresDialect } from 'kysely';
import pg from 'pg';

/** 64-bit integers (counts, seeds, sizes in bytes) arrive as numbers: none of ours passes 2^53. */
const INT8 = 20;

export function postgresDialect(url: string): PostgresDialect {
	const pool = new pg.Pool({
		connectionString: url,
		max: 10,
		connectionTimeoutMillis: 10_000,
		keepAlive: true,
		// What a client that has lost touch holds locked is not held for ever.
		idle_in_transaction_session_timeout: 30_000,
		types: {
			getTypeParser: (type, format) =>
				type === INT8 && format !== 'binary' ? (text: string) => Number(text) : pg.types.getTypeParser(type, format),
		},
	});
	// A connection that breaks while idle is replaced by the pool; one that breaks in use fails the statement it was used for.
	const replaced = (): void => undefined;
	pool.on('error', replaced);
	pool.on('connect', (client) => client.on('error', replaced));
	return new PostgresDialect({ pool });
}
