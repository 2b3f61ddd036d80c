/** Starts child processes and waits for what they answer. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '@assay/contract';
import { type ExecuteAnswer, type ExecuteJob, executeAnswerSchema, messageSchema, type PrepareJob } from './job.ts';
import { type PreparedModel, preparedModelSchema } from './prepared-model.ts';

/**
 * The C library of Linux otherwise keeps freed stretches of up to 32 MB, which would be counted as the model's. Much lower thresholds would
 * give memory back after every operator, and passes would be spent on getting it again.
 */
const RETURN_FREED_MEMORY = {
	MALLOC_ARENA_MAX: '1',
	MALLOC_MMAP_THRESHOLD_: String(4 << 20),
	MALLOC_TRIM_THRESHOLD_: String(8 << 20),
};

/** One thread reads, as one engine of a device brings weights in; more would take the core that computes. */
const ONE_READER = { UV_THREADPOOL_SIZE: '1' };

export interface ChildOptions {
	readonly signal: AbortSignal;
	readonly onProgress?: (fraction: number, note: string) => void;
}

/** Cuts a model and lays out its weights. Raises the child's InputErrors. */
export async function prepareModel(job: Omit<PrepareJob, 'do'>, options: ChildOptions): Promise<PreparedModel> {
	return preparedModelSchema.parse(
		await ask(new URL('./prepare-process.ts', import.meta.url), { do: 'prepare', ...job }, options),
	);
}

/** Runs a prepared model in a process of its own. */
export async function executeModel(job: Omit<ExecuteJob, 'do'>, options: ChildOptions): Promise<ExecuteAnswer> {
	return executeAnswerSchema.parse(
		await ask(new URL('./executor-process.ts', import.meta.url), { do: 'execute', ...job }, options),
	);
}

function ask(module: URL, job: object, { signal, onProgress }: ChildOptions): Promise<unknown> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const child = fork(fileURLToPath(module), {
			// Small young generation: results of one part are garbage after the next.
			execArgv: ['--max-semi-space-size=1', '--expose-gc'],
			env: { ...process.env, ...RETURN_FREED_MEMORY, ...ONE_READER },
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
			serialization: 'advanced',
		});
		let complaint = '';
		child.stderr?.on('data', (text) => {
			complaint = (complaint + String(text)).slice(-2000);
		});
		const stop = (): void => {
			child.kill('SIGKILL');
			reject(signal.reason);
		};
		signal.addEventListener('abort', stop, { once: true });
		child.on('message', (raw) => {
			const message = messageSchema.parse(raw);
			if (message.is === 'progress') onProgress?.(message.fraction, message.note);
			else if (message.is === 'answer') resolve(message.answer);
			else if (message.is === 'mistake') reject(new InputError(message));
			else reject(new Error(message.message));
		});
		child.on('error', reject);
		child.on('exit', (code, name) => {
			signal.removeEventListener('abort', stop);
			reject(new Error(`the process that ran the model ended (${name ?? `code ${code}`}): ${complaint}`));
		});
		child.send(job);
	});
}
