/** The way of a run through the house: raw inputs in, a kept run out. */
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { findSystem } from '@assay/catalog';
import { parseInputs } from '@assay/contract';
import type { LocalExecutor, WorkEvents } from './local-executor.ts';
import { keepReferencedFiles } from './references.ts';
import type { Run, RunRequest } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import type { Outcome } from './worker-protocol.ts';

/** Reason of an abort because this process ends: the run is marked as interrupted, not as stopped by its user. */
export class ShutdownError extends Error {
	override readonly name = 'ShutdownError';
	constructor() {
		super('the process is ending');
	}
}

/** What a result was computed on; never part of the result itself. */
export function environment(): Record<string, string | number> {
	return {
		node: process.version,
		platform: platform(),
		architecture: arch(),
		processor: cpus()[0]?.model ?? 'unknown',
		threads: availableParallelism(),
	};
}

/** Checks inputs, fills in defaults and keeps the files they name. Paths start at `folder`, null refuses them. Raises InputError. */
export async function prepareRun(
	store: RunStore,
	options: { readonly system: string; readonly inputs: unknown; readonly seed: number; readonly folder: string | null },
): Promise<RunRequest> {
	const system = await findSystem(options.system).load();
	// Checked before files are copied, so that a misspelt name elsewhere leaves nothing behind.
	const parsed: unknown = parseInputs(system, options.inputs);
	const inputs = await keepReferencedFiles(system, parsed, store.blobs, options.folder);
	return { system: system.card.slug, version: system.card.version, seed: options.seed, inputs };
}

/** Works on a run this process has taken, and writes down how it ended. */
export async function workOnRun(
	store: RunStore,
	executor: LocalExecutor,
	run: Run,
	signal: AbortSignal,
	events: WorkEvents = {},
): Promise<Outcome> {
	let fraction = 0;
	let note = '';
	const log: { level: 'info' | 'warning'; message: string }[] = [];
	// A failed write here only means that the store is busy; the next one comes in a second.
	const heartbeat = setInterval(() => void store.setProgress(run.id, fraction, note).catch(() => undefined), 1000);
	try {
		const outcome = await executor.execute({ kind: 'run', request: run }, signal, {
			...events,
			onProgress: (newFraction, newNote) => {
				fraction = newFraction;
				note = newNote;
				events.onProgress?.(newFraction, newNote);
			},
			onLog: (level, message) => {
				log.push({ level, message });
				events.onLog?.(level, message);
			},
		});
		if (outcome.kind === 'done' && outcome.result !== null) await store.finish(run.id, outcome.result, environment());
		else if (outcome.kind === 'stopped')
			await store.end(run.id, signal.reason instanceof ShutdownError ? 'interrupted' : 'stopped', null, log);
		else if (outcome.kind === 'failed') await store.end(run.id, 'failed', outcome.message, log);
		return outcome;
	} finally {
		clearInterval(heartbeat);
	}
}
