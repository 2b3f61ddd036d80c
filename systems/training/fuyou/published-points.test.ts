import { calibrationError } from '@assay/contract';
import { expect, test } from 'vitest';
import { batchSweep, driveSweep, publishedModels, publishedPoints } from './published-points.ts';
import { predictTeraflops, publishedPlan, publishedWorkload } from './published-runs.ts';
import { publishedServer, type Resources } from './resources.ts';
import { dataMissing, dataRows } from './test-data.ts';

const teraflopsOf = (points: typeof publishedPoints): number[] => points.map(({ teraflops }) => teraflops);

test('one set of constants gives 22 published throughputs with a mean error of at most 6 % and a worst of at most 13 %', () => {
	const error = calibrationError(predictTeraflops(), teraflopsOf(publishedPoints));
	expect(error.points).toBe(22);
	expect(error.mean).toBeLessThanOrEqual(0.06);
	expect(error.worst).toBeLessThanOrEqual(0.13);
	const [at64] = predictTeraflops([{ model: '13b', drives: 12, batch: 64 }]);
	expect(at64).toBeGreaterThan(148);
	expect(at64).toBeLessThan(160);
});

test('175B runs out of GPU memory at a batch of 32, as published, and every measured setting fits', () => {
	expect(publishedPlan('fuyou', '175b', 32).fit).toMatchObject({ fits: false, binding: 'GPU memory' });
	for (const { model, batch, drives } of publishedPoints)
		expect(publishedPlan('fuyou', model, batch, { ...publishedServer, drives }).fit.fits).toBe(true);
});

/**
 * GPU, link, one cap on the array for both directions, and memory for activations, fitted to the five points of the batch sweep by
 * coordinate search on the squared logarithmic errors; the drive's own rates are the data sheet's.
 */
function fitOnBatchSweep(): Resources {
	const server = (logs: readonly number[]): Resources => {
		const [gpu, link, array, memory] = logs.map(Math.exp) as [number, number, number, number];
		return {
			...publishedServer,
			driveReadBytesPerSecond: 7.0e9,
			driveWriteBytesPerSecond: 4.1e9,
			gpuFlopsPerSecond: gpu,
			linkBytesPerSecond: link,
			arrayReadBytesPerSecond: array,
			arrayWriteBytesPerSecond: array,
			hostActivationBytes: memory,
		};
	};
	const loss = (logs: readonly number[]): number =>
		predictTeraflops(batchSweep, server(logs)).reduce(
			(sum, ours, i) => sum + Math.log(ours / (batchSweep[i]?.teraflops ?? 1)) ** 2,
			0,
		);
	let best = [150e12, 20e9, 20e9, 100e9].map(Math.log);
	let least = loss(best);
	for (let step = 0.4; step > 1e-4; ) {
		let improved = false;
		for (let i = 0; i < best.length; i++) {
			for (const direction of [-step, step]) {
				const tried = best.map((value, j) => (j === i ? value + direction : value));
				const found = loss(tried);
				if (found >= least) continue;
				[best, least, improved] = [tried, found, true];
			}
		}
		if (!improved) step /= 2;
	}
	return server(best);
}

test('constants fitted to the five points of the batch sweep and the drive’s data sheet predict the drive sweep within 15 %', () => {
	const error = calibrationError(predictTeraflops(driveSweep, fitOnBatchSweep()), teraflopsOf(driveSweep));
	expect(error.points).toBe(15);
	expect(error.worst).toBeLessThanOrEqual(0.15);
});

test('ZeRO-Infinity on the same constants: throughput, ratio, and no room for 175B with 256 GB', () => {
	const infinity = (batch: number) => publishedPlan('zero-infinity', '13b', batch).choice.time.modelFlopsPerSecond / 1e12;
	const derived = [30, 48, 60, 69];
	for (const [i, batch] of [8, 16, 24, 32].entries()) expect(infinity(batch) / (derived[i] ?? 1)).toBeCloseTo(1, 1);
	expect(infinity(16)).toBeGreaterThan(40);
	expect(infinity(16)).toBeLessThan(56);
	expect(infinity(32)).toBeGreaterThan(60);
	expect(infinity(32)).toBeLessThan(78);
	const best = Math.max(...predictTeraflops(batchSweep));
	expect(best / infinity(32)).toBeGreaterThan(2.0);
	expect(best / infinity(32)).toBeLessThan(2.6);
	for (const gigabytes of [128, 256]) {
		const plan = publishedPlan('zero-infinity', '175b', 16, { ...publishedServer, hostMemoryBytes: gigabytes * 1e9 });
		expect(plan.fit).toMatchObject({ fits: false, binding: 'host memory' });
	}
});

test('a G10-like policy moves what was measured of it: 213 GB of activations and 182 GB each way for the optimizer', () => {
	const { choice, workload } = publishedPlan('g10', '13b', 32);
	expect(choice.kept.bytes / 213e9).toBeCloseTo(1, 1);
	expect((14 * workload.parameters) / 182e9).toBeCloseTo(1, 1);
});

test('work of a GPT is the published closed form: 24 b s h^2 l + 4 b s^2 h l, and 12 l h^2 parameters', () => {
	for (const [model, layers, width] of [
		['13b', 40, 5120],
		['175b', 96, 12288],
	] as const) {
		const workload = publishedWorkload(model, 8);
		const tokens = 8 * 1024;
		expect(workload.layerForwardFlops).toBe(24 * tokens * width ** 2 * layers + 4 * tokens * 1024 * width * layers);
		expect(workload.forwardFlops - workload.layerForwardFlops).toBe(2 * tokens * 50257 * width);
		// Biases, norms and positions are what is left.
		expect(workload.parameters / (12 * layers * width ** 2 + 50257 * width)).toBeLessThan(1.001);
		const unit = 2 * tokens * width;
		expect(workload.checkpointBytes).toBe(2 * layers * unit);
		expect(workload.allActivationBytes).toBe(11 * layers * unit);
		expect(workload.items.map(({ name, bytes }) => [name, bytes / unit])).toEqual([
			['mlp-down', 1],
			['attention-out', 1],
			['qkv', 3],
			['mlp-up', 4],
		]);
		expect(workload.workingSetBytes).toBe(31 * tokens * width);
	}
});

test.skipIf(dataMissing !== undefined)(
	`the embedded points are those of the published file${dataMissing === undefined ? '' : `: ${dataMissing}`}`,
	async () => {
		const rows = await dataRows('lohan_single_gpu.csv');
		const measured = rows.filter((row) => row.get('tflops') !== 'OOM');
		expect(
			measured.map((row) => ({
				model: row.get('params_B') === '13' ? '13b' : '175b',
				drives: Number(row.get('n_ssd')),
				batch: Number(row.get('batch')),
				teraflops: Number(row.get('tflops')),
			})),
		).toEqual(publishedPoints);
		for (const row of rows) {
			const model = publishedModels[row.get('params_B') === '13' ? '13b' : '175b'];
			expect([model.layers, model.hidden]).toEqual([Number(row.get('layers')), Number(row.get('hidden'))]);
		}
	},
);
