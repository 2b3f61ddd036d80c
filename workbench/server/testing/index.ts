/** The server as tests meet it: its application in this process, or the whole program as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plotStyles } from '@assay/report';
import { openBuild } from '@assay/web/build';
import type { Hono } from 'hono';
import { createApp } from '../app.ts';
import type { AppEnvironment } from '../request-context.ts';
import { openServices, type Services } from '../services.ts';
import { serverSettings } from '../settings.ts';

/** Where a public server under test says it is. */
export const PUBLIC_URL = 'http://assay.test';

/** What makes a server public: people have to sign in, and limits hold. */
export const publicEnvironment = {
	ASSAY_PUBLIC_URL: PUBLIC_URL,
	ASSAY_SMTP_URL: 'smtp://127.0.0.1:1',
	ASSAY_MAIL_FROM: 'Daily Papers <papers@assay.test>',
	ASSAY_ADMINISTRATOR: 'first@assay.test',
};

export interface TestApp {
	readonly app: Hono<AppEnvironment>;
	readonly services: Services;
	/** What the server wrote to its log. */
	readonly log: readonly string[];
	readonly folder: string;
	/** Sends a request; a path is completed by the server's address. */
	request(path: string, init?: RequestInit): Promise<Response>;
	close(): Promise<void>;
}

/** Word vectors, converted once for all tests of this machine; it takes seconds. */
const wordVectors = join(tmpdir(), 'assay-test-word-vectors');

/** The application with everything it needs in a fresh folder. `environment` is all it sees of the environment; limits refill by `clock`. */
export async function openTestApp(
	environment: Readonly<Record<string, string>> = {},
	clock: () => number = Date.now,
): Promise<TestApp> {
	const folder = await mkdtemp(join(tmpdir(), 'assay-server-'));
	await mkdir(wordVectors, { recursive: true });
	await symlink(wordVectors, join(folder, 'cache'));
	const log: string[] = [];
	const settings = serverSettings({ hands: 1, environment });
	const origin = settings.publicUrl ?? 'http://127.0.0.1:4000';
	const services = await openServices(settings, { folder, origin, environment, log: (message) => log.push(message), clock });
	await services.search.complete;
	const ending = new AbortController();
	const app = createApp({ services, ...(await openBuild()), plotStyles: plotStyles(), ending: ending.signal });
	return {
		app,
		services,
		log,
		folder,
		request: async (path, init) => app.request(new Request(new URL(path, origin), init)),
		close: async () => {
			ending.abort();
			await services.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

export interface ServerProcess {
	readonly url: string;
	readonly home: string;
	/** What it wrote to its error stream. */
	log(): string;
	/** Sends a signal and waits for the end; gives the exit status. */
	stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const launcher = fileURLToPath(new URL('../../cli/assay.js', import.meta.url));

/** `assay serve` on a free port. Without `home` its folder is made, and removed when it stops. */
export async function startServer(
	options: {
		readonly environment?: Readonly<Record<string, string>>;
		readonly home?: string;
		readonly words?: readonly string[];
	} = {},
): Promise<ServerProcess> {
	const home = options.home ?? (await mkdtemp(join(tmpdir(), 'assay-serve-')));
	const child = spawn(process.execPath, [launcher, 'serve', '--port', '0', ...(options.words ?? [])], {
		env: { ...process.env, ASSAY_HOME: home, DATABASE_URL: '', ...options.environment },
	});
	let [out, log] = ['', ''];
	child.stderr.on('data', (chunk) => (log += chunk));
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	const url = await new Promise<string>((resolve, reject) => {
		child.stdout.on('data', (chunk) => {
			out += chunk;
			const found = /Assay is at (\S+)/.exec(out);
			if (found?.[1] !== undefined) resolve(found[1]);
		});
		void ended.then((status) => reject(new Error(`the server ended with ${status}: ${log}`)));
	});
	return {
		url,
		home,
		log: () => log,
		stop: async (signal = 'SIGTERM') => {
			child.kill(signal);
			const status = await ended;
			if (options.home === undefined) await rm(home, { recursive: true, force: true });
			return status;
		},
	};
}
