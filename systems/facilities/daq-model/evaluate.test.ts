/** Evaluation by hand and by brute force, on small and on random systems. */
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Classifier, sampledClassifier } from './classifier.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
import { createGraph, type SystemNode } from './graph.ts';
import { type GraphJson, graphFromJson } from './json-graph.ts';
import { metricsOf } from './metrics.ts';
import { classifiers } from './skills.ts';
import { randomLayers } from './test-data.ts';

const options: EvaluateOptions = { mode: 'exact', linkLoad: 'before-compression' };
const passing = classifiers([], 'exact');
const evaluated = (json: GraphJson, classifierOf: (node: SystemNode) => Classifier = passing, how = options) =>
	evaluate(createGraph(graphFromJson(json, ['graph'])), classifierOf, how);
const at = (evaluation: Evaluation, name: string) => {
	const found = evaluation.nodes.find((one) => one.node.name === name);
	if (found === undefined) throw new Error(`no node ${name}`);
	return found;
};

/** Two detectors, a category each, a filter that keeps one event in four, and a sink. */
const twoBranches: GraphJson = {
	technologyYear: 2022,
	detectors: [
		{ name: 'A', outputs: ['P'], dataBytes: 1000, sampleRateHz: 1e6, linkEnergyJPerBit: 1e-9, routingLatencyS: 2e-6 },
		{ name: 'B', outputs: ['Q'], dataBytes: 3000, sampleRateHz: 1e6, linkEnergyJPerBit: 2e-9, compression: 0.5 },
	],
	processors: [
		{ name: 'P', outputs: ['F'], opEnergyJPerOp: 1e-6, linkEnergyJPerBit: 1e-10 },
		{ name: 'Q', outputs: ['F'], opEnergyJPerOp: 2e-6, dataBytes: 500, linkEnergyJPerBit: 1e-10 },
		{
			name: 'F',
			outputs: ['S'],
			reductionRatio: 4,
			classifier: 'Gaussian',
			skillMean: 1,
			skillVariance: 1,
			opEnergyJPerOp: 1e-3,
			complexity: [0, 0, 1e-6],
			parallelism: [10],
			linkEnergyJPerBit: 1e-10,
		},
		{ name: 'S', outputs: [] },
	],
};

/** Rejects 80 % of irrelevant events and 10 % of relevant ones. */
const fixed: Classifier = {
	classifies: true,
	decide: () => ({ rejectedIrrelevant: 0.8, rejectedRelevant: 0.1, threshold: 0 }),
};

test('two branches, worked out by hand', () => {
	const result = evaluated(twoBranches, (node) => (node.name === 'F' ? fixed : passing(node)));
	// Messages: A 1000, B 3000 of which 1500 leave; P 1000, Q 1500 + 500; F and S 3000.
	expect(['A', 'B', 'P', 'Q', 'F', 'S'].map((name) => at(result, name).messageBytes)).toEqual([
		1000, 3000, 1000, 2000, 3000, 3000,
	]);
	// One event in 4 is relevant: 250,000 of a million. Kept: 20 % of 750,000 and 90 % of 250,000.
	expect(at(result, 'F').arriving).toEqual({ irrelevant: 750_000, relevant: 250_000 });
	expect(at(result, 'F').kept.irrelevant).toBeCloseTo(150_000, 6);
	expect(at(result, 'F').kept.relevant).toBeCloseTo(225_000, 6);
	expect(at(result, 'S').inputRateHz).toBeCloseTo(375_000, 6);
	// Operations: 1000 at P, 2000 at Q, 1e-6 x 3000^2 = 9 at F.
	expect(['P', 'Q', 'F'].map((name) => at(result, name).operations)).toEqual([1000, 2000, 9]);
	expect(result.operationPowerW).toBeCloseTo(1e6 * (1000 * 1e-6 + 2000 * 2e-6 + 9 * 1e-3), 6);
	// Links: A 8e-9 x 1000, B 16e-9 x 3000 (before its compression), P and Q 8e-10 x 3000 together, at 1e6/s; F at 375,000/s.
	expect(result.linkPowerW).toBeCloseTo(1e6 * (8e-6 + 48e-6 + 2.4e-6) + 375_000 * 2.4e-6, 9);
	const after = evaluated(twoBranches, (node) => (node.name === 'F' ? fixed : passing(node)), {
		...options,
		linkLoad: 'after-compression',
	});
	expect(after.linkPowerW).toBeCloseTo(result.linkPowerW - 1e6 * 24e-6, 9);
	// Latency: 1 ns a node but 10 ns at F, longest hop at each step: 2 us from A, then 0.9 us to F and to S.
	expect(at(result, 'S').latencyS).toBeCloseTo(1e-9 + (1e-9 + 2e-6) + (10e-9 + 0.9e-6) + (1e-9 + 0.9e-6), 18);
	const metrics = metricsOf(result, 2);
	const precision = 225 / 375;
	expect(metrics.precision).toBeCloseTo(precision, 12);
	expect(metrics.recall).toBeCloseTo(0.9, 12);
	expect(metrics.f1).toBeCloseTo((2 * precision * 0.9) / (precision + 0.9), 12);
	expect(metrics.scaledPowerW).toBeCloseTo((result.operationPowerW + result.linkPowerW) / 2, 6);
	expect(metrics.relevantSamplesPerKJ).toBeCloseTo(((metrics.f1 ?? 0) * 375_000 * 1000) / metrics.scaledPowerW, 6);
	expect(metrics.energyPerTruePositiveJ).toBeCloseTo(1e-3 + 4e-3 + 9e-3 + 3000 * 0, 12);
	expect(metrics.energyPerTrueNegativeJ).toBeCloseTo(14e-3, 12);
});

