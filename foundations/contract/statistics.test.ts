import fc from 'fast-check';
import { expect, test } from 'vitest';
import { geometricMean, mean, quantileSorted, standardDeviation, sum, summarize } from './statistics.ts';

test('quantiles interpolate linearly between order statistics', () => {
	expect(quantileSorted([1, 2, 3, 4], 0.5)).toBe(2.5);
	expect(quantileSorted([10, 20], 0.9)).toBeCloseTo(19, 12);
	expect(quantileSorted([7], 0.99)).toBe(7);
	expect(quantileSorted([], 0.5)).toBeNaN();
});

test('a quantile lies between the extremes and rises with q', () => {
	const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
	fc.assert(
		fc.property(
			sample,
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.double({ min: 0, max: 1, noNaN: true }),
			(values, a, b) => {
				const sorted = [...values].sort((x, y) => x - y);
				const [low, high] = [quantileSorted(sorted, Math.min(a, b)), quantileSorted(sorted, Math.max(a, b))];
				expect(low).toBeLessThanOrEqual(high + 1e-6);
				expect(low).toBeGreaterThanOrEqual((sorted[0] ?? 0) - 1e-6);
			},
		),
	);
});

test('sums do not lose small terms beside large ones', () => {
	expect(sum([1, 1e100, 1, -1e100])).toBe(2);
	expect(mean([1e16, 1, -1e16])).toBeCloseTo(1 / 3, 12);
});

test('textbook values', () => {
	expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
	expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 12);
	expect(geometricMean([1, 0])).toBeNaN();
	expect(summarize([3, 1, 2])).toMatchObject({ count: 3, min: 1, max: 3, p50: 2, mean: 2 });
});
