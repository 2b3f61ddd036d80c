/** The store's database: SQLite through Node's own driver, opened by as many processes as like to. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type Generated, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { GenericSqliteDialect } from 'kysely-generic-sqlite';
import { migrations } from './migrations/index.ts';

export type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';

interface RunsTable {
	id: string;
	system: string;
	version: number;
	seed: number;
	/** JSON of the full inputs, defaults filled in, files replaced by blob references. */
	inputs: string;
	status: RunStatus;
	sweep: string | null;
	/** Position within the sweep, from 0. */
	position: number | null;
	created_at: string;
	started_at: string | null;
	ended_at: string | null;
	progress: Generated<number>;
	note: Generated<string>;
	/** `host:process id:random` of the process at work on it, and when that last gave a sign of life. */
	owner: string | null;
	heartbeat_at: string | null;
	outputs: string | null;
	headline: string | null;
	error: string | null;
	environment: string | null;
	log: string | null;
}

interface ArtifactsTable {
	run: string;
	name: string;
	media_type: string;
	sha256: string;
	bytes: number;
}

interface SweepsTable {
	id: string;
	system: string;
	version: number;
	/** JSON of the sweep's specification. */
	specification: string;
	/** SHA-256 over system, version and specification: starting the same sweep again finds this one. */
	fingerprint: string;
	created_at: string;
}

interface ClaimResultsTable {
	system: string;
	version: number;
	claim: string;
	ours: number | null;
	verdict: string;
	error: number | null;
	seconds: number;
	reason: string | null;
	measured_at: string;
	environment: string;
}

export interface Database {
	runs: RunsTable;
	artifacts: ArtifactsTable;
	sweeps: SweepsTable;
	claim_results: ClaimResultsTable;
}

/** Opens (and if need be creates or migrates) the database in a data folder. */
export async function openDatabase(folder: string): Promise<Kysely<Database>> {
	mkdirSync(folder, { recursive: true });
	const sqlite = new DatabaseSync(join(folder, 'assay.sqlite'), { timeout: 10_000 });
	// A first opening by two processes at once may find the file locked while the other switches it to write-ahead logging.
	await retryWhileLocked(async () =>
		sqlite.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on'),
	);
	const database = new Kysely<Database>({
		dialect: new GenericSqliteDialect(() => ({
			db: sqlite,
			query: (_isSelect, sql, parameters) => {
				const statement = sqlite.prepare(sql);
				const values = (parameters ?? []).map(sqlValue);
				if (statement.columns().length > 0) return { rows: statement.all(...values) };
				const done = statement.run(...values);
				return { rows: [], insertId: BigInt(done.lastInsertRowid), numAffectedRows: BigInt(done.changes) };
			},
			close: () => sqlite.close(),
		})),
	});
	await retryWhileLocked(() => migrate(database));
	return database;
}

function sqlValue(value: unknown): SQLInputValue {
	if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint') return value;
	throw new TypeError(`cannot store a ${typeof value}`);
}

async function migrate(database: Kysely<Database>): Promise<void> {
	const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
	const { error } = await migrator.migrateToLatest();
	if (error !== undefined) throw error;
}

/** Two processes may create the store at the same moment; the one that came second finds it made. */
async function retryWhileLocked(work: () => Promise<void>): Promise<void> {
	for (let attempt = 0; ; attempt++) {
		try {
			return await work();
		} catch (error) {
			const contended = error instanceof Error && /locked|busy|already exists|UNIQUE/i.test(error.message);
			if (!contended || attempt >= 20) throw error;
			await new Promise((resolve) => setTimeout(resolve, 50 * (attempt + 1)));
		}
	}
}
