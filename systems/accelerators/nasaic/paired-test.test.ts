import { expect, test } from 'vitest';
import { pairedTest } from './paired-test.ts';

/** Samples whose differences have the given t. */
function samplesOf(t: number, count: number): number[] {
	const raw = Array.from({ length: count }, (_, i) => i - (count - 1) / 2);
	const spread = Math.sqrt(raw.reduce((sum, one) => sum + one * one, 0) / (count - 1));
	return raw.map((one) => one / spread + t / Math.sqrt(count));
}

test.for([
	[2, 12.706],
	[3, 4.303],
	[5, 2.776],
	[10, 2.262],
	[11, 2.228],
] as const)('with %d pairs, p is 0.05 at the tabled point %d', ([count, t]) => {
	const found = pairedTest(
		samplesOf(t, count),
		samplesOf(t, count).map(() => 0),
	);
	expect(found.t).toBeCloseTo(t, 6);
	expect(found.p).toBeCloseTo(0.05, 3);
});

test('equal samples say nothing', () => {
	expect(pairedTest([1, 2, 3], [1, 2, 3])).toEqual({ mean: 0, deviation: 0, t: 0, p: 1 });
});
