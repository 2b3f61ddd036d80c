/**
 * The promise: four models at six lengths on five designs with energy in less than a second on one core, and so the sweep over array sizes. The
 * rival of a closed form is simulating the tiles.
 */
import { test } from 'vitest';
import { cloud, cloudBaseline } from './accelerator.ts';
import { fusedAreas } from './area.ts';
import { computeCycles, onePassCycles } from './designs/one-pass.ts';
import { mapFlat } from './flat-mapper.ts';
import { paretoSweep } from './pareto.ts';
import { runPublishedEvaluation } from './published/published-evaluation.ts';
import { publishedLengths, publishedNames, publishedShapes } from './subject/published-shapes.ts';
import { attentionOf } from './subject/subject.ts';
import { simulateTiles } from './timeline.ts';

const shapes = publishedNames.flatMap((name) =>
	publishedLengths.map((length) => attentionOf(publishedShapes[name], 64, length, length)),
);

test('the whole evaluation and both sweeps', async ({ bench }) => {
	await bench('24 rows of five designs with energy and end to end', () => {
		runPublishedEvaluation();
	}).run();
	await bench('24 sweeps over six array sizes', () => {
		for (const shape of shapes) paretoSweep(shape, cloud, fusedAreas);
	}).run();
	await bench('24 searches for FLAT’s best mapping', () => {
		for (const shape of shapes) mapFlat(shape, cloudBaseline);
	}).run();
});

test('one head of 64K tokens', async ({ bench }) => {
	const shape = { batch: 1, heads: 1, queryKeyWidth: 64, valueWidth: 64, keys: 65_536, queries: 65_536 };
	const ours = bench('closed form', () => {
		computeCycles(onePassCycles(shape, 256, 'fusemax'), 256, 'fusemax');
	});
	const rival = bench('rival: 65,536 tiles job by job', () => {
		simulateTiles({ E: 64, F: 64 }, 256, 256);
	});
	let least = Number.POSITIVE_INFINITY;
	let cycles = 0;
	for (let repeat = 0; repeat < 3; repeat++) {
		const began = performance.now();
		({ cycles } = simulateTiles({ E: 64, F: 64 }, 256, 256));
		least = Math.min(least, performance.now() - began);
	}
	// Twelve Einsums a tile, the last of them once for each tile of queries.
	const jobs = 256 * 256 * 11 + 256;
	const rate = (count: number): string => `${(count / least / 1e3).toPrecision(3)} million`;
	console.info(`job by job: ${rate(jobs)} jobs and ${rate(cycles)} cycles of the array a second of one core`);
	await bench.compare(ours, rival, { time: 0, iterations: 3, warmupTime: 0, warmupIterations: 1 });
});
