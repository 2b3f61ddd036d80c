/** Runs of a sweep in any order, by any condition: the same as sorting and filtering all of them in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onBothEngines } from '@assay/database/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flatten, type Scalar } from '../flatten.ts';
import type { Run } from '../run-record.ts';
import { RunStore } from '../run-store.ts';
import { listResultColumns, numbersOf, readResultColumns, takeInResults } from './result-columns.ts';
import { listedBatches, sweepBatches } from './run-batches.ts';
import { sampleRows } from './sample-rows.ts';
import { listSelectedRuns, parseCondition, parseSort, runsAt, selectRuns } from './select-runs.ts';
import { addMadeRuns, addMadeSweep, madeRuns } from './test-data.ts';

const COUNT = 2500;

onBothEngines(({ open }) => {
	let folder: string;
	let store: RunStore;
	let sweep: string;
	const runs = madeRuns(COUNT);
	const leaves = runs.map(({ inputs, outputs }): ReadonlyMap<string, Scalar> => {
		const sides = [...flatten({ inputs }), ...(outputs === null ? [] : flatten({ outputs }))];
		return new Map(sides);
	});
	const cell = (position: number, path: string): Scalar => leaves[position]?.get(path) ?? null;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'assay-results-'));
		store = await RunStore.open(folder, await open());
		sweep = await addMadeSweep(store, runs);
		expect(await takeInResults(store, sweep)).toEqual({ taken: COUNT, total: COUNT });
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	/** Missing last, then numbers, then texts; or numbers last where the greatest come first. */
	const inMemory = (path: string, isDescending: boolean): number[] => {
		const kind = (value: Scalar): number => (typeof value === 'number' ? 0 : 1);
		return Array.from({ length: COUNT }, (_, position) => position).sort((a, b) => {
			const [left, right] = [cell(a, path), cell(b, path)];
			if (left === null || right === null) return Number(left === null) - Number(right === null) || a - b;
			const order =
				kind(left) - kind(right) ||
				(typeof left === 'number'
					? left - Number(right)
					: String(left) < String(right)
						? -1
						: Number(String(left) > String(right)));
			return (isDescending ? -order : order) || a - b;
		});
	};

	test.for(['inputs.batch', 'inputs.mode', 'inputs.isQuick', 'outputs.rate', 'outputs.cost.dollars', 'outputs.index'])(
		'%s sorts both ways as all runs sorted in memory',
		async (path) => {
			for (const text of [path, `-${path}`]) {
				const positions = await selectRuns(store, sweep, { where: [], sort: parseSort(text) });
				expect([...positions]).toEqual(inMemory(path, text.startsWith('-')));
			}
		},
	);

	test('conditions leave the runs that a loop over all of them leaves', async () => {
		const cases: readonly [string, (position: number) => boolean][] = [
			['outputs.rate<=7', (at) => Number(cell(at, 'outputs.rate') ?? Number.NaN) <= 7],
			['outputs.rate > 40', (at) => Number(cell(at, 'outputs.rate') ?? Number.NaN) > 40],
			['inputs.mode=plan', (at) => cell(at, 'inputs.mode') === 'plan'],
			['inputs.mode!=plan', (at) => cell(at, 'inputs.mode') !== 'plan'],
			['inputs.mode=10', (at) => cell(at, 'inputs.mode') === '10'],
			['inputs.isQuick=true', (at) => cell(at, 'inputs.isQuick') === true],
			['outputs.cost.dollars<-0.5', (at) => Number(cell(at, 'outputs.cost.dollars') ?? Number.NaN) < -0.5],
			['outputs.cost.dollars>=-1e9', (at) => cell(at, 'outputs.cost.dollars') !== null],
		];
		const all = Array.from({ length: COUNT }, (_, position) => position);
		for (const [text, isMet] of cases) {
			const positions = await selectRuns(store, sweep, { where: [parseCondition(text, 'where')] });
			expect([...positions], text).toEqual(all.filter(isMet));
		}
		const [first, second] = [cases[1], cases[2]] as const;
		const both = await selectRuns(store, sweep, { where: [first, second].map((one) => parseCondition(one?.[0] ?? '', 'where')) });
		expect([...both]).toEqual(all.filter((at) => first?.[1](at) && second?.[1](at)));
	});

	test('pages of a selection follow each other without gap or overlap, and a state is one more condition', async () => {
		const selection = {
			status: 'done',
			where: [parseCondition('inputs.batch>=8', 'where')],
			sort: parseSort('-outputs.rate'),
		} as const;
		const expected = inMemory('outputs.rate', true).filter(
			(at) => runs[at]?.status === 'done' && Number(cell(at, 'inputs.batch')) >= 8,
		);
		const seen: (number | null)[] = [];
		for (let offset = 0; ; offset += 170) {
			const page = await listSelectedRuns(store, sweep, selection, { offset, limit: 170 });
			expect(page.total).toBe(expected.length);
			if (page.runs.length === 0) break;
			seen.push(...page.runs.map(({ position }) => position));
		}
		expect(seen).toEqual(expected);
	});

	test('without conditions a page comes straight from the runs, by state too', async () => {
		const failed = runs.flatMap(({ status }, position) => (status === 'failed' ? [position] : []));
		const page = await listSelectedRuns(store, sweep, { where: [], status: 'failed' }, { offset: 10, limit: 20 });
		expect(page.runs.map(({ position }) => position)).toEqual(failed.slice(10, 30));
		expect(page.total).toBe(failed.length);
		expect(await listSelectedRuns(store, sweep, { where: [] }, { offset: 0, limit: 1 })).toMatchObject({ total: COUNT });
	});

	test('a misspelt figure is named with a near one', async () => {
		const sort = parseSort('outputs.rat');
		await expect(selectRuns(store, sweep, { where: [], sort })).rejects.toThrow(/sort.*did you mean outputs\.rate/);
	});

	test('columns say whether they vary and whether they are numbers', async () => {
		const columns = new Map((await listResultColumns(store.database, sweep)).map((column) => [column.path, column]));
		expect([...columns.keys()]).toEqual([
			'inputs.batch',
			'inputs.mode',
			'inputs.isQuick',
			'inputs.fixed',
			'outputs.rate',
			'outputs.cost.dollars',
			'outputs.index',
		]);
		expect(columns.get('inputs.fixed')).toMatchObject({ varies: false, isNumeric: true });
		expect(columns.get('inputs.mode')).toMatchObject({ varies: true, isNumeric: false });
		expect(columns.get('outputs.cost.dollars')).toMatchObject({ varies: true, isNumeric: true });
	});

	test('columns follow runs that end, are added and are deleted', async () => {
		const own = await addMadeSweep(store, madeRuns(1200));
		expect((await takeInResults(store, own, 0)).taken).toBe(0);
		await takeInResults(store, own);
		const at = (await readResultColumns(store.database, own, [])).positions.length;
		expect(at).toBe(1200);
		const [waiting] = await store.list({ sweep: own, status: 'queued', limit: 1 });
		await store.database
			.updateTable('runs')
			.set({ status: 'done', outputs: JSON.stringify({ rate: 777, extra: { late: 1 } }) })
			.where('id', '=', waiting?.id ?? '')
			.execute();
		await addMadeRuns(store, own, 1200, madeRuns(5));
		await store.remove(`${own}-3`);
		expect(await takeInResults(store, own)).toEqual({ taken: 1204, total: 1204 });
		const columns = await readResultColumns(store.database, own, ['outputs.rate', 'outputs.extra.late']);
		expect(columns.positions).not.toContain(3);
		expect(numbersOf(columns, 'outputs.rate')[columns.positions.indexOf(waiting?.position ?? -1)]).toBe(777);
		expect(numbersOf(columns, 'outputs.extra.late').filter(Number.isFinite)).toHaveLength(1);
	});

	test('two that take in the same sweep at once leave its columns as one does', async () => {
		const own = await addMadeSweep(store, madeRuns(300));
		await Promise.all([takeInResults(store, own), takeInResults(store, own)]);
		expect(await takeInResults(store, own)).toEqual({ taken: 300, total: 300 });
		const { positions } = await readResultColumns(store.database, own, ['outputs.rate']);
		expect(positions).toHaveLength(300);
	});

	test('batches give every run once, in order, never many at a time', async () => {
		const all = Array.from({ length: COUNT }, (_, position) => position);
		for (const batches of [sweepBatches(store, sweep), runsAt(store, sweep, Int32Array.from(all))]) {
			const seen: Run[] = [];
			for await (const batch of batches) {
				expect(batch.length).toBeLessThanOrEqual(200);
				seen.push(...batch);
			}
			expect(seen.map(({ position }) => position)).toEqual(all);
		}
		const listed = new Set<string>();
		for await (const batch of listedBatches(store, { sweep, status: 'done' })) for (const run of batch) listed.add(run.id);
		expect(listed.size).toBe(runs.filter(({ status }) => status === 'done').length);
	});
});

