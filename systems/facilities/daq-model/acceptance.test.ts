/** The specification's acceptance checks against the published tables themselves and against a second implementation. */
import { createContext, mean, standardDeviation } from '@assay/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Mode } from './classifier.ts';
import { type CmsConfiguration, cmsSystem } from './cms.ts';
import { publishedConfigurations } from './configurations.ts';
import { evaluate } from './evaluate.ts';
import { createGraph } from './graph.ts';
import { metricsOf } from './metrics.ts';
import { publishedTable } from './published-table.ts';
import { classifiers, openCmsCurves, type ScoreTable, sampleSkills, scoreTable, triggersOf } from './skills.ts';
import { dataAtHand, onlyEvaluation, openRegistered, publishedRows, runWith } from './test-data.ts';

if (!dataAtHand) console.log('skipped: acceptance.test.ts needs ASSAY_DATA with the published tables and curves');

const open = { open: openRegistered };
const pick = (row: Map<string, number> | undefined, column: string): number => row?.get(column) ?? Number.NaN;
const evaluateWith = (scores: ScoreTable, configuration: CmsConfiguration, mode: Mode = 'exact') =>
	evaluate(createGraph(cmsSystem(configuration)), classifiers(scores, mode), { mode, linkLoad: 'before-compression' });
const metricsWith = (scores: ScoreTable, configuration: CmsConfiguration, mode: Mode = 'exact') =>
	metricsOf(evaluateWith(scores, configuration, mode), Math.exp(0.18717361 * 10));

async function sampled(samples: number, seed: number): Promise<ScoreTable> {
	const context = createContext({ seed, ...open });
	const triggers = triggersOf(createGraph(cmsSystem({ run: 'run-5' })), await openCmsCurves(context), 'published', []);
	return scoreTable(await sampleSkills(triggers, samples, context.random, context.pause));
}

