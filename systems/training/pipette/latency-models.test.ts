import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	ampMilliseconds,
	boundaryGigabytes,
	type CompatSetting,
	compatDegrees,
	compatPlacementCost,
	gradientGigabytes,
	interleavedMilliseconds,
	interleavedSplitMilliseconds,
	pipetteMilliseconds,
	placedMilliseconds,
	splitDataParallelMilliseconds,
	splitMilliseconds,
} from './latency-models.ts';

/** The published script's example: 8 nodes of 8 A100, fp32. f and w are chosen here; the script's come from its networks. */
const example: CompatSetting = {
	layers: 64,
	hidden: 3072,
	sequenceTokens: 1024,
	vocabulary: 50256,
	globalBatch: 128,
	microBatch: 4,
	pipelineParallel: 2,
	tensorParallel: 8,
	devices: 64,
	devicesPerNode: 8,
	elementBytes: 4,
	weightsPerLayer: 16,
	forwardMilliseconds: 100,
	backwardMilliseconds: 210,
	bandwidths: { pipeline: 25, inside: 600, outside: 25 },
};
const even = new Float64Array(64).fill(25).map((value, k) => (k % 9 === 0 ? 600 : value));
const nodes = Array.from({ length: 8 }, (_, node) => node);

describe('the published code’s worked example', () => {
	test('message sizes', () => {
		expect(boundaryGigabytes(example)).toBeCloseTo(0.050331648, 12);
		expect(gradientGigabytes(example)).toBeCloseTo(2.49311232, 10);
		expect(compatDegrees(example)).toEqual({ dataParallel: 4, microBatches: 8, replicasInside: 1, replicasOutside: 4 });
	});

	test('models 1, 3 and 6, worked out by hand', () => {
		// 7·300 + 2·300, 2·0.050331648/25 s, 2·(3/4)·2.49311232/25 s.
		expect(ampMilliseconds(example)).toBeCloseTo(2700 + 4.02653184 + 149.5867392, 6);
		// One replica inside a node, so the split costs the same.
		expect(splitMilliseconds(example)).toBeCloseTo(2853.61327104, 6);
		// Four rounds of 4.02653184 + 2·310, one more 310, the exchange.
		const cost = compatPlacementCost(example, nodes, even);
		expect(pipetteMilliseconds(example, cost)).toBeCloseTo(4 * 624.02653184 + 310 + 149.5867392, 6);
		expect(interleavedMilliseconds(example)).toBeCloseTo(2955.69286656, 6);
		expect(interleavedSplitMilliseconds(example)).toBeCloseTo(2955.69286656, 6);
		expect(placedMilliseconds(example, cost)).toBeCloseTo(2853.61327104, 6);
	});

	test('a split exchange with four replicas in each node', () => {
		const setting = { ...example, tensorParallel: 2 };
		// dp 16 = 4 inside x 4 outside; M_dp is four times as large.
		const gigabytes = 4 * 2.49311232;
		const inside = (2 * 2 * 0.75 * gigabytes * 1000) / 600;
		const outside = (2 * 0.75 * gigabytes * 1000) / 25;
		expect(splitDataParallelMilliseconds(setting)).toBeCloseTo(inside + outside, 8);
		const cost = compatPlacementCost(setting, nodes, even);
		expect(cost.insideMilliseconds).toBeCloseTo(inside / 2, 8);
		expect(cost.outsideMilliseconds).toBeCloseTo(outside, 8);
	});

	test('BERT’s 12 weights a layer, and 16-bit elements', () => {
		const setting: CompatSetting = { ...example, weightsPerLayer: 12, elementBytes: 2 };
		expect(gradientGigabytes(setting)).toBeCloseTo(((3072 * 50256 + 32 * 12 * 3072 ** 2) / 8) * 2e-9, 12);
	});
});

test('a slow link costs where it is used: between stages, or between the first stage’s replicas', () => {
	const slow = (from: number, to: number) => even.map((value, k) => (k === from * 8 + to ? 5 : value));
	const base = compatPlacementCost(example, nodes, even);
	const hop = compatPlacementCost(example, nodes, slow(2, 3));
	expect(hop.pipelineMilliseconds).toBeCloseTo(5 * base.pipelineMilliseconds, 8);
	expect(hop.outsideMilliseconds).toBe(base.outsideMilliseconds);
	const ring = compatPlacementCost(example, nodes, slow(6, 0));
	expect(ring.outsideMilliseconds).toBeCloseTo(5 * base.outsideMilliseconds, 8);
	expect(ring.pipelineMilliseconds).toBe(base.pipelineMilliseconds);
	// The second stage's ring is not looked at.
	expect(compatPlacementCost(example, nodes, slow(1, 3))).toEqual(base);
});

test('with fewer micro-batches than stages there is one round; rounds that are not full are dropped', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 16 }), (microBatches) => {
			const setting = { ...example, pipelineParallel: 8, tensorParallel: 8, microBatch: 1, globalBatch: microBatches };
			const { microBatches: m } = compatDegrees(setting);
			const both = 310;
			const expected = m >= 8 ? Math.floor(m / 8) * 8 * both + 7 * both : (8 + m - 1) * both;
			const without = { pipelineMilliseconds: 0, insideMilliseconds: 0, outsideMilliseconds: 0 };
			expect(pipetteMilliseconds(setting, without)).toBeCloseTo(expected, 6);
		}),
	);
});
