import { resolveMachine } from '@assay/machines';
import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zayaTrainingOperations } from '../architecture/ledger.ts';
import { zaya1 } from '../architecture/zaya-config.ts';
import { deviceRates } from '../device/device-rates.ts';
import { clusterNetwork, flatRingBusBytesPerSecond, networkSeconds } from '../network/cluster-network.ts';
import { sizedTransformer, sizedZaya } from '../sizing/sized-model.ts';
import { daysAtShare, heldParameters, layoutProblem, type TrainingSetup, trainingPlan } from './training-plan.ts';

const cluster = resolveMachine('1024xmi300x');
const rates = deviceRates(cluster.device, 'bf16', { launchMicroseconds: 5 });
const lines = { lines: [{ latencySeconds: 59.73e-6, busBytesPerSecond: 318.1e9 }], from: 'published' };
const network = clusterNetwork(cluster, { node: 0.8, network: 0.96 }, { publishedLines: lines });
const setup: TrainingSetup = {
	tokens: 12e12,
	sequenceTokens: 4096,
	microBatch: 2,
	globalBatch: 4096,
	tensorParallel: 1,
	pipelineParallel: 1,
	expertParallel: 1,
	contextParallel: 1,
	shardOptimizer: true,
	recompute: 'none',
	overlap: 0.8,
	attentionShare: 0.5,
	memoryPasses: 24,
};
const costs = { devices: 1024, watts: 1024 * 1000, dollarsPerHour: 2048 };
const zaya = sizedZaya(zaya1);

test('12e12 tokens on 1,024 devices take 8.4, 5.6 and 4.2 days at 20, 30 and 40 % of the achievable rate', () => {
	const flops = zayaTrainingOperations(zaya1, 4096).total;
	const days = [0.2, 0.3, 0.4].map((share) => daysAtShare(12e12, flops, 1024, 708e12, share));
	expect(days.map((one) => Math.round(10 * one) / 10)).toEqual([8.4, 5.6, 4.2]);
	// The plan says the same where the share is given and nothing else takes time.
	const free = {
		...network,
		node: [{ latencySeconds: 0, busBytesPerSecond: 1e30 }],
		network: [{ latencySeconds: 0, busBytesPerSecond: 1e30 }],
	};
	const plan = trainingPlan(zaya, { ...setup, efficiency: 0.3 }, { ...rates, streamBytesPerSecond: 1e30 }, free, costs, 1);
	expect(plan.days).toBeCloseTo(days[1] ?? 0, 6);
	expect(plan.mfuOfAchievable).toBeCloseTo(0.3, 6);
	expect(trainingPlan(zaya, { ...setup, efficiency: 0.3 }, rates, free, costs, 0.5).days / plan.days).toBeCloseTo(2, 2);
});

test('optimizer traffic of a step over 1,024 ranks: 104 ms of gradients and 52 ms of parameters at 340 GB/s', () => {
	const flat = {
		...network,
		node: [{ latencySeconds: 0, busBytesPerSecond: 340e9 }],
		network: [{ latencySeconds: 0, busBytesPerSecond: 340e9 }],
		devicesPerNode: 1024,
	};
	expect(networkSeconds(flat, 'reduce-scatter', 4 * zaya.parameters.total, 1024)).toBeCloseTo(0.104, 3);
	expect(networkSeconds(flat, 'all-gather', 2 * zaya.parameters.total, 1024)).toBeCloseTo(0.052, 3);
	const plan = trainingPlan(zaya, setup, rates, network, costs, 1);
	expect(plan.memory.weightBytes / 1e9).toBeCloseTo(17.7, 1);
	expect(plan.memory.gradientBytes / 1e9).toBeCloseTo(35.4, 1);
	expect(plan.memory.optimizerBytes).toBeCloseTo((12 * 8_840_488_784) / 1024, 0);
});

