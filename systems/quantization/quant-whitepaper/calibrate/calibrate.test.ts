import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entropyThreshold } from './entropy.ts';
import { Histogram } from './histogram.ts';
import { leastSquaresFraction } from './least-squares.ts';
import { percentileRange } from './percentile.ts';
import { rangeOf } from './range-of.ts';
import { TensorStatistics } from './tensor-statistics.ts';

/** Ten bins from -1 to 1. */
const flat = Histogram.of(new Array(10).fill(10), -1, 1);
const spiked = Histogram.of([1, 0, 0, 0, 0, 997, 0, 0, 0, 2], -1, 1);
const slope = Histogram.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], -1, 1);

test.for([
	// Of 100 values 5 lie in each tail: half of the first bin, so no bin is passed whole.
	[flat, 90, -1, 1],
	// 10 in each tail: exactly the first and the last bin.
	[flat, 80, -0.8, 0.8],
	// 5 of 1,000 in each tail: the 1 below and the 2 above go, and all empty bins with them.
	[spiked, 99, 0, 0.2],
	// 1.375 of 55: the 1 of the first bin goes, nothing above.
	[slope, 95, -0.8, 1],
] as const)('percentile %#: the tails are those counted by hand', ([histogram, percentile, minimum, maximum]) => {
	const range = percentileRange(histogram, percentile);
	expect(range.minimum).toBeCloseTo(minimum, 12);
	expect(range.maximum).toBeCloseTo(maximum, 12);
});

/** The definition again, with whole arrays: p with the outliers in its last bin, q merged into 128 levels and spread out, both smoothed. */
function divergence(counts: readonly number[], candidate: number): number {
	const inside = counts.slice(0, candidate);
	const outliers = counts.slice(candidate).reduce((sum, count) => sum + count, 0);
	const p = inside.map((count, bin) => count + (bin === candidate - 1 ? outliers : 0));
	const q = new Array<number>(candidate).fill(0);
	const levels = Math.min(128, candidate);
	const each = Math.max(1, Math.floor(candidate / 128));
	for (let level = 0; level < levels; level++) {
		const bins = inside
			.map((_, bin) => bin)
			.filter((bin) => Math.min(levels - 1, Math.floor(bin / each)) === level && inside[bin]! > 0);
		const total = bins.reduce((sum, bin) => sum + inside[bin]!, 0);
		for (const bin of bins) q[bin] = total / bins.length;
	}
	const smooth = (values: readonly number[]) => {
		const filled = values.filter((value) => value > 0).length;
		const taken = (1e-4 * (values.length - filled)) / filled;
		return values.map((value) => (value > 0 ? value - taken : 1e-4));
	};
	const [sp, sq] = [smooth(p), smooth(q)];
	const [tp, tq] = [sp, sq].map((values) => values.reduce((sum, value) => sum + value, 0)) as [number, number];
	return sp.reduce((sum, value, bin) => sum + (value / tp) * Math.log(value / tp / (sq[bin]! / tq)), 0);
}

test('entropy, worked by hand: values in the first 70 of 80 bins and one far outlier are clipped behind the seventieth', () => {
	// With fewer than 128 bins each is a level, so q is p without what lies beyond: nothing is lost from 70 bins on but the one outlier, and 70 is the
	// first candidate that holds all else.
	const counts = [...new Array<number>(70).fill(100), ...new Array<number>(9).fill(0), 1];
	const threshold = entropyThreshold(Histogram.of(counts, 0, 80));
	const exact = Array.from({ length: 17 }, (_, i) => divergence(counts, 64 + i));
	expect(threshold).toBe(64 + exact.indexOf(Math.min(...exact)));
	// All bins lose nothing at all.
	expect(threshold).toBe(80);
});

