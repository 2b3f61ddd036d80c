/**
 * SQLite through Node's own driver. There is one connection, and statements of concurrent callers must not slip into each
 * other's transactions: a caller holds the connection for one statement or for one whole transaction, and others wait.
 * Inside a transaction use only the transaction's own handle; the outer one would wait for itself.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { GenericSqliteDialect, GenericSqliteDriver, type IGenericSqlite } from 'kysely-generic-sqlite';

/** Statements kept prepared. */
const PREPARED_LIMIT = 300;

/** Opens a database file, made if there is none, in write-ahead logging so that several processes can use it at once. */
export async function openSqlite(file: string): Promise<DatabaseSync> {
	mkdirSync(dirname(file), { recursive: true });
	const sqlite = new DatabaseSync(file, { timeout: 10_000 });
	// A first opening by two processes at once may find the file locked while the other switches it to write-ahead logging.
	await retryWhileContended(async () =>
		sqlite.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on'),
	);
	return sqlite;
}

export class SqliteDialect extends GenericSqliteDialect {
	constructor(sqlite: DatabaseSync) {
		super(() => executorOf(sqlite));
		this.createDriver = () => new SerialDriver(() => executorOf(sqlite));
	}
}

class SerialDriver extends GenericSqliteDriver {
	private readonly waiting: (() => void)[] = [];
	private held = false;

	override async acquireConnection(): Promise<DatabaseConnection> {
		if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
		this.held = true;
		return super.acquireConnection();
	}

	override async releaseConnection(): Promise<void> {
		const next = this.waiting.shift();
		if (next === undefined) this.held = false;
		else next();
	}

	/** Takes the write lock at once: a transaction that reads first and writes later could otherwise fail half-way. */
	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('begin immediate'));
	}
}

function executorOf(sqlite: DatabaseSync): IGenericSqlite {
	const prepared = new Map<string, StatementSync>();
	const statementOf = (text: string): StatementSync => {
		const known = prepared.get(text);
		if (known !== undefined) return known;
		const statement = sqlite.prepare(text);
		if (prepared.size >= PREPARED_LIMIT) prepared.delete(prepared.keys().next().value ?? '');
		prepared.set(text, statement);
		return statement;
	};
	return {
		db: sqlite,
		query: (_isSelect, text, parameters) => {
			const statement = statementOf(text);
			const values = (parameters ?? []).map(sqlValue);
			if (statement.columns().length > 0) return { rows: statement.all(...values) };
			const done = statement.run(...values);
			return { rows: [], insertId: BigInt(done.lastInsertRowid), numAffectedRows: BigInt(done.changes) };
		},
		close: () => {
			prepared.clear();
			sqlite.close();
		},
	};
}

function sqlValue(value: unknown): SQLInputValue {
	if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint') return value;
	if (value instanceof Uint8Array) return value;
	throw new TypeError(`cannot store a ${typeof value}`);
}

/** Two processes may create or migrate the store at the same moment; the one that came second finds it made. */
export async function retryWhileContended(work: () => Promise<void>): Promise<void> {
	for (let attempt = 0; ; attempt++) {
		try {
			return await work();
		} catch (error) {
			const contended = error instanceof Error && /locked|busy|already exists|UNIQUE|unique/.test(error.message);
			if (!contended || attempt >= 20) throw error;
			await new Promise((resolve) => setTimeout(resolve, 50 * (attempt + 1)));
		}
	}
}
