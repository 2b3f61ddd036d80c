import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunStore } from '../run-store.ts';
import { saltelliSettings } from '../saltelli-sweep.ts';
import { sweepSensitivity } from './sweep-sensitivity.ts';
import { addMadeRuns, addMadeSweep, type MadeRun } from './test-data.ts';

let folder: string;
let store: RunStore;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-sensitivity-'));
	store = await RunStore.open(folder);
});
afterAll(async () => {
	await store.close();
	await rm(folder, { recursive: true, force: true });
});

const axis = Array.from({ length: 40 }, (_, at) => at);
/** On this grid of 40 by 40 by 2 the variances of x, of 2y and of the mode are 133.25, 533 and 25. */
const grid = ['fast', 'slow'].flatMap((mode) =>
	axis.flatMap((x) =>
		axis.map(
			(y): MadeRun => ({
				status: 'done',
				inputs: { x, deep: { y }, mode, fixed: 1 },
				outputs: { cost: { total: x + 2 * y + (mode === 'fast' ? 10 : 0) } },
			}),
		),
	),
);

test('a grid in the store has its exact shares, and a run that ends later changes them', async () => {
	const sweep = await addMadeSweep(store, grid);
	const result = await sweepSensitivity(store, sweep, 'cost.total');
	if (!result.isKnown) throw new Error(result.reason);
	expect(result).toMatchObject({ basis: 'grid', runs: 3200 });
	const shares = new Map(result.factors.map(({ name, total }) => [name, total.value]));
	expect([...shares.keys()]).toEqual(['deep.y', 'x', 'mode']);
	expect(shares.get('deep.y')).toBeCloseTo(533 / 691.25, 10);
	expect(shares.get('mode')).toBeCloseTo(25 / 691.25, 10);
	expect(await sweepSensitivity(store, sweep, 'cost.total')).toBe(result);
	await addMadeRuns(store, sweep, 3200, [
		{ status: 'done', inputs: { x: 99, deep: { y: 0 }, mode: 'fast', fixed: 1 }, outputs: { cost: { total: 5 } } },
	]);
	expect(await sweepSensitivity(store, sweep, 'cost.total')).toMatchObject({ basis: 'surrogate', runs: 2000, available: 3201 });
});

test('a Saltelli design is recognised by its settings', async () => {
	const vary = [
		{ path: 'x', min: 1, max: 100, scale: 'log' as const },
		{ path: 'n', min: 1, max: 8, scale: 'integer' as const },
		{ path: 'mode', values: ['a', 'b', 'c'] },
	];
	const settings = saltelliSettings(vary, 300, 5);
	expect(settings).toHaveLength(300 * 5);
	const sweep = await addMadeSweep(
		store,
		settings.map((inputs) => ({
			status: 'done',
			inputs,
			outputs: { y: Number(inputs['n']) + (inputs['mode'] === 'b' ? 1 : 0) },
		})),
	);
	const result = await sweepSensitivity(store, sweep, 'y');
	if (!result.isKnown) throw new Error(result.reason);
	expect(result.basis).toBe('saltelli');
	const [n, mode, x] = result.factors;
	expect([n?.name, mode?.name, x?.name]).toEqual(['n', 'mode', 'x']);
	// Variances of 1 to 8 and of one in three: 5.25 and 2/9.
	expect(Math.abs((n?.total.value ?? 0) - 5.25 / (5.25 + 2 / 9))).toBeLessThan(0.05);
	expect(x?.total.value).toBe(0);
});

test('an output that is none is named with a near one', async () => {
	const sweep = await addMadeSweep(store, grid.slice(0, 5));
	await expect(sweepSensitivity(store, sweep, 'cost.totl')).rejects.toThrow(/output.*did you mean cost\.total/);
	expect(await sweepSensitivity(store, sweep, 'cost.total')).toMatchObject({ isKnown: true });
});
