import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Classifier, type Decision, gaussianClassifier, sampledClassifier } from './classifier.ts';
import { createCurve } from './interpolation.ts';
import { sampleScores } from './scores.ts';
import { fitPath, fitTrigger, meanEfficiency, type Trigger } from './trigger.ts';

const decided = (classifier: Classifier, irrelevant: number, relevant: number, reduction: number): Decision => {
	const decision = classifier.decide(irrelevant, relevant, reduction);
	if ('smallestRatio' in decision) throw new Error(`infeasible below ${decision.smallestRatio}`);
	return decision;
};

const sorted = (values: number[]) => Float64Array.from(values).sort();

test('Gaussian: without skill the threshold is the normal quantile, and both kinds are treated alike', () => {
	const decision = decided(gaussianClassifier(0, 1, 'exact'), 900, 100, 0.975);
	expect(decision.threshold).toBeCloseTo(1.959963984540054, 12);
	expect(decision.rejectedIrrelevant).toBeCloseTo(0.975, 14);
	expect(decision.rejectedRelevant).toBeCloseTo(0.975, 14);
});

test('Gaussian: the mixture is rejected by exactly the target, and the published search agrees to its tolerance', () => {
	fc.assert(
		fc.property(
			fc.double({ min: 0, max: 6, noNaN: true }),
			fc.double({ min: 0.2, max: 3, noNaN: true }),
			fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
			fc.double({ min: 0.6, max: 0.9999, noNaN: true }),
			(skill, deviation, relevant, reduction) => {
				const irrelevant = 1e6;
				const exact = decided(gaussianClassifier(skill, deviation, 'exact'), irrelevant, relevant, reduction);
				const rejected = irrelevant * exact.rejectedIrrelevant + relevant * exact.rejectedRelevant;
				expect(rejected / (irrelevant + relevant)).toBeCloseTo(reduction, 12);
				const published = decided(gaussianClassifier(skill, deviation, 'published'), irrelevant, relevant, reduction);
				expect(published.threshold).toBeCloseTo(exact.threshold ?? Number.NaN, 3);
			},
		),
	);
});

test('sampled: the threshold is the smallest score that rejects the target, by brute force over all scores', () => {
	const scores = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 30 });
	fc.assert(
		fc.property(
			scores,
			scores,
			fc.integer({ min: 0, max: 6 }),
			fc.integer({ min: 1, max: 1000 }),
			fc.integer({ min: 1, max: 1000 }),
			fc.double({ min: 0.01, max: 0.999, noNaN: true }),
			(low, high, boost, irrelevant, relevant, reduction) => {
				const decision = sampledClassifier({ irrelevant: sorted(low), relevant: sorted(high) }, boost, 'exact').decide(
					irrelevant,
					relevant,
					reduction,
				);
				const events = [
					...low.map((score) => ({ score, weight: irrelevant / low.length })),
					...high.map((score) => ({ score: score + boost, weight: relevant / high.length })),
				];
				const upTo = (score: number) => events.reduce((sum, event) => (event.score <= score ? sum + event.weight : sum), 0);
				const all = [...new Set(events.map((event) => event.score))].sort((a, b) => a - b);
				const target = reduction * (irrelevant + relevant);
				const threshold = all.find((score) => upTo(score) >= target - 1e-9) ?? Number.NaN;
				if ('smallestRatio' in decision) {
					expect(threshold).toBe(all[0]);
					expect(1 - 1 / decision.smallestRatio).toBeGreaterThanOrEqual(reduction - 1e-9);
					return;
				}
				expect(decision.threshold).toBe(threshold);
				const rejected = irrelevant * decision.rejectedIrrelevant + relevant * decision.rejectedRelevant;
				expect(rejected).toBeCloseTo(target, 8);
			},
		),
		{ numRuns: 300 },
	);
});

test('a target inside the lowest score is infeasible and says which ratio is not', () => {
	const scores = { irrelevant: sorted([0, 0, 0, 1]), relevant: sorted([0, 1, 1, 1]) };
	expect(sampledClassifier(scores, 0, 'exact').decide(100, 100, 0.4)).toEqual({ smallestRatio: 2 });
});

