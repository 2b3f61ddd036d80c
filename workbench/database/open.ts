/** One database for runs, claims, papers and people: SQLite in the data folder, or PostgreSQL where `DATABASE_URL` says so. */
import { join } from 'node:path';
import { dataFolder } from '@assay/sources';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';
import { migrations } from './migrations/index.ts';
import { openSqlite, retryWhileContended, SqliteDialect } from './sqlite.ts';
import type { Database } from './tables.ts';

export interface AssayDatabase {
	readonly engine: Engine;
	/** Where other machines reach it; null for SQLite. */
	readonly url: string | null;
	readonly kysely: Kysely<Database>;
	/**
	 * A text that differs after any committed change, by this process or another one; null where the engine cannot tell
	 * cheaply (PostgreSQL).
	 */
	changeMark(): string | null;
	close(): Promise<void>;
}

/** Opens (and if need be creates or migrates) the database of a data folder. */
export async function openDatabase(
	folder: string = dataFolder(),
	url: string | undefined = process.env['DATABASE_URL'],
): Promise<AssayDatabase> {
	return url === undefined || url === '' ? openSqliteDatabase(join(folder, 'assay.sqlite')) : openPostgresDatabase(url);
}

async function openSqliteDatabase(file: string): Promise<AssayDatabase> {
	const sqlite = await openSqlite(file);
	const kysely = new Kysely<Database>({ dialect: new SqliteDialect(sqlite) });
	await retryWhileContended(() => migrate(kysely, 'sqlite'));
	const others = sqlite.prepare('pragma data_version');
	const own = sqlite.prepare('select total_changes() as total');
	return {
		engine: 'sqlite',
		url: null,
		kysely,
		changeMark: () => `${others.get()?.['data_version']}.${own.get()?.['total']}`,
		close: () => kysely.destroy(),
	};
}

async function openPostgresDatabase(url: string): Promise<AssayDatabase> {
	// Most people have none, and a start is quicker without its client.
	const { postgresDialect } = await import('./postgres.ts');
	const kysely = new Kysely<Database>({ dialect: postgresDialect(url) });
	await retryWhileContended(() => migrate(kysely, 'postgres'));
	return { engine: 'postgres', url, kysely, changeMark: () => null, close: () => kysely.destroy() };
}

async function migrate(kysely: Kysely<Database>, engine: Engine): Promise<void> {
	const migrator = new Migrator({ db: kysely, provider: { getMigrations: async () => migrations(engine) } });
	const { error } = await migrator.migrateToLatest();
	if (error !== undefined) throw error;
}
