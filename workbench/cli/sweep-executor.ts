/** Who works off a sweep: threads of this process, or workers anywhere. */
import { availableParallelism } from 'node:os';
import { InputError, show } from '@assay/contract';
import {
	distributeSweep,
	followSweep,
	JobQueue,
	LocalExecutor,
	type Run,
	type RunStore,
	stopDistributedSweep,
	whyNobodyWorks,
	workOnSweep,
} from '@assay/runs';
import { dataFolder } from '@assay/sources';
import { integerOption } from './read-inputs.ts';
import { note } from './terminal.ts';

export interface ExecutorOptions {
	readonly executor: string;
	readonly hands?: string;
	readonly priority: string;
	readonly detach?: true;
}

export interface SweepExecutor {
	/**
	 * Works off what is queued of a sweep, until nothing is or the signal has aborted. `onEnded` hears how many of its runs have ended so far,
	 * and of the one that just did where that is known.
	 */
	workOff(sweep: string, onEnded: (ended: number, run?: Run) => void): Promise<void>;
	close(): Promise<void>;
}

/** Milliseconds without a run at work after which the user is told why. */
const PATIENCE_MILLISECONDS = 3000;

export async function openSweepExecutor(store: RunStore, options: ExecutorOptions, signal: AbortSignal): Promise<SweepExecutor> {
	if (options.executor === 'local') return localExecutor(store, options, signal);
	if (options.executor === 'distributed') return distributedExecutor(store, options, signal);
	throw new InputError({ path: ['--executor'], found: show(options.executor), expected: 'local or distributed' });
}

function localExecutor(store: RunStore, options: ExecutorOptions, signal: AbortSignal): SweepExecutor {
	if (options.detach === true)
		throw new InputError({ path: ['--detach'], found: 'a sweep of this process', expected: '--executor distributed beside it' });
	const hands = options.hands === undefined ? availableParallelism() : integerOption(options.hands, 'hands', 1, 256);
	const executor = new LocalExecutor(dataFolder(), { hands, threadsPerRun: 1 });
	return {
		workOff: async (sweep, onEnded) => {
			const before = await store.sweepCounts(sweep);
			let ended = before.done + before.failed;
			await workOnSweep(store, executor, sweep, signal, (run) => {
				ended++;
				onEnded(ended, run);
			});
		},
		close: () => executor.close(),
	};
}

async function distributedExecutor(store: RunStore, options: ExecutorOptions, signal: AbortSignal): Promise<SweepExecutor> {
	if (options.hands !== undefined)
		throw new InputError({ path: ['--hands'], found: options.hands, expected: 'no such option: each worker has its own hands' });
	const priority = integerOption(options.priority, 'priority', -1000, 1000);
	const queue = await JobQueue.open(store, { supervise: false, onFault: (error) => note(String(error)) });
	return {
		workOff: async (sweep, onEnded) => {
			await distributeSweep(store, queue, sweep, priority);
			if (options.detach === true) return;
			let lastWorked = performance.now();
			let said: string | null = null;
			await followSweep(store, sweep, signal, (counts) => {
				onEnded(counts.done + counts.failed);
				if (counts.running > 0) lastWorked = performance.now();
				if (performance.now() - lastWorked < PATIENCE_MILLISECONDS) return;
				lastWorked = performance.now();
				void whyNobodyWorks(store, sweep).then((reason) => {
					if (reason !== null && reason !== said) note(`waiting: ${reason}`);
					said = reason;
				});
			});
			if (signal.aborted) await stopDistributedSweep(store, sweep);
		},
		close: () => queue.close(),
	};
}
