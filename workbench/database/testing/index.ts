/** Tests that must hold on both engines: SQLite in a fresh folder, and a real PostgreSQL from npm. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../engine.ts';
import { type AssayDatabase, openDatabase } from '../open.ts';
import { PostgresCluster } from './postgres-cluster.ts';

export * from './postgres-cluster.ts';

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
		let cluster: PostgresCluster | undefined;
		let url = '';
		beforeAll(async () => {
			cluster = await PostgresCluster.start(root());
		}, 120_000);
		afterAll(async () => {
			await closeAll(opened);
			await cluster?.stop();
		});
		const again = async (): Promise<AssayDatabase> => keep(opened, await openDatabase(root(), url));
		body({
			engine: 'postgres',
			open: async () => {
				url = (await cluster?.createDatabase()) ?? '';
				return again();
			},
			openAgain: again,
			environment: () => ({ ASSAY_HOME: root(), DATABASE_URL: url }),
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
