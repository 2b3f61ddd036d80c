import { parameterCount } from '@assay/models';
import { describe, expect, test } from 'vitest';
import { gradientBytes, linkLoad, stepSeconds } from './setting-time.ts';
import { layerTimes, type MachineRates } from './stage-times.ts';
import { jobFor } from './test-data.ts';
import type { Setting } from './training-job.ts';

const setting = (changes: Partial<Setting>): Setting => ({
	pipelineParallel: 1,
	tensorParallel: 1,
	dataParallel: 1,
	expertParallel: 1,
	microBatch: 1,
	virtualStages: 1,
	recompute: 'none',
	...changes,
});

/** One operation a second, memory and links for nothing but what a test asks about. */
const machine: MachineRates = {
	compute: {
		peakFlopsPerSecond: 1,
		efficiency: () => 1,
		memoryBytesPerSecond: Number.POSITIVE_INFINITY,
		kernelSeconds: 0,
	},
	intraNode: { hopSeconds: 0, bytesPerSecond: 100 },
	interNode: { hopSeconds: 0, bytesPerSecond: 1 },
	collectiveSeconds: 0,
};

describe('one layer of Llama 3 8B over 4096 tokens', () => {
	const job = jobFor('llama-3-8b', 8);
	// Queries and output 4096², keys and values a quarter of it each, three feed-forward matrices of 4096 x 14336.
	const products = 2 * 4096 * (2.5 * 4096 ** 2 + 3 * 4096 * 14336);
	// Scores, and scores with values: two products of 32 heads of 128 over half the square.
	const attention = 2 * 2 * 32 * 128 * 4096 * (4097 / 2);

	test('a fused attention takes two and a half times as long backward as forward, all else twice', () => {
		const { layer } = layerTimes(job, setting({}), machine, 1);
		expect(layer.forwardSeconds / (products + attention)).toBeCloseTo(1, 9);
		expect(layer.backwardSeconds / (2 * products + 2.5 * attention)).toBeCloseTo(1, 9);
		const { layer: full } = layerTimes(job, setting({ recompute: 'full' }), machine, 1);
		expect(full.backwardSeconds / (3 * products + 3.5 * attention)).toBeCloseTo(1, 9);
	});
});

describe('gradients', () => {
	test('on a single stage they are those of all parameters, the output matrix too', () => {
		const job = jobFor('llama-3-8b', 8);
		expect(gradientBytes(job, setting({}))).toBe(4 * parameterCount(job.model).total);
		// The last of two stages has the output matrix, the first the embedding.
		const half = gradientBytes(job, setting({ pipelineParallel: 2 }));
		expect(half / (2 * parameterCount(job.model).total)).toBeCloseTo(1, 3);
	});

	test('of experts go between the replicas that hold the same ones', () => {
		const job = jobFor('mixtral-8x7b', 64);
		const experts = 32 * 8 * 3 * 4096 * 14336;
		const shared = parameterCount(job.model).total - experts;
		const tiling = { rows: 4, columns: 1, stagesPerNode: 1, replicasPerNode: 8 };
		const load = (expertParallel: number) => linkLoad(job, setting({ dataParallel: 32, expertParallel }), tiling, machine);
		// Out in 4 bytes and back in 2, 3/4 of it over each link of a ring of four nodes.
		const ring = (bytesPerNodeLink: number): number => 6 * 0.75 * bytesPerNodeLink;
		expect(load(1).ringBytes / ring((shared + experts) / 8)).toBeCloseTo(1, 9);
		// Each device of a node holds an expert of its own: nothing to reduce inside the node.
		expect(load(8).ringBytes / ring(shared / 8 + experts / 8)).toBeCloseTo(1, 9);
		expect(load(8).dataParallelFixedSeconds / ((6 * 0.875 * shared) / 100)).toBeCloseTo(1, 9);
		expect(load(2).dataParallelFixedSeconds / ((6 * (0.875 * shared + 0.75 * (experts / 2))) / 100)).toBeCloseTo(1, 9);
	});

	test('with as many experts as replicas only the rest is exchanged, and each device updates its own', () => {
		const job = jobFor('mixtral-8x7b', 64);
		const experts = 32 * 8 * 3 * 4096 * 14336;
		const shared = parameterCount(job.model).total - experts;
		const chosen = setting({ dataParallel: 8, expertParallel: 8 });
		const across = linkLoad(job, chosen, { rows: 4, columns: 1, stagesPerNode: 1, replicasPerNode: 2 }, machine);
		expect(across.ringBytes / (6 * 0.75 * (shared / 2))).toBeCloseTo(1, 9);
		const slow = { ...machine, compute: { ...machine.compute, memoryBytesPerSecond: 1 } };
		expect(stepSeconds(job, chosen, slow) / (30 * (shared / 8 + experts / 8))).toBeCloseTo(1, 9);
	});
});