test('ratio 1 keeps everything', () => {
	const scores = { irrelevant: sorted([0, 1]), relevant: sorted([0, 1]) };
	for (const mode of ['exact', 'published'] as const) {
		expect(sampledClassifier(scores, 0, mode).decide(5, 5, 0)).toEqual({
			rejectedIrrelevant: 0,
			rejectedRelevant: 0,
			threshold: null,
		});
		expect(gaussianClassifier(1, 1, mode).decide(5, 5, 0)).toEqual({
			rejectedIrrelevant: 0,
			rejectedRelevant: 0,
			threshold: null,
		});
	}
});

test('normal scores, sampled, give what the Gaussian classifier gives in closed form', () => {
	const random = createRandom(5);
	const count = 200_000;
	const low = Float64Array.from({ length: count }, () => random.normal()).sort();
	const high = Float64Array.from({ length: count }, () => 2 + random.normal()).sort();
	const sampled = decided(sampledClassifier({ irrelevant: low, relevant: high }, 0, 'exact'), 9900, 100, 0.98);
	const exact = decided(gaussianClassifier(2, 1, 'exact'), 9900, 100, 0.98);
	// Four standard deviations of a share among 200,000.
	expect(Math.abs(sampled.rejectedRelevant - exact.rejectedRelevant)).toBeLessThan(0.01);
	expect(Math.abs(sampled.rejectedIrrelevant - exact.rejectedIrrelevant)).toBeLessThan(0.0005);
});

test('a step curve sees an exponential as its tail', () => {
	const curve = createCurve({ energiesGeV: [10, 10.000001, 50], efficiencies: [0, 1, 1] }, 'linear', 'step');
	expect(meanEfficiency(curve, 0.05, 0, 50)).toBeCloseTo(Math.exp(-0.5) - Math.exp(-2.5), 6);
	const fit = fitPath({
		name: 'step',
		points: { energiesGeV: [10, 10.000001, 1000], efficiencies: [0, 1, 1] },
		interpolation: 'linear',
		outside: 'step',
		firingRate: Math.exp(-0.3),
		rateBounds: [0.001, 0.4],
		widening: 1,
	});
	expect(fit.ratePerGeV).toBeCloseTo(0.03, 4);
	expect(fit.percentile).toBeCloseTo(1 - Math.exp(-10.0000005 * fit.ratePerGeV), 6);
});

test('sampled scores follow the closed form of a step curve, and any seed gives the same numbers twice', async () => {
	const trigger: Trigger = {
		name: 'ramp',
		paths: [
			{
				name: 'ramp',
				points: { energiesGeV: [0, 100], efficiencies: [0, 1] },
				interpolation: 'linear',
				outside: 'step',
				firingRate: 0.2,
				thresholdGeV: 30,
				rateBounds: [0.001, 0.4],
				widening: 1,
			},
		],
		events: { kind: 'one-path', weights: [1], relevant: 'above-threshold' },
	};
	const fitted = fitTrigger(trigger);
	const rate = fitted.paths[0]?.ratePerGeV ?? Number.NaN;
	const sample = () => sampleScores(fitted, 300_000, createRandom(3), async () => undefined);
	const scores = await sample();
	expect(await sample()).toEqual(scores);
	expect([...scores.relevant].every((score, index, all) => index === 0 || score >= (all[index - 1] ?? 0))).toBe(true);
	// Irrelevant energies are the exponential below 30 GeV, relevant ones those above.
	const below = scores.irrelevant.filter((score) => score <= 0.1).length / 300_000;
	expect(below).toBeCloseTo((1 - Math.exp(-rate * 10)) / (1 - Math.exp(-rate * 30)), 2);
	const above = scores.relevant.filter((score) => score > 0.5).length / 300_000;
	expect(above).toBeCloseTo(Math.exp(-rate * 20), 2);
});