test('two nodes reach the bus bandwidth of the closed form only when chunks overlap', () => {
	const two = clusterNetwork(
		resolveMachine('16xmi300x'),
		{ node: 0.8, network: 0.96 },
		{ publishedLines: { ...lines, lines: [{ latencySeconds: 0, busBytesPerSecond: 318e9 }] } },
	);
	const bus = (bytes: number) => (1.875 * bytes) / networkSeconds(two, 'all-reduce', bytes, 16) / 1e9;
	expect(bus(16 * 2 ** 30)).toBeGreaterThan(330);
	expect(bus(16 * 2 ** 30)).toBeLessThan(341);
	expect(flatRingBusBytesPerSecond(two)).toBe(318e9);
});

describe('properties of a plan', () => {
	const layout = fc
		.record({
			t: fc.constantFrom(1, 2, 4, 8),
			p: fc.constantFrom(1, 2, 4),
			e: fc.constantFrom(1, 2, 4, 8, 16),
			c: fc.constantFrom(1, 2),
			micro: fc.constantFrom(1, 2),
		})
		.map(
			({ t, p, e, c, micro }): TrainingSetup => ({
				...setup,
				tensorParallel: t,
				pipelineParallel: p,
				expertParallel: e,
				contextParallel: c,
				microBatch: micro,
			}),
		)
		.filter((one) => layoutProblem(zaya, one, 1024) === undefined);
	const faster = (by: number) => ({
		...network,
		node: network.node.map((line) => ({
			latencySeconds: line.latencySeconds / by,
			busBytesPerSecond: line.busBytesPerSecond * by,
		})),
		network: network.network.map((line) => ({
			latencySeconds: line.latencySeconds / by,
			busBytesPerSecond: line.busBytesPerSecond * by,
		})),
	});

	test('a faster network is never slower, and one that costs nothing leaves arithmetic, memory and bubbles', () => {
		fc.assert(
			fc.property(layout, fc.double({ min: 1, max: 10, noNaN: true }), (one, by) => {
				const plan = trainingPlan(zaya, one, rates, network, costs, 1);
				expect(trainingPlan(zaya, one, rates, faster(by), costs, 1).step.stepSeconds).toBeLessThanOrEqual(
					plan.step.stepSeconds * (1 + 1e-12),
				);
				const { step } = trainingPlan(zaya, one, rates, faster(1e15), costs, 1);
				const alone = step.computeSeconds + step.memoryPassSeconds;
				const bubble = alone * ((one.pipelineParallel - 1) / plan.microBatches);
				expect(step.stepSeconds / (alone + bubble + step.optimizerSeconds)).toBeCloseTo(1, 6);
			}),
		);
	});

	test('twice as fast in everything is twice as fast', () => {
		fc.assert(
			fc.property(layout, (one) => {
				const doubled = {
					...rates,
					achievableFlopsPerSecond: 2 * rates.achievableFlopsPerSecond,
					streamBytesPerSecond: 2 * rates.streamBytesPerSecond,
					launchSeconds: rates.launchSeconds / 2,
				};
				const slow = trainingPlan(zaya, one, rates, network, costs, 1).step.stepSeconds;
				expect(trainingPlan(zaya, one, doubled, faster(2), costs, 1).step.stepSeconds).toBeCloseTo(slow / 2, 12);
			}),
		);
	});

	test('what a device holds, times the devices of a copy, is the model', () => {
		for (const [t, p, e] of [
			[1, 1, 1],
			[4, 1, 8],
			[2, 1, 4],
		] as const) {
			const held = heldParameters(zaya, { ...setup, tensorParallel: t, pipelineParallel: p, expertParallel: e });
			expect(held.dense * t + held.experts * t * e).toBeCloseTo(zaya.parameters.total, 0);
		}
	});
});

test('a layout that cannot be is told why', () => {
	const problem = (change: Partial<TrainingSetup>) => layoutProblem(zaya, { ...setup, ...change }, 1024);
	expect(problem({})).toBeUndefined();
	expect(problem({ tensorParallel: 3 })).toMatch(/1024 devices are no multiple/);
	expect(problem({ globalBatch: 1000 })).toMatch(/global batch of 1000/);
	expect(problem({ expertParallel: 3 })).toMatch(/16 experts/);
	expect(layoutProblem(sizedTransformer(resolveModel('llama-2-7b')), { ...setup, expertParallel: 2 }, 1024)).toMatch(
		/no experts/,
	);
});