test('entropy: the threshold is where the definition, on whole arrays, is least', () => {
	fc.assert(
		fc.property(fc.array(fc.nat({ max: 400 }), { minLength: 70, maxLength: 420 }), fc.nat({ max: 50 }), (counts, outliers) => {
			fc.pre(counts.slice(0, 64).some((count) => count > 0));
			const all = [...counts, ...new Array<number>(5).fill(0), outliers];
			const found = entropyThreshold(Histogram.of(all, 0, all.length));
			const exact = Array.from({ length: all.length - 63 }, (_, i) => divergence(all, 64 + i));
			expect(divergence(all, Math.round(found))).toBeCloseTo(Math.min(...exact), 9);
		}),
		{ numRuns: 40 },
	);
});

test('least squares, worked by hand: one spike is best met by the fraction that puts a code on it', () => {
	// 1,000 values at 0.5 and none elsewhere: from 0 to f there are 255 steps, and f = 0.5 has a code on 0.5 exactly (as have others).
	const counts = new Array<number>(2000).fill(0);
	counts[999] = 500;
	counts[1000] = 500;
	const histogram = Histogram.of(counts, 0, 1);
	const fraction = leastSquaresFraction(histogram, { minimum: 0, maximum: 1 });
	const nearest = Math.round(0.5 / (fraction / 255)) * (fraction / 255);
	expect(Math.abs(Math.min(nearest, fraction) - 0.5)).toBeLessThan(3e-4);
});

test('least squares: rare far values are clipped, a flat histogram is not', () => {
	const tailed = new Array<number>(2048).fill(0);
	for (let bin = 0; bin < 512; bin++) tailed[bin] = 10_000;
	tailed[2047] = 1;
	expect(leastSquaresFraction(Histogram.of(tailed, 0, 1), { minimum: 0, maximum: 1 })).toBeLessThan(0.8);
	// Clipping a flat histogram by one step costs as much as it saves: the optimum is within a few steps of the whole range.
	expect(leastSquaresFraction(Histogram.of(new Array(2048).fill(7), 0, 1), { minimum: 0, maximum: 1 })).toBeGreaterThan(0.97);
});

test('a histogram that grew counts what one made at once counts, to the width of its bins', () => {
	const batch = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 });
	fc.assert(
		fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (batches) => {
			const histogram = Histogram.empty(64);
			for (const values of batches) histogram.add(values, Math.min(...values), Math.max(...values));
			const all = batches.flat();
			expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
			for (const cut of [histogram.low + 16 * histogram.width, histogram.low + 40 * histogram.width]) {
				const bin = Math.round((cut - histogram.low) / (histogram.width || 1));
				const counted = histogram.counts.subarray(0, bin).reduce((sum, count) => sum + count, 0);
				const slack = 1e-9 * (1 + Math.abs(cut));
				expect(counted).toBeGreaterThanOrEqual(all.filter((value) => value < cut - histogram.width - slack).length);
				expect(counted).toBeLessThanOrEqual(all.filter((value) => value <= cut + histogram.width + slack).length);
			}
		}),
	);
});

test('ranges by the least and greatest value, and by their moving mean', () => {
	const statistics = new TensorStatistics([1, 2], false);
	for (const values of [
		[-1, 2],
		[0, 4],
		[-3, 1],
	])
		statistics.add(Float32Array.from(values), [1, 2]);
	const options = { percentile: 99 };
	expect(rangeOf(statistics, { ...options, method: 'min-max' })).toEqual({ minimum: -3, maximum: 4 });
	// The first sample starts it; then a hundredth of each next one.
	const moving = rangeOf(statistics, { ...options, method: 'moving-average' });
	expect(moving.minimum).toBeCloseTo(0.99 * (0.99 * -1 + 0.01 * 0) + 0.01 * -3, 12);
	expect(moving.maximum).toBeCloseTo(0.99 * (0.99 * 2 + 0.01 * 4) + 0.01 * 1, 12);
	expect(Array.from(statistics.channelMeans)).toEqual([-4 / 3, 7 / 3]);
	expect(() => statistics.add(Float32Array.of(1, Number.NaN), [1, 2])).toThrow('NaN');
});
