/** Workers for tests, here and in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@assay/database';
import { RunStore } from '../../run-store.ts';
import { JobQueue } from '../job-queue.ts';
import { ProcessExecutor } from '../process-executor.ts';
import { Worker, type WorkerOptions } from '../worker.ts';

export interface TestWorker {
	readonly store: RunStore;
	/** What it has told the person at its machine. */
	readonly said: readonly string[];
	/** Lets it give back what it holds, and ends it. */
	leave(): Promise<void>;
}

/** A worker in this process, with its own connections and hands; `execute` stands in for what hands do. */
export async function startWorker(
	folder: string,
	url: string,
	options: Partial<Omit<WorkerOptions, 'log'>> & { readonly hands?: number; readonly execute?: ProcessExecutor['execute'] } = {},
): Promise<TestWorker> {
	const said: string[] = [];
	const store = await RunStore.open(folder, await openDatabase(folder, url));
	const queue = await JobQueue.open(store, { supervise: true, onFault: () => undefined });
	const executor = new ProcessExecutor(folder, options.hands ?? 1);
	const hands = options.execute === undefined ? executor : { hands: executor.hands, execute: options.execute };
	const worker = new Worker(store, queue, hands, {
		systems: options.systems ?? null,
		limits: options.limits ?? { seconds: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
		log: (message) => said.push(message),
	});
	const leaving = new AbortController();
	const worked = worker.work(leaving.signal);
	return {
		store,
		said,
		leave: async () => {
			leaving.abort();
			await worked;
			await executor.close();
			await queue.close();
			await store.close();
		},
	};
}

const command = fileURLToPath(new URL('../../../cli/assay.js', import.meta.url));

/** `assay worker` in a process that a test may kill or freeze; `prefix` is a command that runs it. */
export function spawnWorker(environment: Readonly<Record<string, string>>, prefix: readonly string[] = []): ChildProcess {
	const [program = process.execPath, ...words] = [...prefix, process.execPath, command, 'worker', '--concurrency', '1'];
	return spawn(program, words, {
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
}

/** Kills processes, also frozen ones, and waits for their ends. */
export async function killAll(processes: readonly ChildProcess[]): Promise<void> {
	await Promise.all(
		processes.map(async (one) => {
			if (one.exitCode !== null || one.signalCode !== null) return;
			one.kill('SIGKILL');
			await once(one, 'exit');
		}),
	);
}
