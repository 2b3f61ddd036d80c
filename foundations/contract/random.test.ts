import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { mean, standardDeviation } from './statistics.ts';

const draws = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw);

describe('a seeded generator', () => {
	test('gives the same numbers for the same seed and others for another', () => {
		const [a, b, c] = [createRandom(42), createRandom(42), createRandom(43)];
		const first = draws(100, () => a.uniform());
		expect(draws(100, () => b.uniform())).toEqual(first);
		expect(draws(100, () => c.uniform())).not.toEqual(first);
	});

	test('forks depend on the name alone, not on what was drawn', () => {
		const used = createRandom(5);
		for (let i = 0; i < 17; i++) used.uint32();
		expect(used.fork('a').uint32()).toBe(createRandom(5).fork('a').uint32());
		expect(createRandom(5).fork('a').uint32()).not.toBe(createRandom(5).fork('b').uint32());
	});

	test('is uniform: each of 64 bins of 640,000 draws within five standard errors, and no lag-1 correlation', () => {
		const random = createRandom(1);
		const bins = new Float64Array(64);
		const count = 640_000;
		let previous = random.uniform();
		let product = 0;
		for (let i = 0; i < count; i++) {
			const value = random.uniform();
			bins[Math.floor(value * 64)]!++;
			product += (value - 0.5) * (previous - 0.5);
			previous = value;
		}
		for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(5 * Math.sqrt(10_000));
		expect(Math.abs(product / count)).toBeLessThan(5 / 12 / Math.sqrt(count));
	});

	test('integers cover their range evenly and reject a bound that is none', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer(), (bound, seed) => {
				const value = createRandom(seed).integer(bound);
				return Number.isInteger(value) && value >= 0 && value < bound;
			}),
		);
		for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 33]) expect(() => createRandom(1).integer(bound)).toThrow(RangeError);
	});

	test.for([
		['normal', 0, 1],
		['exponential', 3, 3],
		['gamma of shape 0.5', 1, Math.sqrt(2)],
		['gamma of shape 4', 8, 4],
	] as const)('%s has mean %s and standard deviation %s', ([name, centre, spread]) => {
		const random = createRandom(9);
		const draw = {
			normal: () => random.normal(),
			exponential: () => random.exponential(3),
			'gamma of shape 0.5': () => random.gamma(0.5, 2),
			'gamma of shape 4': () => random.gamma(4, 2),
		}[name];
		const sample = draws(200_000, draw);
		expect(mean(sample)).toBeCloseTo(centre, 1);
		expect(standardDeviation(sample) / spread).toBeCloseTo(1, 1);
	});

	test('shuffling keeps the elements and makes every order of three equally likely', () => {
		const random = createRandom(3);
		const seen = new Map<string, number>();
		for (let i = 0; i < 6000; i++) {
			const order = random.shuffle(['a', 'b', 'c']).join('');
			seen.set(order, (seen.get(order) ?? 0) + 1);
		}
		expect(seen.size).toBe(6);
		for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(150);
	});
});
