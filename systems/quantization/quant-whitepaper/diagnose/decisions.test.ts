import { expect, test } from 'vitest';
import { compareDecisions, decisionsOf, marginsOf, wilson } from './decisions.ts';

const rows = [1, 2, 3];

test('the largest logit decides, at each place, whichever way the classes lie; the margin is to the second', () => {
	expect(Array.from(decisionsOf(Float32Array.of(1, 5, 2, 9, 0, 8), rows))).toEqual([1, 0]);
	expect(Array.from(marginsOf(Float32Array.of(1, 5, 2, 9, 0, 8), rows))).toEqual([3, 1]);
	// Two classes of an image of 1 x 3.
	const image = Float32Array.of(1, 2, 3, 4, 0, 3.5);
	expect(Array.from(decisionsOf(image, [1, 2, 1, 3]))).toEqual([1, 0, 1]);
	expect(Array.from(marginsOf(image, [1, 2, 1, 3]))).toEqual([3, 2, 0.5]);
	expect(Array.from(decisionsOf(Float32Array.of(-2, 0.5), [1, 2, 1]))).toEqual([0, 1]);
	expect(Array.from(marginsOf(Float32Array.of(-2, 0.5), [1, 2, 1]))).toEqual([2, 0.5]);
});

test('Wilson’s interval is that of published tables', () => {
	// 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3); 15 of 148: 0.0624 to 0.1605; 0 of 20: 0 to 0.1611.
	for (const [right, of, low, high] of [
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
	] as const) {
		const found = wilson(right / of, of);
		expect(found.low).toBeCloseTo(low, 4);
		expect(found.high).toBeCloseTo(high, 4);
	}
});

test('changed decisions are told with their margins and the noise; decisions of one sample count together', () => {
	const exact = [Float32Array.of(1, 0), Float32Array.of(0, 0.1), Float32Array.of(3, 0), Float32Array.of(0, 2)];
	const found = [Float32Array.of(1, 0), Float32Array.of(0.2, 0.1), Float32Array.of(3, 0), Float32Array.of(0, 2)];
	const alone = compareDecisions(exact, found, [1, 2]);
	expect(alone).toMatchObject({ count: 4, changed: 1, margin: 1.5 });
	expect(alone.changedMargin).toBeCloseTo(0.1, 6);
	expect(alone.noise).toBeCloseTo(Math.sqrt(0.04 / 8), 6);
	// One sample of ten places that all change, and nine of which none does, is worth ten decisions, not a hundred.
	const places = (sign: number) => Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? sign : 0));
	const many = Array.from({ length: 10 }, () => places(1));
	const together = compareDecisions(many, [places(-1), ...many.slice(1)], [1, 10, 2]);
	expect(together).toMatchObject({ count: 100, changed: 10 });
	const { low, high } = wilson(0.9, 9);
	expect([together.low, together.high]).toEqual([expect.closeTo(low, 1), expect.closeTo(high, 1)]);
	expect(compareDecisions(exact, exact, [1, 2]).changedMargin).toBeNull();
});
