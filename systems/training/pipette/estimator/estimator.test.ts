import { createContext, createRandom, InputError, memoryFile } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gptModel } from '../claims/predict-published.ts';
import { clusterRates } from '../cluster-rates.ts';
import { pause } from '../test-data.ts';
import type { TrainingJob } from '../training-job.ts';
import { profilingPlan } from './learn.ts';
import { trainEstimator } from './learned-estimator.ts';
import { trainPerceptron } from './perceptron.ts';
import { modelledRow, plainSettings, publishedFeatures, readProfile } from './profile-rows.ts';

describe('the perceptron', () => {
	const options = { hidden: [16, 8], epochs: 200, batch: 16, learningRate: 0.01 };

	test('learns a plane, and a bend in it', async () => {
		const random = createRandom(3);
		const rows = Array.from({ length: 200 }, () => [random.uniform() * 10, random.uniform() * 4 - 2]);
		const target = ([x, y]: readonly number[]): number => 3 * (x as number) - 20 * Math.abs(y as number) + 5;
		const network = await trainPerceptron(rows, rows.map(target), options, createRandom(1), pause);
		for (const row of [
			[5, 1],
			[2, -1.5],
			[8, 0.2],
		]) {
			expect(Math.abs(network.predict(row) - target(row))).toBeLessThan(3);
		}
	});

	test('same seed, same network', async () => {
		const rows = [[1], [2], [3], [4]];
		const train = () => trainPerceptron(rows, [2, 4, 6, 8], { ...options, epochs: 20 }, createRandom(9), pause);
		expect(JSON.stringify(await train())).toBe(JSON.stringify(await train()));
	});

	test('a column that never changes is no harm; no rows are', async () => {
		const network = await trainPerceptron(
			[
				[1, 7],
				[2, 7],
			],
			[1, 2],
			{ ...options, epochs: 50 },
			createRandom(2),
			pause,
		);
		expect(Number.isFinite(network.predict([1.5, 7]))).toBe(true);
		await expect(trainPerceptron([], [], options, createRandom(2), pause)).rejects.toThrow(RangeError);
	});

	test('its gradient is that of the squared error: one small step lowers it', async () => {
		const rows = [
			[0.5, 1],
			[2, -1],
			[-1, 0.3],
			[1, 1],
		];
		const targets = [1, -2, 0.5, 2];
		const error = async (epochs: number): Promise<number> => {
			const network = await trainPerceptron(
				rows,
				targets,
				{ hidden: [8], epochs, batch: 4, learningRate: 0.001 },
				createRandom(4),
				pause,
			);
			return rows.reduce((sum, row, i) => sum + (network.predict(row) - (targets[i] as number)) ** 2, 0);
		};
		const errors = [await error(0), await error(20), await error(200)] as const;
		expect(errors[1]).toBeLessThan(errors[0]);
		expect(errors[2]).toBeLessThan(errors[1]);
	});
});

test.for([false, true])(
	'trained on up to 4 nodes, memory on 16 nodes is within a tenth in the mean; sharded optimizer: %s',
	async (shardedOptimizer) => {
		const cluster = resolveMachine('16xdgx-a100');
		const job: TrainingJob = {
			model: gptModel('gpt', { layers: 64, hidden: 3072, heads: 24, vocabulary: 50304, sequenceTokens: 1024 }),
			globalBatch: 128,
			sequenceTokens: 1024,
			precision: 'fp16',
			kernels: 'fused',
			dropout: true,
			sequenceParallel: false,
			shardedOptimizer,
		};
		const machine = clusterRates(cluster, job.precision);
		const rows = profilingPlan(job, cluster, machine, createContext({ seed: 1 }));
		expect(Math.max(...rows.map((row) => row.devices))).toBe(32);
		const estimator = await trainEstimator(
			rows,
			'memoryBytes',
			{ epochs: 60, networks: 2, features: 'per device' },
			createRandom(2),
			pause,
		);
		const exact = plainSettings(job, 128, 8).flatMap((setting) => modelledRow(job, setting, machine, 8) ?? []);
		const fitting = exact.filter((row) => row.memoryBytes < 80e9);
		expect(fitting.length).toBeGreaterThan(50);
		let error = 0;
		for (const row of fitting) error += Math.abs(estimator.estimate(row).value / row.memoryBytes - 1) / fitting.length;
		expect(error).toBeLessThan(0.1);
	},
);

describe('profiling rows', () => {
	const header = 'gpus,layers,hidden,heads,tp,pp,micro_batch,global_batch,memory_mb,forward_ms,backward_ms';

	test('are read in any order of columns', async () => {
		const columns = header.split(',').reverse();
		const values: Record<string, string> = Object.fromEntries(header.split(',').map((name, i) => [name, String(i + 1)]));
		const text = `${columns.join(',')}\n${columns.map((name) => values[name]).join(',')}\n`;
		const [row] = await readProfile(memoryFile('p.csv', text));
		expect(row).toEqual({
			devices: 1,
			layers: 2,
			hidden: 3,
			heads: 4,
			tensorParallel: 5,
			pipelineParallel: 6,
			microBatch: 7,
			globalBatch: 8,
			memoryBytes: 9e6,
			forwardSeconds: 0.01,
			backwardSeconds: 0.011,
		});
	});

	test('mistakes name line and column', async () => {
		await expect(readProfile(memoryFile('p.csv', header.replace('memory_mb', 'memory')))).rejects.toThrow(/memory_mb/);
		await expect(readProfile(memoryFile('p.csv', `${header}\n1,2,3,4,5,6,7,8,9,x,11`))).rejects.toThrow(/line 2.*forward_ms/);
		await expect(readProfile(memoryFile('p.csv', header))).rejects.toThrow(InputError);
	});

	test('any bytes end in rows or an InputError', async () => {
		await fc.assert(
			fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary' }), async (text) => {
				try {
					await readProfile(memoryFile('p.csv', `${header}\n${text}`));
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 100 },
		);
	});

	test('the published eleven features', () => {
		const shape = {
			devices: 64,
			layers: 64,
			hidden: 3072,
			heads: 24,
			tensorParallel: 8,
			pipelineParallel: 2,
			microBatch: 4,
			globalBatch: 128,
		};
		expect(publishedFeatures(shape)).toEqual([64, 64, 3072, 24, 8, 2, 4, 32, 4, 128, 32]);
	});
});