test('published mode cuts counts to whole events after every stage', () => {
	const json = { ...twoBranches, detectors: twoBranches.detectors.map((one) => ({ ...one, sampleRateHz: 1003 })) };
	const how = { ...options, mode: 'published' as const };
	const result = evaluated(json, (node) => (node.name === 'F' ? fixed : passing(node)), how);
	// 1003 / 4 = 250.75 and 752.25, cut to 250 and 752; 0.8 x 752 = 601.6, 0.2 x 752 = 150.4; 25 and 225.
	expect(at(result, 'F').arriving).toEqual({ irrelevant: 752, relevant: 250 });
	expect(at(result, 'F').discarded).toEqual({ irrelevant: 601, relevant: 25 });
	expect(at(result, 'F').kept).toEqual({ irrelevant: 150, relevant: 225 });
	expect(result.kept).toEqual({ irrelevant: 150, relevant: 225 });
});

test('sampled and Gaussian classifiers side by side reach every feasible ratio within one sample, ties or not', () => {
	const scores = fc.oneof(
		fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 }),
		fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 64, maxLength: 64 }),
	);
	let feasible = 0;
	fc.assert(
		fc.property(randomLayers(fc.constantFrom('Gaussian', 'L1T')), scores, scores, (json, low, high) => {
			const own = { irrelevant: Float64Array.from(low).sort(), relevant: Float64Array.from(high).sort() };
			let result: Evaluation;
			try {
				result = evaluated(json, classifiers([['L1T', own]], 'exact'));
			} catch (error) {
				// Infeasible: the lowest score alone takes more than may be rejected. The error names node and column.
				expect(error).toBeInstanceOf(InputError);
				expect(String(error)).toMatch(/graph\.processors\[\d+\]\.reductionRatio: found .* at L\dN\d, which no threshold meets/);
				return;
			}
			feasible += 1;
			for (const one of result.nodes) {
				if (!one.classifies || one.node.kind === 'detector') continue;
				expect(Math.abs(one.outputRateHz / one.inputRateHz - 1 / one.node.reductionRatio)).toBeLessThanOrEqual(1 / 64);
				const sum = one.discardedSoFar.irrelevant + one.discardedSoFar.relevant + one.kept.irrelevant + one.kept.relevant;
				expect(Math.abs(sum / 4e7 - 1)).toBeLessThan(1e-9);
			}
		}),
		{ numRuns: 200 },
	);
	expect(feasible).toBeGreaterThan(50);
});

test('a sampled classifier rejects what sorting all events and cutting at the target rejects', () => {
	const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 60 });
	fc.assert(
		fc.property(scores, scores, fc.double({ min: 1.2, max: 15, noNaN: true }), (low, high, ratio) => {
			const own = { irrelevant: Float64Array.from(low).sort(), relevant: Float64Array.from(high).sort() };
			const decision = sampledClassifier(own, 0, 'exact').decide(low.length, high.length, 1 - 1 / ratio);
			if ('smallestRatio' in decision) return;
			const pooled = [...low, ...high].sort((a, b) => a - b);
			// Where the target is a whole number of events, rounding decides which of two neighbours is the threshold.
			const target = (1 - 1 / ratio) * pooled.length;
			fc.pre(Math.abs(target - Math.round(target)) > 1e-9);
			expect(decision.threshold).toBe(pooled[Math.ceil(target) - 1]);
		}),
	);
});

test('random systems: power is the sum over nodes and links, latency the longest way, found by walking every path', () => {
	fc.assert(
		fc.property(randomLayers(fc.constant('Gaussian')), (json) => {
			const result = evaluated(json);
			const outputs = new Map([...json.detectors, ...json.processors].map((one) => [one.name, one.outputs]));
			const longest = (name: string): number =>
				Math.max(0, ...(outputs.get(name) ?? []).map((next) => 0.9e-6 + 1e-9 + longest(next)));
			const walk = Math.max(...json.detectors.map((one) => 1e-9 + longest(one.name)));
			expect(at(result, 'Sink').latencyS / walk).toBeCloseTo(1, 10);
			let power = 0;
			for (const one of result.nodes) {
				power += one.node.opEnergyJPerOp * one.messageBytes * one.inputRateHz;
				power += one.node.linkEnergyJPerBit * 8 * one.messageBytes * one.outputRateHz * (outputs.get(one.node.name)?.length ?? 0);
			}
			expect((result.operationPowerW + result.linkPowerW) / power).toBeCloseTo(1, 10);
		}),
		{ numRuns: 60 },
	);
});
