/** `assay sweeps`: how far sweeps are, and what is to become of those that workers work on. */
import { textTable } from '@assay/report/text';
import { distributeSweep, JobQueue, RunStore, stopDistributedSweep } from '@assay/runs';
import { integerOption } from '../read-inputs.ts';
import { note, print, printJson, terminalStyle } from '../terminal.ts';

/** `assay sweeps list` */
export async function listSweepsVerb(options: { readonly limit: string; readonly json?: true }): Promise<void> {
	const store = await RunStore.open();
	try {
		const sweeps = await Promise.all(
			(await store.listSweeps(integerOption(options.limit, 'limit', 1, 10_000))).map(async (sweep) => ({
				...sweep,
				counts: await store.sweepCounts(sweep.id),
			})),
		);
		if (options.json === true) return printJson({ sweeps });
		if (sweeps.length === 0) return print('There are no sweeps yet. `assay sweep` starts one.');
		const rows = sweeps.map(({ id, system, createdAt, executor, priority, counts }) => ({
			id,
			system,
			created: createdAt,
			executor: executor === 'local' ? 'local' : `distributed, priority ${priority}`,
			waiting: counts.queued,
			running: counts.running,
			done: counts.done,
			failed: counts.failed,
			stopped: counts.stopped + counts.interrupted,
		}));
		const columns = [
			{ key: 'id', label: 'Sweep' },
			{ key: 'system', label: 'System' },
			{ key: 'created', label: 'Created' },
			{ key: 'executor', label: 'Executor' },
			{ key: 'waiting', label: 'Waiting' },
			{ key: 'running', label: 'At work' },
			{ key: 'done', label: 'Done' },
			{ key: 'failed', label: 'Failed' },
			{ key: 'stopped', label: 'Stopped' },
		];
		print(textTable(columns, rows, terminalStyle()));
	} finally {
		await store.close();
	}
}

/** `assay sweeps stop <sweep>` */
export async function stopSweepVerb(id: string): Promise<void> {
	const store = await RunStore.open();
	try {
		await stopDistributedSweep(store, id);
		const { done, running } = await store.sweepCounts(id);
		note(`stopped with ${done} runs done${running > 0 ? `; ${running} are held by workers that do not answer` : ''}`);
	} finally {
		await store.close();
	}
}

/** `assay sweeps failures <sweep>` */
export async function listFailures(id: string, options: { readonly json?: true }): Promise<void> {
	const store = await RunStore.open();
	try {
		const { id: sweep } = await store.getSweep(id);
		const failures = await store.list({ sweep, status: 'failed', limit: 10_000 });
		if (options.json === true) return printJson({ failures: failures.map(({ id, inputs, error }) => ({ id, inputs, error })) });
		if (failures.length === 0) return print('No run of this sweep was given up.');
		const rows = failures.reverse().map((run) => ({ id: run.id, error: run.error?.split('\n')[0] ?? '' }));
		print(
			textTable(
				[
					{ key: 'id', label: 'Run' },
					{ key: 'error', label: 'Reason' },
				],
				rows,
				terminalStyle(),
			),
		);
		print(`\`assay sweeps continue ${sweep}\` tries them again.`);
	} finally {
		await store.close();
	}
}

/** `assay sweeps continue <sweep>` */
export async function continueSweepVerb(id: string, options: { readonly priority?: string }): Promise<void> {
	const store = await RunStore.open();
	let queue: JobQueue | undefined;
	try {
		const { priority } = await store.getSweep(id);
		queue = await JobQueue.open(store, { supervise: false, onFault: (error) => note(String(error)) });
		await store.requeue(id);
		await distributeSweep(
			store,
			queue,
			id,
			options.priority === undefined ? priority : integerOption(options.priority, 'priority', -1000, 1000),
		);
		const { queued } = await store.sweepCounts(id);
		note(`${queued} runs wait for workers`);
	} finally {
		await queue?.close();
		await store.close();
	}
}
