import { EYERISS_RELATIVE_ENERGY } from '@assay/machines';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Convolution, isDepthwise } from '../convolution.ts';
import { evaluateNetwork } from '../evaluate-layer.ts';
import { eyerissLike, mobileNetV1 } from '../test-data.ts';
import { possibleWidths, widenGroups } from '../transform/widen-groups.ts';
import { chooseWidths } from './choose-widths.ts';
import { rememberingEvaluate, tradeOffs, variantFor, variantOf } from './trade-offs.ts';

const layers = mobileNetV1();
const hardware = eyerissLike(64);
const evaluate = rememberingEvaluate(hardware);
const before = evaluateNetwork(layers, hardware);
const depthwiseWidths = (widths: readonly number[]): number[] =>
	widths.filter((_, index) => isDepthwise(layers[index] as Convolution));

test.for([
	[0.16, [2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 8, 8], 604.5, -43.1, 0.5651],
	[0.2, [2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8], 635.2, -49.1, 0.711],
] as const)('at a wanted utilisation of %f', ([atLeast, widths, megaMacs, latencyChange, utilisation]) => {
	const variant = variantFor(layers, hardware, { kind: 'utilisation', atLeast }, evaluate);
	expect(depthwiseWidths(variant?.widths ?? [])).toEqual(widths);
	expect((variant?.evaluation.macs ?? 0) / 1e6).toBeCloseTo(megaMacs, 1);
	expect(100 * ((variant?.evaluation.arrayCycles ?? 0) / before.arrayCycles - 1)).toBeCloseTo(latencyChange, 1);
	expect(variant?.evaluation.meanUtilisation).toBeCloseTo(utilisation, 4);
});

test('on 64 x 64 some variant is 42.6 % faster with 41.8 % more utilisation at 1.15 times the work; on 16 x 16 widening everything is slower', () => {
	const found = tradeOffs(layers, hardware, evaluate).filter(
		({ variant: { evaluation } }) =>
			evaluation.cycles <= before.cycles * (1 - 0.426) &&
			evaluation.meanUtilisation >= before.meanUtilisation * 1.418 &&
			evaluation.macs <= 1.15 * before.macs,
	);
	expect(found.length).toBeGreaterThan(0);
	const small = eyerissLike(16);
	const four = layers.map((layer) => widenGroups(layer, isDepthwise(layer) ? 4 : 1));
	expect(evaluateNetwork(four, small).cycles).toBeGreaterThan(evaluateNetwork(layers, small).cycles);
});

test('the widths of fewest cycles are those of every layer tried alone, made to grow with depth', () => {
	const widths = depthwiseWidths(chooseWidths(layers, { kind: 'latency' }, evaluate));
	expect(widths).toEqual([...widths].sort((a, b) => a - b));
	let before1 = 1;
	for (const [index, layer] of layers.filter(isDepthwise).entries()) {
		const cycles = possibleWidths(layer).map((width) => evaluate(widenGroups(layer, width)).cycles);
		const alone = possibleWidths(layer)[cycles.indexOf(Math.min(...cycles))] as number;
		before1 = Math.max(before1, alone);
		expect(widths[index]).toBe(before1);
	}
});

test('a variant evaluated with what is remembered is the one evaluated anew', () => {
	for (const { variant } of tradeOffs(layers, hardware, evaluate))
		expect(variant.evaluation).toEqual(evaluateNetwork(variant.layers, hardware));
});

test('a budget is kept, by narrower layers', () => {
	fc.assert(
		fc.property(fc.double({ min: 0.3, max: 1.2, noNaN: true }), (share) => {
			const budget = { macs: share * before.macs, weights: Number.POSITIVE_INFINITY };
			const variant = variantFor(layers, hardware, { kind: 'uniform', width: 4 }, evaluate, budget);
			expect(variant?.evaluation.macs).toBeLessThanOrEqual(budget.macs);
			// No more than a step of the bisection and of eight channels is left unused.
			expect(variant?.evaluation.macs).toBeGreaterThan(0.85 * Math.min(budget.macs, before.macs));
		}),
		{ numRuns: 20 },
	);
	expect(variantFor(layers, hardware, { kind: 'latency' }, evaluate, { macs: 1, weights: 1 })).toBeUndefined();
});

test('energy is the sum of its levels; no variant on the front is beaten', () => {
	const { layers: evaluated, energy } = variantOf(
		layers,
		layers.map(() => 1),
		hardware,
		evaluate,
	).evaluation;
	const levels = Object.keys(EYERISS_RELATIVE_ENERGY) as (keyof typeof EYERISS_RELATIVE_ENERGY)[];
	const total = evaluated.reduce((sum, one) => sum + levels.reduce((part, level) => part + one.energyByLevel[level], 0), 0);
	expect(energy / total).toBeCloseTo(1, 12);
	const all = tradeOffs(layers, hardware, evaluate);
	for (const { variant, isOnFront } of all) {
		const beaten = all.some(
			({ variant: other }) =>
				other.evaluation.cycles < variant.evaluation.cycles &&
				other.evaluation.macs < variant.evaluation.macs &&
				other.evaluation.meanUtilisation > variant.evaluation.meanUtilisation,
		);
		if (isOnFront) expect(beaten).toBe(false);
	}
});
