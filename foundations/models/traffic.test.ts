import { InputError } from '@assay/contract';
import { expect, test } from 'vitest';
import { kvCacheBytes } from './kv-cache.ts';
import { parameterCount, weightBytes } from './parameters.ts';
import { decodeBytes, expectedDistinctExperts, prefillBytes, weightBytesRead } from './traffic.ts';
import { findModel } from './zoo.ts';

test('decoding reads the weights once and every cache', () => {
	const model = findModel('gpt3-175b');
	const { weightBytes: weights, cacheBytes, totalBytes } = decodeBytes(model, 1000, 8);
	expect(weights).toBe(weightBytes(model) - (2048 - 8) * 12288 * 2);
	expect(cacheBytes).toBe(8 * kvCacheBytes(model, 1000));
	expect(totalBytes).toBe(weights + cacheBytes);
});

test('an untied embedding is read by the row', () => {
	const model = findModel('llama-3-8b');
	expect(weightBytesRead(model, 4)).toBe(weightBytes(model) - (128256 - 4) * 4096 * 2);
});

test('one token of a mixture reads its active weights, many tokens read all', () => {
	const model = findModel('mixtral-8x7b');
	const { activePerToken, total } = parameterCount(model);
	const unreadRows = (rows: number) => (32000 - rows) * 4096;
	expect(weightBytesRead(model, 1)).toBeCloseTo(2 * (activePerToken - unreadRows(1)), -2);
	expect(weightBytesRead(model, 500)).toBeCloseTo(2 * (total - unreadRows(500)), -2);
});

test('expected number of distinct experts', () => {
	expect(expectedDistinctExperts(8, 2, 0)).toBe(0);
	expect(expectedDistinctExperts(8, 2, 1)).toBeCloseTo(2);
	expect(expectedDistinctExperts(8, 2, 2)).toBeCloseTo(2 + 6 * (2 / 8));
	expect(expectedDistinctExperts(4, 4, 9)).toBe(4);
});

test('formats of weights and cache are separate', () => {
	const model = findModel('opt-30b');
	const quantised = decodeBytes(model, 512, 2, 'int4', 'fp8');
	const plain = decodeBytes(model, 512, 2);
	expect(plain.weightBytes / quantised.weightBytes).toBe(4);
	expect(plain.cacheBytes / quantised.cacheBytes).toBe(2);
});

test('a prompt writes its cache once; an encoder does not decode', () => {
	const model = findModel('llama-2-7b');
	expect(prefillBytes(model, 100, 3).cacheBytes).toBe(3 * kvCacheBytes(model, 100));
	expect(() => decodeBytes(findModel('bert-large'), 10)).toThrow(InputError);
});
