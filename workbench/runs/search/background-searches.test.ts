/** Searches that a server's queue works on: stopped, gone on with and taken up again they make the runs of one that was left alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalExecutor } from '../local-executor.ts';
import { RunQueue } from '../run-queue.ts';
import { RunStore } from '../run-store.ts';

const failHard = (error: unknown): never => {
	throw error;
};
const search = {
	inputs: { network: { name: 'mobilenet-v2' }, array: { columns: 32, dataflow: 'output-stationary' } },
	method: 'nsga-ii',
	vary: [{ path: 'array.rows', min: 8, max: 128, scale: 'log-integer' }],
	objectives: [
		{ path: 'evaluation.after.seconds', goal: 'minimize' },
		{ path: 'evaluation.after.meanUtilisation', goal: 'maximize' },
	],
	evaluations: 32,
	population: 8,
	seed: 4,
};

const folders: string[] = [];
let whole: readonly unknown[];

async function openQueue(folder?: string): Promise<{ readonly queue: RunQueue; readonly folder: string }> {
	const home = folder ?? (await mkdtemp(join(tmpdir(), 'assay-searches-')));
	folders.push(home);
	return {
		queue: new RunQueue(await RunStore.open(home), new LocalExecutor(home, { hands: 2, threadsPerRun: 1 }), failHard),
		folder: home,
	};
}
const start = (queue: RunQueue, specification: object = search) =>
	queue.addSearch({ system: 'draco', specification, folder: null });
async function ended(queue: RunQueue, id: string): Promise<void> {
	while (await queue.isSweepActive(id)) await sleep(10);
}
async function done(queue: RunQueue, id: string, count: number): Promise<void> {
	while ((await queue.store.sweepCounts(id)).done < count) await sleep(5);
}
const results = async (queue: RunQueue, id: string): Promise<unknown[]> =>
	(await queue.store.sweepRuns(id)).map(({ status, inputs, outputs }) => ({ status, inputs, outputs }));

beforeAll(async () => {
	const { queue } = await openQueue();
	const { id } = await start(queue);
	await ended(queue, id);
	whole = await results(queue, id);
	await queue.close();
	await queue.store.close();
});
afterAll(async () => {
	for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test('a search makes all the runs it was asked for', () => {
	expect(whole).toHaveLength(32);
	expect(whole).toMatchObject(Array(32).fill({ status: 'done' }));
});

test('stopped, gone on with, and taken up by the next server after this one ended, it makes the same runs', async () => {
	const { queue, folder } = await openQueue();
	const { id } = await start(queue);
	await done(queue, id, 3);
	expect(await queue.cancelSweep(id)).toBe(true);
	await ended(queue, id);
	expect((await queue.store.sweepCounts(id)).done).toBeLessThan(32);
	await queue.continueSweep(id);
	await done(queue, id, 9);
	await queue.close();
	const { queued, running } = await queue.store.sweepCounts(id);
	expect(queued).toBeGreaterThan(0);
	expect(running).toBe(0);
	await queue.store.database
		.updateTable('runs')
		.set({ created_at: '2020-01-01T00:00:00.000Z' })
		.where('sweep', '=', id)
		.execute();
	await queue.store.close();
	const { queue: next } = await openQueue(folder);
	await next.takeUp();
	await ended(next, id);
	expect(await results(next, id)).toEqual(whole);
	expect((await start(next)).found).toBe(true);
	await next.close();
	await next.store.close();
});

test('what the search wants and no run has is kept as its mistake', async () => {
	const { queue } = await openQueue();
	const { id } = await start(queue, {
		...search,
		objectives: [{ path: 'evaluation.after.secnds', goal: 'minimize' }],
		method: 'random',
		evaluations: 2,
	});
	await ended(queue, id);
	expect(queue.searchMistake(id)).toMatch(/did you mean evaluation\.after\.seconds/);
	await queue.close();
	await queue.store.close();
});
