import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunRequest } from './run-record.ts';
import { RunStore } from './run-store.ts';

const request: RunRequest = { system: 'daq-model', version: 1, seed: 0, inputs: { a: 1 } };
const result = { outputs: '{"b":2}', headline: 'done', artifacts: [], log: [] };
let folder: string;
let stores: RunStore[];

const open = async (): Promise<RunStore> => {
	const store = await RunStore.open(folder);
	stores.push(store);
	return store;
};

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-store-'));
	stores = [];
});
afterEach(async () => {
	for (const store of stores) await store.close();
	await rm(folder, { recursive: true, force: true });
});

test('several processes may create the store at the same moment', async () => {
	await Promise.all(Array.from({ length: 4 }, open));
	const [a, b] = stores;
	const run = await a!.add(request);
	expect((await b!.get(run.id)).inputs).toEqual({ a: 1 });
});

test('a run is taken by one process only, and its result is written once and by its owner', async () => {
	const [a, b] = [await open(), await open()];
	const run = await a.add(request);
	expect(await Promise.all([a.take(run.id), b.take(run.id)])).toEqual([true, false]);
	expect(await b.finish(run.id, result, {})).toBe(false);
	expect(await a.finish(run.id, result, {})).toBe(true);
	expect(await a.finish(run.id, { ...result, headline: 'again' }, {})).toBe(false);
	expect(await b.get(run.id)).toMatchObject({ status: 'done', outputs: { b: 2 }, headline: 'done', progress: 1 });
});

test('runs of a sweep are handed out each once to hands of two processes', async () => {
	const store = await open();
	const { id } = await store.addSweep(
		{ system: 'daq-model', version: 1, specification: {}, fingerprint: 'f' },
		Array(200).fill(request),
	);
	const script = `
		import { RunStore } from ${JSON.stringify(new URL('./run-store.ts', import.meta.url).href)};
		const store = await RunStore.open(${JSON.stringify(folder)});
		for (let run = await store.takeNext('${id}'); run !== undefined; run = await store.takeNext('${id}')) {
			console.log(run.position);
			await store.finish(run.id, ${JSON.stringify(result)}, {});
		}`;
	const hands = await Promise.all([1, 2].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])));
	// On a busy machine one process may have done them all before the other has started.
	const taken = hands.map((hand) => [...hand.stdout.matchAll(/\d+/g)].map(Number));
	for (const positions of taken) expect(positions).toEqual([...positions].sort((a, b) => a - b));
	expect(taken.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
	expect(await store.sweepCounts(id)).toMatchObject({ done: 200, queued: 0 });
});

test('the same sweep is found again, and adds no run', async () => {
	const store = await open();
	const sweep = { system: 'daq-model', version: 1, specification: {}, fingerprint: 'same' };
	const first = await store.addSweep(sweep, [request, request]);
	expect(await store.addSweep(sweep, [request, request])).toEqual({ id: first.id, found: true });
	expect(await store.sweepRuns(first.id)).toHaveLength(2);
});

test('what a dead process left running is found: interrupted alone, queued again in a sweep', async () => {
	const store = await open();
	const alone = await store.add(request);
	const { id } = await store.addSweep({ system: 'daq-model', version: 1, specification: {}, fingerprint: 'g' }, [request]);
	await store.take(alone.id);
	const swept = await store.takeNext(id);
	// No process has an identifier above the largest a Linux system gives out.
	const dead = store.owner.replace(/:\d+:/, ':4194305:');
	await store.database.updateTable('runs').set({ owner: dead }).execute();
	const other = await open();
	expect((await other.get(alone.id)).status).toBe('interrupted');
	expect((await other.get(swept!.id)).status).toBe('queued');
	expect(await other.take(alone.id)).toBe(true);
});

test('a running run of a living process is left alone', async () => {
	const store = await open();
	const run = await store.add(request);
	await store.take(run.id);
	expect((await (await open()).get(run.id)).status).toBe('running');
});

test('runs are found by the beginning of their identifier, deleted with their files, and not while running', async () => {
	const store = await open();
	const run = await store.add(request);
	expect((await store.get(run.id.slice(0, 8))).id).toBe(run.id);
	await expect(store.get('nothing')).rejects.toThrow(/identifier of a run/);
	await store.take(run.id);
	await expect(store.remove(run.id)).rejects.toThrow(/stop it first/);
	const sha256 = await store.blobs.keep(new TextEncoder().encode('artifact'));
	await store.finish(run.id, { ...result, artifacts: [{ name: 'a.txt', mediaType: 'text/plain', sha256, bytes: 8 }] }, {});
	expect(await (await store.blobs.open(`blob:${sha256}/a.txt`)).text()).toBe('artifact');
	await store.remove(run.id);
	await expect(store.blobs.open(`blob:${sha256}/a.txt`)).rejects.toThrow(/no such file/);
});
