import { InputError } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import { resolveModel } from '@assay/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zaya1 } from '../architecture/zaya-config.ts';
import { type DeviceRates, deviceRates } from '../device/device-rates.ts';
import { pause } from '../test-data.ts';
import { readGemmLog } from './gemm-log.ts';
import { productSeconds, productTimes } from './product-times.ts';
import { checkRules } from './rules.ts';
import { sizedTransformer, sizedZaya } from './sized-model.ts';
import { bestWaveFill, waveFill } from './wave-efficiency.ts';
import { searchWidths } from './width-search.ts';

const mi300x: DeviceRates = deviceRates(resolveMachine('mi300x').device, 'bf16', { launchMicroseconds: 0 });

describe('wave efficiency', () => {
	test.each([
		[4096, 4864, 304, [256, 256], 304, 1],
		[4096, 3648, 304, [256, 192], 304, 1],
		[4096, 3648, 304, [256, 256], 240, 0.75],
		[4096, 4096, 304, [256, 256], 256, 0.842],
		[16384, 4096, 304, [128, 128], 4096, 0.962],
		[12 * 256, 11 * 256, 132, [256, 256], 132, 1],
	] as const)('%s x %s on %s units in tiles of %s', (m, n, units, tile, tiles, efficiency) => {
		const fill = waveFill(m, n, units, tile);
		expect(fill.tiles).toBe(tiles);
		expect(fill.efficiency).toBeCloseTo(efficiency, 3);
	});

	test('the best tile is at least as good as each, and no product is more than full', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 20_000 }),
				fc.integer({ min: 1, max: 20_000 }),
				fc.integer({ min: 1, max: 400 }),
				(m, n, units) => {
					const best = bestWaveFill(m, n, units).efficiency;
					expect(best).toBeGreaterThanOrEqual(waveFill(m, n, units, [128, 128]).efficiency);
					expect(best).toBeLessThanOrEqual(1);
				},
			),
		);
	});

	test('powers of two do not fill 304 units with any tile', () =>
		expect(bestWaveFill(4096, 4096, 304).efficiency).toBeCloseTo(0.842, 3));
});

test('the product that AMD timed takes the time that was printed', () => {
	const { seconds } = productSeconds(4096, 4864, 32896, 1, { ...mi300x, launchSeconds: 0 });
	expect(seconds * 1e6).toBeGreaterThan(1848.09 * 0.99);
	expect(seconds * 1e6).toBeLessThan(1848.09 * 1.01);
});

describe('times', () => {
	const shape = fc.record({
		m: fc.integer({ min: 1, max: 9000 }),
		n: fc.integer({ min: 1, max: 9000 }),
		k: fc.integer({ min: 1, max: 9000 }),
	});

	test('twice as fast in everything is twice as fast; more bandwidth is never slower', () => {
		fc.assert(
			fc.property(shape, ({ m, n, k }) => {
				const base = { ...mi300x, launchSeconds: 4e-6 };
				const doubled = {
					...base,
					achievableFlopsPerSecond: 2 * base.achievableFlopsPerSecond,
					streamBytesPerSecond: 2 * base.streamBytesPerSecond,
					launchSeconds: base.launchSeconds / 2,
				};
				const { seconds } = productSeconds(m, n, k, 1, base);
				expect(productSeconds(m, n, k, 1, doubled).seconds).toBeCloseTo(seconds / 2, 15);
				expect(
					productSeconds(m, n, k, 1, { ...base, streamBytesPerSecond: 1.5 * base.streamBytesPerSecond }).seconds,
				).toBeLessThanOrEqual(seconds);
			}),
		);
	});

	test('forward and backward products of a dense model do the operations that its parameters give', () => {
		const model = sizedTransformer(resolveModel('llama-2-7b'));
		const batch = { tokens: 4096, sequenceTokens: 4096, tensorParallel: 1, expertParallel: 1 };
		const flops = productTimes(model, batch, mi300x).reduce((sum, { totalFlops }) => sum + totalFlops, 0);
		const attention = 3 * model.attentionFlopsPerPair * 4096 * (4097 / 2);
		expect((flops + attention) / 4096 / model.trainingFlopsPerToken(4096)).toBeCloseTo(1, 6);
		const halves = productTimes(model, { ...batch, tensorParallel: 2 }, mi300x).reduce(
			(sum, { totalFlops }) => sum + totalFlops,
			0,
		);
		expect(halves / flops).toBeCloseTo(0.5, 6);
	});

	test('a ZAYA model’s products do the operations of its active parameters, apart from norms and scales', () => {
		const model = sizedZaya(zaya1);
		const batch = { tokens: 8192, sequenceTokens: 4096, tensorParallel: 1, expertParallel: 1 };
		const flops = productTimes(model, batch, mi300x).reduce((sum, { totalFlops }) => sum + totalFlops, 0) / 8192;
		const expected = 6 * 753_608_528 + 6 * 262_272 * 2048;
		expect(flops / expected).toBeCloseTo(1, 2);
	});
});

