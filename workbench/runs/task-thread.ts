/** A thread that works on items of a system's parallel task. */
import { createPause, type ParallelTask } from '@assay/contract';

export interface TaskOrder {
	readonly module: string;
	readonly name: string;
	readonly item: unknown;
}

const neverStopped = new AbortController().signal;

export default async function work({ module, name, item }: TaskOrder): Promise<unknown> {
	const exported: Record<string, ParallelTask<unknown, unknown> | undefined> = await import(module);
	const task = exported[name];
	if (task === undefined) throw new TypeError(`${module} exports no task named ${name}`);
	return task.run(item, createPause(neverStopped));
}
