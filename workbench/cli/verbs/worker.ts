/** `assay worker` works off distributed sweeps; `assay workers` tells who does. */
import { availableParallelism, hostname } from 'node:os';
import { findSystem } from '@assay/catalog';
import { InputError, show } from '@assay/contract';
import { formatDuration } from '@assay/report/format';
import { textTable } from '@assay/report/text';
import { JobQueue, listWorkers, ProcessExecutor, RunStore, Worker } from '@assay/runs';
import { dataFolder } from '@assay/sources';
import { integerOption } from '../read-inputs.ts';
import { note, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

/** Milliseconds between two words on how much was done. */
const TELL_MILLISECONDS = 10_000;

interface WorkerVerbOptions {
	readonly concurrency?: string;
	readonly systems?: string;
	readonly timeLimit?: string;
	readonly memoryLimit?: string;
}

/** `assay worker` */
export async function workerVerb(options: WorkerVerbOptions): Promise<void> {
	const hands =
		options.concurrency === undefined ? availableParallelism() : integerOption(options.concurrency, 'concurrency', 1, 1024);
	const systems = options.systems?.split(',').map((slug) => findSystem(slug.trim()).card.slug) ?? null;
	const limits = {
		seconds: limitOption(options.timeLimit, 'time-limit', 'seconds'),
		bytes: limitOption(options.memoryLimit, 'memory-limit', 'GiB') * 2 ** 30,
	};
	const log = (message: string): void => note(`${new Date().toISOString()}  ${message}`);
	const store = await RunStore.open();
	const signal = stopSignal();
	const executor = new ProcessExecutor(dataFolder(), hands);
	executor.prepare();
	let queue: JobQueue | undefined;
	try {
		queue = await JobQueue.open(store, { supervise: true, onFault: (error) => log(String(error)) });
		if ((process.env['ASSAY_ARTIFACTS'] ?? '') === '')
			log('files of runs stay on this machine: set ASSAY_ARTIFACTS to a shared folder or a bucket if workers run on several');
		const worker = new Worker(store, queue, executor, { systems, limits, log });
		let told = 0;
		const tell = setInterval(() => {
			if (worker.finished > told) log(`${worker.finished} runs finished`);
			told = worker.finished;
		}, TELL_MILLISECONDS);
		log(`${hostname()}:${process.pid} takes up to ${hands} runs at once${systems === null ? '' : ` of ${systems.join(', ')}`}`);
		await worker.work(signal);
		clearInterval(tell);
		log(`${worker.finished} runs finished; what was at work went back to the others`);
	} finally {
		await executor.close();
		await queue?.close();
		await store.close();
	}
}

function limitOption(text: string | undefined, name: string, unit: string): number {
	const value = text === undefined ? Number.POSITIVE_INFINITY : Number(text);
	if (!(value > 0)) throw new InputError({ path: [`--${name}`], found: show(text), expected: `a positive number of ${unit}` });
	return value;
}

/** `assay workers` */
export async function listWorkersVerb(options: { readonly json?: true }): Promise<void> {
	const store = await RunStore.open();
	try {
		const workers = await listWorkers(store);
		if (options.json === true) return printJson({ workers });
		if (workers.length === 0) return print('No worker is at work. `assay worker` starts one.');
		const since = (time: string | null): string => (time === null ? '' : formatDuration((Date.now() - Date.parse(time)) / 1000));
		const rows = workers.map((worker) => ({
			worker: `${worker.host}:${worker.process}`,
			since: since(worker.startedAt),
			finished: worker.finished,
			// A worker also holds short runs ready.
			hands: `${Math.min(worker.runs.length, worker.hands)} of ${worker.hands}`,
			work: worker.runs.map(({ id, system, startedAt }) => `${system} ${id} for ${since(startedAt)}`).join(', '),
			state: worker.isSilent ? `silent for ${formatDuration(worker.silentSeconds)}` : 'alive',
		}));
		const columns = [
			{ key: 'worker', label: 'Worker' },
			{ key: 'state', label: 'State' },
			{ key: 'since', label: 'Up for' },
			{ key: 'finished', label: 'Finished' },
			{ key: 'hands', label: 'Busy hands' },
			{ key: 'work', label: 'Works on' },
		];
		print(textTable(columns, rows, terminalStyle()));
		for (const { host, process, systems, refusals } of workers) {
			if (systems !== null) print(`${host}:${process} takes only ${systems.join(', ')}`);
			for (const { system, version, reason } of refusals)
				print(`${host}:${process} leaves ${system} (version ${version}) to others: ${reason}`);
		}
	} finally {
		await store.close();
	}
}
