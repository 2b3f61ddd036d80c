/** Runs in the background: heard while they work, stopped wherever they are, resumable after the process ended. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSystem } from '@assay/catalog';
import { onBothEngines } from '@assay/database/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalExecutor } from './local-executor.ts';
import { claimResults } from './measurements.ts';
import { type RunEvent, RunQueue } from './run-queue.ts';
import type { Run } from './run-record.ts';
import { prepareRun } from './run-service.ts';
import { RunStore } from './run-store.ts';

const failHard = (error: unknown): never => {
	throw error;
};

onBothEngines(({ open }) => {
	let folder: string;
	let store: RunStore;
	let queue: RunQueue;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'assay-queue-'));
		store = await RunStore.open(folder, await open());
		queue = new RunQueue(store, new LocalExecutor(folder, { hands: 1, threadsPerRun: 1 }), failHard);
	});
	afterEach(async () => {
		await queue.close();
		await rm(folder, { recursive: true, force: true });
	});

	const short = () =>
		prepareRun(store, {
			system: 'splitwise',
			inputs: { trace: { durationSeconds: 2, requestsPerSecond: 5 } },
			seed: 1,
			folder: null,
		});
	const long = () => prepareRun(store, { system: 'splitwise', inputs: { mode: 'provision' }, seed: 1, folder: null });
	const ended = (run: Run): Promise<RunEvent[]> =>
		new Promise((resolve) => {
			const events: RunEvent[] = [];
			const stop = queue.watch(run.id, (event) => {
				events.push(event);
				if (event.kind !== 'state' || event.status === 'running') return;
				stop();
				resolve(events);
			});
		});
	const atWork = (run: Run): Promise<void> =>
		new Promise((resolve) => {
			const stop = queue.watch(run.id, (event) => {
				if (event.kind !== 'progress') return;
				stop();
				resolve();
			});
		});

	test('a run is worked on, and its watchers hear of it in order', async () => {
		const run = await queue.add(await short());
		const events = await ended(run);
		expect(events[0]).toEqual({ kind: 'state', status: 'running' });
		expect(events.at(-1)).toEqual({ kind: 'state', status: 'done' });
		const fractions = events.flatMap((event) => (event.kind === 'progress' ? [event.fraction] : []));
		expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
		expect((await store.get(run.id)).headline).not.toBeNull();
	});

	test('a run is cancelled while it works and while it waits', async () => {
		const working = await queue.add(await long());
		const waiting = await queue.add(await short());
		await atWork(working);
		expect(queue.load()).toMatchObject({ working: 1, waiting: 1 });
		expect(await queue.cancel(waiting.id)).toBe(true);
		const end = ended(working);
		expect(await queue.cancel(working.id)).toBe(true);
		expect((await end).at(-1)).toEqual({ kind: 'state', status: 'stopped' });
		expect((await store.get(waiting.id)).status).toBe('stopped');
		expect(await queue.cancel(waiting.id)).toBe(false);
		const again = await queue.resume(waiting.id);
		expect((await ended(again)).at(-1)).toEqual({ kind: 'state', status: 'done' });
	});

	test('closing marks what was at work as interrupted, and the next queue can resume it', async () => {
		const run = await queue.add(await long());
		await atWork(run);
		await queue.close();
		expect((await store.get(run.id)).status).toBe('interrupted');
		await store.database
			.updateTable('runs')
			.set({ inputs: JSON.stringify((await short()).inputs) })
			.where('id', '=', run.id)
			.execute();
		queue = new RunQueue(store, new LocalExecutor(folder, { hands: 1, threadsPerRun: 1 }), failHard);
		expect((await ended(await queue.resume(run.id))).at(-1)).toEqual({ kind: 'state', status: 'done' });
	});

	test('runs that a dead process left in the queue are taken up', async () => {
		const run = await store.add(await short());
		await store.database.updateTable('runs').set({ created_at: '2020-01-01T00:00:00.000Z' }).where('id', '=', run.id).execute();
		const end = ended(run);
		await queue.takeUp();
		expect((await end).at(-1)).toEqual({ kind: 'state', status: 'done' });
	});

	test('inputs that came over a network cannot name files of this machine', async () => {
		const inputs = { trace: { file: '/etc/passwd' } };
		await expect(prepareRun(store, { system: 'splitwise', inputs, seed: 0, folder: null })).rejects.toThrow(
			/trace\.file: found "\/etc\/passwd"/,
		);
	});

	test('a sweep is worked through, stopped, and gone on with', async () => {
		const specification = {
			inputs: { trace: { durationSeconds: 1, requestsPerSecond: 5 } },
			grid: [{ path: 'trace.requestsPerSecond', values: [4, 5, 6, 7] }],
		};
		const sweep = await queue.addSweep({ system: 'splitwise', specification, folder: null });
		const first = (await store.sweepRuns(sweep.id))[0];
		if (first !== undefined && first.status !== 'done') await ended(first);
		expect(await queue.cancelSweep(sweep.id)).toBe(true);
		await queue.continueSweep(sweep.id);
		while ((await store.sweepCounts(sweep.id)).done < 4) await new Promise((resolve) => setTimeout(resolve, 20));
		while (await queue.isSweepActive(sweep.id)) await new Promise((resolve) => setTimeout(resolve, 20));
		expect((await store.sweepCounts(sweep.id)).done).toBe(4);
	});

	test('claims are measured again, once at a time, and kept', async () => {
		expect(queue.measureClaims('splitwise', ['S10', 'S11'])).toBe(true);
		expect(queue.measureClaims('splitwise', ['S10'])).toBe(false);
		while (queue.measurement('splitwise') !== null) await new Promise((resolve) => setTimeout(resolve, 20));
		const kept = await claimResults(store.database, 'splitwise', findSystem('splitwise').card.version);
		// S11 is quoted: shown, and never measured.
		expect([...kept.keys()]).toEqual(['S10']);
		expect(kept.get('S10')).toMatchObject({ ours: 2048, verdict: 'reproduced' });
	});
});