describe.skipIf(!dataAtHand)('acceptance (needs ASSAY_DATA)', () => {
	test('check 1: level-1 trigger, links and latency of Run 5, from a run', async () => {
		const outputs = await runWith({ ...onlyEvaluation, mode: 'published' }, open);
		const node = (name: string) => outputs.nodes.find((one) => one.name === name);
		expect(node('Intermediate')?.operations).toBeCloseTo(4.2125, 14);
		expect(node('Intermediate')?.messageBytes).toBe(8_425_000);
		expect(Math.abs((node('Intermediate')?.powerW ?? 0) / 505_499.987 - 1)).toBeLessThan(1e-8);
		const exact = await runWith(onlyEvaluation, open);
		expect(Math.abs(exact.metrics.linkPowerW - 124_600)).toBeLessThanOrEqual(5);
		// 3.605 us is five nodes of 1 ns and four hops of 900 ns: exact but for the last bit of a sum of such numbers.
		expect(Math.abs(outputs.metrics.latencyS - 3.605e-6)).toBeLessThanOrEqual(2 ** -70);
	});

	test('check 3: the nine rows of the stored table, and that table as embedded', async () => {
		const rows = await publishedRows('results-table-repo-2025.csv');
		expect(rows).toHaveLength(9);
		const { configurations } = await runWith({ ...onlyEvaluation, configurations: true }, open);
		for (const [index, row] of rows.entries()) {
			const ours = configurations[index];
			const upgrades = [ours?.gpuHlt, ours?.l1Tracks, ours?.smartSensors].map(Number);
			expect(upgrades).toEqual(['GPU HLT', 'L1T Tracking', 'Smart Sensors'].map((column) => pick(row, column)));
			expect(ours?.pileUp).toBe(pick(row, 'Pileup'));
			const power = pick(row, 'Power (W)');
			expect(Math.abs((ours?.metrics?.scaledPowerW ?? 0) / power - 1)).toBeLessThan(index === 0 ? 0.01 : 0.003);
			const f1 = ours?.metrics?.f1 ?? Number.NaN;
			const artefact = pick(row, 'Accuracy (%)') === 1;
			if (artefact) expect(Math.abs(f1 - 0.795)).toBeLessThan(0.004);
			else expect(Math.abs(f1 - pick(row, 'F1 Score (%)'))).toBeLessThan(0.02);
			expect(publishedTable[index]?.scaledPowerW).toBe(power);
			expect(publishedTable[index]?.f1).toBe(pick(row, 'F1 Score (%)'));
			expect(publishedTable[index]?.relevantSamplesPerKJ).toBeCloseTo(1000 * pick(row, 'Productivity (Relevant Samples/J)'), 12);
		}
		expect(publishedConfigurations).toHaveLength(9);
	});

	describe('check 4: a million samples', () => {
		let scores: ScoreTable;
		beforeAll(async () => {
			scores = await sampled(1_000_000, 1);
		});

		test('F1 is that of a second implementation, and with L1 tracks that of the specification', () => {
			// Ten runs of a million samples in NumPy and SciPy: 0.3894 +- 0.0009 from run to run for Run 5, 0.7939 +- 0.0004 with L1
			// tracks. The specification's single run gave 0.3915 and 0.7947: the first lies 2.3 standard deviations above the mean.
			const base = metricsWith(scores, { run: 'run-5' }).f1 ?? Number.NaN;
			const boosted = metricsWith(scores, { run: 'run-5', l1Tracks: true }).f1 ?? Number.NaN;
			expect(Math.abs(base - 0.3894)).toBeLessThan(0.003);
			expect(Math.abs(boosted - 0.7939)).toBeLessThan(0.0015);
			expect(Math.abs(boosted - 0.7947)).toBeLessThan(0.002);
		});

		test('the three upgrades save 60.0 to 60.6 % of the power', () => {
			const before = metricsWith(scores, { run: 'run-5' }).scaledPowerW;
			const after = metricsWith(scores, { run: 'run-5', gpuHlt: true, l1Tracks: true, smartSensors: true }).scaledPowerW;
			expect(100 * (1 - after / before)).toBeGreaterThan(60);
			expect(100 * (1 - after / before)).toBeLessThan(60.6);
		});

		test('check 10: at every node discarded and kept add up to the detector rate', () => {
			for (const [mode, rounding] of [
				['exact', 1e-3],
				['published', 2 * 6],
			] as const) {
				for (const one of evaluateWith(scores, { run: 'run-5' }, mode).nodes) {
					const all = one.discardedSoFar.irrelevant + one.discardedSoFar.relevant + one.kept.irrelevant + one.kept.relevant;
					expect(Math.abs(all - 40e6)).toBeLessThanOrEqual(rounding);
				}
			}
		});
	});

	test('check 5: a run of 20 repetitions reports a deviation of F1 below 0.006', async () => {
		const { noise, metrics } = await runWith({ ...onlyEvaluation, repetitions: 20 }, open);
		expect(noise?.repetitions).toBe(20);
		expect(noise?.f1Deviation).toBeGreaterThan(0.001);
		expect(noise?.f1Deviation).toBeLessThan(0.006);
		expect(Math.abs((noise?.f1Mean ?? 0) - 0.3894)).toBeLessThan(0.004);
		expect(Math.abs((metrics.f1 ?? 0) - (noise?.f1Mean ?? 0))).toBeLessThan(0.02);
	});

	test('the published solver’s artefact comes with a warning that explains it; other seeds have none', async () => {
		const raw = { ...onlyEvaluation, mode: 'published', gpuHlt: true, l1Tracks: true };
		const explained = /published solver stopped where the score distribution is flat.*mode exact/;
		let artefacts = 0;
		for (let seed = 0; seed < 16; seed++) {
			const outputs = await runWith(raw, { ...open, seed });
			const perfect = outputs.metrics.precision === 1;
			const ratios = ['Intermediate', 'Global'].map((name) => outputs.nodes.find((one) => one.name === name));
			const missed = ratios.some((one) => Math.abs((one?.reductionRatio ?? 0) / (one?.achievedRatio ?? 0) - 1) > 0.1);
			artefacts += Number(perfect);
			if (perfect) expect(outputs.metrics.keptHz).toBeLessThan(0.87 * 7500);
			expect(outputs.warnings.some((warning) => explained.test(warning))).toBe(perfect || missed);
		}
		expect(artefacts).toBeGreaterThan(0);
		expect(artefacts).toBeLessThan(12);
	});

	test('statistics of twenty seeds at 20,000 samples widen as the root of the number of samples', async () => {
		const f1: number[] = [];
		for (let seed = 0; seed < 20; seed++) f1.push(metricsWith(await sampled(20_000, 100 + seed), { run: 'run-5' }).f1 ?? 0);
		expect(standardDeviation(f1)).toBeLessThan(0.006 * Math.sqrt(2.5));
		expect(Math.abs(mean(f1) - 0.3894)).toBeLessThan(0.006);
	});
});
