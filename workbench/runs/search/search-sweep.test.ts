import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getAt } from '../input-path.ts';
import { LocalExecutor } from '../local-executor.ts';
import { RunStore } from '../run-store.ts';
import { startSweep, workOnSweep } from '../sweep.ts';
import { startSearch, workOnSearch } from './search-sweep.ts';

let folder: string;
let store: RunStore;
let executor: LocalExecutor;
const never = new AbortController().signal;
const workOff = (sweep: string): Promise<void> => workOnSweep(store, executor, sweep, never);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-search-'));
	store = await RunStore.open(folder);
	executor = new LocalExecutor(folder, { hands: 2, threadsPerRun: 1 });
});
afterAll(async () => {
	await executor.close();
	await store.close();
	await rm(folder, { recursive: true, force: true });
});

/** Small networks on arrays of some rows take milliseconds. */
const base = { network: { name: 'mobilenet-v2' }, array: { columns: 32, dataflow: 'output-stationary' } };
const latency = 'evaluation.after.cycles';
const start = (search: Record<string, unknown>, inStore = store) =>
	startSearch(inStore, { system: 'draco', specification: { inputs: base, ...search }, folder: null });

test('evolution finds what trying every value finds', async () => {
	const grid = await startSweep(store, {
		system: 'draco',
		folder: null,
		specification: { inputs: base, grid: [{ path: 'array.rows', values: Array.from({ length: 57 }, (_, i) => 8 + i) }] },
	});
	await workOnSweep(store, executor, grid.id, never);
	const all = (await store.sweepRuns(grid.id)).map((run) => Number(getAt(run.outputs, latency)));
	const search = await start({
		method: 'evolution',
		vary: [{ path: 'array.rows', min: 8, max: 64, scale: 'integer' }],
		objectives: [{ path: latency, goal: 'minimize' }],
		evaluations: 40,
		population: 8,
	});
	const { trials, isOver } = await workOnSearch(store, search, workOff);
	expect(isOver).toBe(true);
	expect(trials).toHaveLength(40);
	expect(Math.min(...trials.map(({ objectives }) => objectives?.[0] ?? Number.NaN))).toBe(Math.min(...all));
}, 60_000);

test('stopped again and again, a search makes the runs of one that was not', async () => {
	const specification = {
		method: 'nsga-ii',
		vary: [
			{ path: 'array.rows', min: 8, max: 128, scale: 'log-integer' },
			{ path: 'array.dataflow', values: ['row-stationary', 'output-stationary'] },
		],
		objectives: [
			{ path: 'evaluation.after.seconds', goal: 'minimize' },
			{ path: 'evaluation.after.meanUtilisation', goal: 'maximize' },
		],
		constraints: [{ path: 'evaluation.after.meanUtilisation', relation: 'at least', bound: 0.3 }],
		evaluations: 24,
		population: 8,
		seed: 3,
	};
	const uncut = await start(specification);
	const whole = await workOnSearch(store, uncut, workOff);
	const elsewhere = await mkdtemp(join(tmpdir(), 'assay-search-'));
	const other = await RunStore.open(elsewhere);
	try {
		let stops = 0;
		for (;;) {
			const controller = new AbortController();
			let seen = 0;
			const search = await start(specification, other);
			expect(search.found).toBe(stops > 0);
			const { trials, isOver } = await workOnSearch(other, search, (sweep) =>
				workOnSweep(other, executor, sweep, controller.signal, () => {
					if (++seen === 5) controller.abort(new Error('stopped'));
				}),
			);
			if (isOver) {
				const bare = async (from: RunStore, sweep: string) =>
					(await from.sweepRuns(sweep)).map(({ inputs, outputs }) => ({ inputs, outputs }));
				expect(await bare(other, search.id)).toEqual(await bare(store, uncut.id));
				expect(trials.map(({ objectives }) => objectives)).toEqual(whole.trials.map(({ objectives }) => objectives));
				break;
			}
			stops++;
		}
		expect(stops).toBeGreaterThanOrEqual(3);
	} finally {
		await other.close();
		await rm(elsewhere, { recursive: true, force: true });
	}
}, 60_000);

test('inputs that the system refuses are failed runs, and the search goes on', async () => {
	const search = await start({
		method: 'random',
		vary: [{ path: 'network.name', values: ['mobilenet-v1', 'no-such-network'] }],
		objectives: [{ path: latency, goal: 'minimize' }],
		evaluations: 8,
	});
	const { trials } = await workOnSearch(store, search, workOff);
	expect(trials).toHaveLength(8);
	for (const { run, point, objectives } of trials) {
		expect(objectives === null).toBe(point[0] === 'no-such-network');
		if (objectives === null) expect(run.error).toMatch(/no-such-network/);
	}
	expect(new Set(trials.map(({ objectives }) => objectives === null)).size).toBe(2);
}, 60_000);

test.for([
	[{ vary: [{ path: 'array.rows', min: 9, max: 8 }] }, /no range from 9 to 8/],
	[
		{
			vary: [
				{ path: 'a', values: [1] },
				{ path: 'a', values: [2] },
			],
		},
		/a again/,
	],
	[{ method: 'evolution', objectives: ['x', 'y'].map((path) => ({ path, goal: 'minimize' })) }, /2 objectives for evolution/],
	[{ method: 'successive-halving' }, /fidelity: found nothing/],
	[{ method: 'nsga-ii', population: 5 }, /population of 5/],
	[{ inputs: { array: { rows: -1 } } }, /array\.rows/],
	[{ method: 'guessing' }, /method/],
] as const)('%j is refused by name', async ([change, message]) => {
	const good = {
		method: 'random',
		vary: [{ path: 'array.rows', min: 8, max: 64, scale: 'integer' }],
		objectives: [{ path: latency, goal: 'minimize' }],
	};
	await expect(start({ ...good, ...change })).rejects.toThrow(message);
});

test('a wanted output that no run has is named with a near one', async () => {
	const search = await start({
		method: 'random',
		vary: [{ path: 'array.rows', min: 8, max: 64, scale: 'integer' }],
		objectives: [{ path: 'evaluation.after.cycels', goal: 'minimize' }],
		evaluations: 2,
	});
	await expect(workOnSearch(store, search, workOff)).rejects.toThrow(/did you mean evaluation\.after\.cycles/);
});

test('successive halving takes the effort that the system names, up to what the base inputs say', async () => {
	const search = await startSearch(store, {
		system: 'daq-model',
		folder: null,
		specification: {
			inputs: { configurations: false, curves: 'stand-in', samples: 27_000 },
			vary: [{ path: 'l1tRatio', min: 40, max: 400 }],
			objectives: [{ path: 'metrics.totalPowerW', goal: 'minimize' }],
			method: 'successive-halving',
			evaluations: 3,
		},
	});
	expect(search.specification.fidelity).toMatchObject({ path: 'samples', full: 27_000 });
	await expect(
		startSearch(store, {
			system: 'daq-model',
			folder: null,
			specification: { ...search.specification, fidelity: undefined, inputs: { samples: 2000 } },
		}),
	).rejects.toThrow(/samples: found 74, expected at least 1,?000/);
});
