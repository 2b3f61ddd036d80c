import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { idealSpeedup, sampleSpeedup } from './speedup.ts';

test('without serial work the speed-up is the number of processors; with nothing else it is 1', () => {
	expect(idealSpeedup(0, 12)).toBeCloseTo(12, 12);
	expect(idealSpeedup(1, 12)).toBe(1);
});

test('equal processors reach the closed form, unequal ones never exceed it', () => {
	const random = createRandom(1);
	expect(sampleSpeedup(0.1, 8, 0, random)).toBeCloseTo(idealSpeedup(0.1, 8), 12);
	for (let i = 0; i < 100; i++) expect(sampleSpeedup(0.1, 8, 0.5, random)).toBeLessThanOrEqual(idealSpeedup(0.1, 8));
});
