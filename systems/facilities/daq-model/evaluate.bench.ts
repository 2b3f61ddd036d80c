/**
 * The promise: the nine-configuration table in less than 1 s and a map of 101 x 101 cells in less than 10 s on one core. The
 * rival is the published way: new samples for every evaluation, at the same number of samples.
 */
import { createRandom } from '@assay/contract';
import { test } from 'vitest';
import { evaluateCells, skillContour } from './analyses.ts';
import { cmsSystem } from './cms.ts';
import { publishedConfigurations } from './configurations.ts';
import { createGraph } from './graph.ts';
import { sampleSkills, scoreTable, triggersOf } from './skills.ts';
import { standInCurves } from './stand-in-curves.ts';
import { technologyFactor } from './technology.ts';

const pause = async () => undefined;
const few = { time: 0, iterations: 8, warmupTime: 0, warmupIterations: 2 };
const run5 = cmsSystem({ run: 'run-5' });
const triggers = triggersOf(createGraph(run5), standInCurves(), 'published', []);
const sample = async () => scoreTable(await sampleSkills(triggers, 50_000, createRandom(0), pause));
const sharedWith = async (scores: Awaited<ReturnType<typeof sample>>) => ({
	context: {
		parallel: async <I, R>(task: { run: (item: I, pause: () => Promise<void>) => Promise<R> }, items: readonly I[]) =>
			Promise.all(items.map((item) => task.run(item, pause))),
	},
	mode: 'exact' as const,
	linkLoad: 'before-compression' as const,
	scores,
	technologyFactor: technologyFactor(2032, 'density'),
	onCells: () => undefined,
});

test('nine configurations', async ({ bench }) => {
	const ours = bench('sampled once', async () => {
		const variations = publishedConfigurations.map((one) => ({ description: cmsSystem(one), cells: [[]] }));
		await evaluateCells(variations, await sharedWith(await sample()));
	});
	const rival = bench('rival: sampled anew for every configuration', async () => {
		for (const one of publishedConfigurations) {
			await evaluateCells([{ description: cmsSystem(one), cells: [[]] }], await sharedWith(await sample()));
		}
	});
	await bench.compare(ours, rival, few);
});

test('a map of 101 x 101 cells', async ({ bench }) => {
	const ours = bench('10,201 cells, sampled once', async () => {
		await skillContour(run5, 'Intermediate', 101, await sharedWith(await sample()));
	});
	const rival = bench('rival: 20 cells, sampled anew for every cell', async () => {
		for (let cell = 0; cell < 20; cell++) {
			await evaluateCells([{ description: run5, cells: [[]] }], await sharedWith(await sample()));
		}
	});
	await bench.compare(ours, rival, few);
});
