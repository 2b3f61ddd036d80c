/**
 * The nine-configuration table and the 101 x 101 map, sampling included, each beside two plain ways to the same figures: new
 * samples for every cell, as the published code does, and a threshold found by pooling and sorting all weighted scores of a
 * cell. The rivals get fewer cells, for their patience; their names say how many. Stand-in curves: no data needed.
 */
import { createRandom } from '@assay/contract';
import { test } from 'vitest';
import { configurationsTable, type Shared, skillContour } from './analyses.ts';
import type { Classifier } from './classifier.ts';
import { cmsSystem } from './cms.ts';
import { publishedConfigurations } from './configurations.ts';
import { evaluate } from './evaluate.ts';
import { createGraph } from './graph.ts';
import { metricsOf } from './metrics.ts';
import { graphWithSettings, spread } from './parameters.ts';
import type { Scores } from './scores.ts';
import { classifiers, type ScoreTable, sampleSkills, scoreTable, triggersOf } from './skills.ts';
import { standInCurves } from './stand-in-curves.ts';
import { technologyFactor } from './technology.ts';

const pause = async (): Promise<void> => undefined;
const options = { mode: 'exact', linkLoad: 'before-compression' } as const;
const run5 = createGraph(cmsSystem({ run: 'run-5' }));
const triggers = triggersOf(run5, standInCurves(), 'published', []);
const sample = async (): Promise<ScoreTable> => scoreTable(await sampleSkills(triggers, 50_000, createRandom(0), pause));
const shared = (scores: ScoreTable): Shared => ({
	...options,
	scores,
	technologyFactor: technologyFactor(2032, 'density'),
	onCells: () => undefined,
	context: {
		parallel: async (task, items) => {
			const results = [];
			for (const item of items) results.push(await task.run(item, pause));
			return results;
		},
	},
});

/** Threshold at the first of all pooled scores, in ascending order, up to which the weights reach the target. */
function sortingClassifier({ irrelevant: low, relevant: high }: Scores, boost: number): Classifier {
	return {
		classifies: true,
		decide: (irrelevant, relevant, reduction) => {
			const events = [
				...Array.from(low, (score) => ({ score, relevant: false, weight: irrelevant / low.length })),
				...Array.from(high, (score) => ({ score: score + boost, relevant: true, weight: relevant / high.length })),
			].sort((a, b) => a.score - b.score);
			const rejected = [0, 0];
			let weight = 0;
			for (const event of events) {
				if (weight >= reduction * (irrelevant + relevant)) {
					const [rejectedLow = 0, rejectedHigh = 0] = rejected;
					return {
						rejectedIrrelevant: rejectedLow / low.length,
						rejectedRelevant: rejectedHigh / high.length,
						threshold: event.score,
					};
				}
				weight += event.weight;
				rejected[Number(event.relevant)] = (rejected[Number(event.relevant)] ?? 0) + 1;
			}
			return { smallestRatio: Number.POSITIVE_INFINITY };
		},
	};
}

/** The map's cells one after another: ratio 450 to 40 by skill boost 0 to 1. */
async function cells(points: number, evaluateCell: (graph: typeof run5) => Promise<unknown>): Promise<void> {
	for (const value of spread(450, 40, points)) {
		for (const boost of spread(0, 1, points)) {
			await evaluateCell(
				graphWithSettings(run5, [
					{ node: 'Intermediate', parameter: 'reductionRatio', value },
					{ node: 'Intermediate', parameter: 'skillBoost', value: boost },
				]),
			);
		}
	}
}

const bySorting = (graph: typeof run5, scores: ScoreTable) => {
	const byName = new Map(scores);
	const passing = classifiers([], 'exact');
	return metricsOf(
		evaluate(
			graph,
			(node) => {
				const own = node.kind === 'processor' ? byName.get(node.classifier) : undefined;
				return own === undefined || node.kind === 'detector' ? passing(node) : sortingClassifier(own, node.skillBoost);
			},
			options,
		),
		1,
	);
};
const anew = async (graph: typeof run5) => metricsOf(evaluate(graph, classifiers(await sample(), 'exact'), options), 1);

const few = { iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 };

test('nine configurations', async ({ bench }) => {
	const graphs = publishedConfigurations.map((one) => createGraph(cmsSystem(one)));
	const ours = bench('Assay, sampling included', few, async () => void (await configurationsTable(shared(await sample()))));
	const sorting = bench('rival: sampled once, thresholds by pooling and sorting', few, async () => {
		const scores = await sample();
		for (const graph of graphs) bySorting(graph, scores);
	});
	const resampling = bench('rival: new samples for every configuration', few, async () => {
		for (const graph of graphs) await anew(graph);
	});
	await bench.compare(ours, sorting, resampling);
});

test('the map of ratio and skill', async ({ bench }) => {
	const ours = bench('Assay, 101 x 101 cells, sampling included', few, async () => {
		await skillContour(run5.description, 'Intermediate', 101, shared(await sample()));
	});
	const sorting = bench('rival: 5 x 5 cells, sampled once, thresholds by pooling and sorting', few, async () => {
		const scores = await sample();
		await cells(5, async (graph) => bySorting(graph, scores));
	});
	const resampling = bench('rival: 5 x 5 cells, new samples for every cell', few, async () => cells(5, anew));
	await bench.compare(ours, sorting, resampling);
});
