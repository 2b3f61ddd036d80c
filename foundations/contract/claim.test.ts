import { expect, test } from 'vitest';
import { claimError, judge, type MeasuredClaim, type Tolerance } from './claim.ts';

const claim = (value: number, tolerance: Tolerance): MeasuredClaim => ({
	id: 'X',
	says: 'x',
	published: { value, unit: 'x', where: 'here' },
	evidence: 'simulated',
	effort: 'seconds',
	tolerance,
	measure: async () => 0,
});
const because = 'of the test';

test('a relative tolerance is a share of the published value, both ends included', () => {
	const relative = claim(2, { relative: 0.25, because });
	expect([1.5, 2.5].map((ours) => judge(relative, ours))).toEqual(['reproduced', 'reproduced']);
	expect([1.49, 2.51, Number.NaN].map((ours) => judge(relative, ours))).toEqual(['off', 'off', 'off']);
	expect(claimError(relative, 1.5)).toBe(-0.25);
	expect(claimError(claim(-2, { relative: 0.25, because }), -1.5)).toBe(0.25);
});

test('an absolute tolerance is in the unit of the claim', () => {
	const absolute = claim(10, { absolute: 3, because });
	expect([7, 13, 6.9].map((ours) => judge(absolute, ours))).toEqual(['reproduced', 'reproduced', 'off']);
	expect(claimError(absolute, 12)).toBe(2);
	// No figure is a part of 0.
	expect(claimError(claim(0, { bound: 'at least', because }), 0.5)).toBe(0.5);
});

test('a bound is met from one side', () => {
	expect([2.9, 3, 3.1].map((ours) => judge(claim(3, { bound: 'at most', because }), ours))).toEqual([
		'reproduced',
		'reproduced',
		'off',
	]);
	expect([2.9, 3, Number.NaN].map((ours) => judge(claim(3, { bound: 'at least', because }), ours))).toEqual([
		'off',
		'reproduced',
		'off',
	]);
});