test('rules warn with numbers', () => {
	const model = sizedZaya({ ...zaya1, headDim: 96, vocabulary: 262_273 });
	const results = checkRules(model, { tokens: 1000, sequenceTokens: 1000, tensorParallel: 2, expertParallel: 1 }, mi300x, 2, 8);
	const warned = results.filter(({ verdict }) => verdict === 'warn').map(({ rule }) => rule);
	expect(warned).toEqual(
		expect.arrayContaining(['Head width', 'Vocabulary', 'Tokens of a micro-batch', 'Devices that share a layer']),
	);
	const fine = checkRules(
		sizedZaya(zaya1),
		{ tokens: 16384, sequenceTokens: 4096, tensorParallel: 1, expertParallel: 1 },
		mi300x,
		8,
		8,
	);
	expect(fine.find(({ rule }) => rule === 'Vocabulary')?.verdict).toBe('pass');
});

test('the search keeps to the budget and never ranks a slower shape first', async () => {
	const options = {
		budget: 'parameters',
		tolerance: 0.03,
		batch: { tokens: 8192, sequenceTokens: 4096, tensorParallel: 1, expertParallel: 1 },
		rates: mi300x,
		attentionShare: 0.5,
		keep: 10,
		pause,
	} as const;
	for (const model of [
		{ kind: 'transformer', model: resolveModel('llama-2-7b') },
		{ kind: 'transformer', model: resolveModel('mixtral-8x7b') },
		{ kind: 'zaya', config: zaya1 },
	] as const) {
		const search = await searchWidths(model, options);
		expect(search.withinBudget).toBeGreaterThan(5);
		for (const [i, candidate] of search.best.entries()) {
			expect(Math.abs(candidate.totalParameters / search.own.totalParameters - 1)).toBeLessThanOrEqual(0.03);
			const before = search.best[i - 1];
			const cost = (one: typeof candidate) => one.trainingSecondsPerToken / one.totalParameters;
			if (before !== undefined) expect(cost(candidate)).toBeGreaterThanOrEqual(cost(before));
		}
	}
});

test('device figures: the published ones, the user’s own over them, shares of the peak otherwise', () => {
	expect(mi300x).toMatchObject({ achievableFlopsPerSecond: 708e12, streamBytesPerSecond: 4.33e12, computeUnits: 304 });
	const h100 = deviceRates(resolveMachine('h100').device, 'bf16', { launchMicroseconds: 5 });
	expect(h100).toMatchObject({ streamBytesPerSecond: 3.036e12, computeUnits: 132 });
	expect(h100.achievableFlopsPerSecond / h100.peakFlopsPerSecond).toBeCloseTo(0.7, 9);
	const own = deviceRates(resolveMachine('h100').device, 'bf16', {
		launchMicroseconds: 5,
		achievableTeraflops: 650,
		computeUnits: 100,
	});
	expect(own).toMatchObject({ achievableFlopsPerSecond: 650e12, computeUnits: 100, achievableFrom: 'your figure' });
});

test('hipblaslt-bench output is read between other lines', () => {
	const log = `hipBLASLt version: 1000
[0]:transA,transB,grouped_gemm,batch_count,m,n,k,alpha,lda,stride_a,hipblaslt-Gflops,hipblaslt-GB/s,us
    N,T,0,1,4096,4864,32896,1,4096,0,709300,390,1848.09
warning: clock is throttled
transA,transB,M,N,K,alpha,lda,stride_a,hipblaslt-Gflops,us
N,N,128,128,128,1,128,16384, 415.278, 10.
`;
	expect(readGemmLog(log, 'log')).toMatchObject([
		{ m: 4096, n: 4864, k: 32896, groups: 1, line: 3 },
		{ m: 128, n: 128, k: 128, seconds: 1e-5, line: 6 },
	]);
	expect(() => readGemmLog('nothing', 'log')).toThrow(/log: found no line of values/);
	fc.assert(
		fc.property(fc.string({ maxLength: 300 }), (text) => {
			try {
				readGemmLog(`m,n,k,us\n${text}`, 'log');
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 500 },
	);
});
