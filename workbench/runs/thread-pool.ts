/** A system's own parallelism: its tasks on several threads, results in the order of the items. */
import { InputError, type ParallelTask } from '@assay/contract';
import { Piscina } from 'piscina';
import type { TaskOrder } from './task-thread.ts';

/** Runs a task over items on up to `threads` threads. Stopping ends the threads at once. */
export async function runInParallel<Item, Result>(
	task: ParallelTask<Item, Result>,
	items: readonly Item[],
	threads: number,
	signal: AbortSignal,
	onResult?: (result: Result, index: number) => void,
): Promise<Result[]> {
	const pool = new Piscina<TaskOrder, Result>({
		filename: new URL('./task-thread.ts', import.meta.url).href,
		maxThreads: Math.max(1, Math.min(threads, items.length)),
		minThreads: 1,
		atomics: 'disabled',
	});
	const stop = (): void => void pool.destroy();
	signal.addEventListener('abort', stop, { once: true });
	try {
		signal.throwIfAborted();
		return await Promise.all(
			items.map(async (item, index) => {
				const result = await pool.run({ module: task.module, name: task.name, item });
				onResult?.(result, index);
				return result;
			}),
		);
	} catch (error) {
		signal.throwIfAborted();
		throw restoreInputError(error);
	} finally {
		signal.removeEventListener('abort', stop);
		await pool.destroy();
	}
}

/** An InputError that crossed a thread has lost its class and kept its fields. */
function restoreInputError(error: unknown): unknown {
	if (!(error instanceof Error) || error.name !== 'InputError') return error;
	const { path, found, expected, nearest } = error as Partial<InputError>;
	return path === undefined || found === undefined || expected === undefined
		? error
		: new InputError({ path, found, expected, nearest });
}
