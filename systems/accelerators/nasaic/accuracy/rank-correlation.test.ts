import { expect, test } from 'vitest';
import { kendallTau } from './rank-correlation.ts';

test.for([
	[[1, 2, 3, 4], [10, 20, 30, 40], 1],
	[[1, 2, 3, 4], [4, 3, 2, 1], -1],
	// One of six pairs is in the other order.
	[[1, 2, 3, 4], [1, 2, 4, 3], 4 / 6],
	// A tie in one sample: five pairs count there and six in the other.
	[[1, 2, 3, 4], [1, 2, 2, 3], 5 / Math.sqrt(30)],
] as const)('tau of %j and %j is %d', ([a, b, tau]) => {
	expect(kendallTau(a, b)).toBeCloseTo(tau, 12);
});

test('a constant sample has no order', () => {
	expect(kendallTau([1, 1, 1], [1, 2, 3])).toBeNull();
});