describe('conditions as text', () => {
	test.for(['', 'outputs.x', '<=5', 'outputs.x<=', 'outputs.x~5'])('%j is refused', (text) =>
		expect(() => parseCondition(text, '--where')).toThrow(/--where/),
	);
	test('any path, relation and bound is read back', () => {
		const path = fc.stringMatching(/^[a-z][a-zA-Z0-9.[\]]{0,12}$/);
		fc.assert(
			fc.property(path, fc.constantFrom('<=', '>=', '!=', '<', '>', '='), fc.integer(), (name, relation, bound) => {
				expect(parseCondition(`${name} ${relation} ${bound}`, 'where')).toEqual({ path: name, relation, bound });
			}),
		);
	});
});

describe('a sample of rows', () => {
	const positions = Array.from({ length: 10_000 }, (_, index) => index);
	test('has its size, only able rows, each once and in order, and is the same each time', () => {
		const isEven = (row: number): boolean => row % 2 === 0;
		const sample = sampleRows(positions, isEven, 500);
		expect(sample).toHaveLength(500);
		expect([...sample].every(isEven)).toBe(true);
		expect([...sample]).toEqual([...new Set(sample)].sort((a, b) => a - b));
		expect(sampleRows(positions, isEven, 500)).toEqual(sample);
		expect(sampleRows(positions, isEven, 500, 1)).not.toEqual(sample);
		expect([...sampleRows([4, 5, 6], () => true, 5)]).toEqual([0, 1, 2]);
	});
	test('every tenth of the rows has its share, within four standard deviations', () => {
		const sample = sampleRows(positions, () => true, 1000);
		for (let tenth = 0; tenth < 10; tenth++) {
			const own = sample.filter((row) => Math.floor(row / 1000) === tenth).length;
			expect(Math.abs(own - 100)).toBeLessThan(4 * Math.sqrt(1000 * 0.1 * 0.9));
		}
	});
});
