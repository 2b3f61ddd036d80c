import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hadamardTransform, inverseHadamardTransform, randomSigns } from './hadamard.ts';

/** Entry of Sylvester's matrix: the sign is the parity of the places where both indices have a one. */
const entry = (row: number, column: number): number => ((row & column).toString(2).replaceAll('0', '').length % 2 === 0 ? 1 : -1);

test.for([1, 2, 4, 8, 32, 128])('groups of %i: the product with the matrix, and back', (size) => {
	const groups = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 3 * size, maxLength: 3 * size });
	fc.assert(
		fc.property(groups, fc.nat(), (list, seed) => {
			const values = Float64Array.from(list);
			const signs = randomSigns(size, seed);
			const transformed = values.slice();
			hadamardTransform(transformed, size, signs);
			for (let i = 0; i < values.length; i++) {
				const start = Math.floor(i / size) * size;
				let sum = 0;
				for (let j = 0; j < size; j++) sum += entry(i - start, j) * (signs[j] as number) * (values[start + j] as number);
				expect(transformed[i]).toBeCloseTo(sum / Math.sqrt(size), 9);
			}
			inverseHadamardTransform(transformed, size, signs);
			for (const [i, value] of values.entries()) expect(transformed[i]).toBeCloseTo(value, 9);
		}),
		{ numRuns: 20 },
	);
});

test('without signs the transform is its own inverse', () => {
	const values = Float32Array.from({ length: 64 }, (_, index) => Math.sin(index));
	const twice = values.slice();
	hadamardTransform(twice, 64);
	hadamardTransform(twice, 64);
	for (const [index, value] of values.entries()) expect(twice[index]).toBeCloseTo(value, 6);
});

test('signs are both about as frequent and hang on the seed; sizes that do not fit are refused', () => {
	const signs = randomSigns(4096, 3);
	expect(Math.abs(signs.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(4 * 64);
	expect(randomSigns(4096, 3)).toEqual(signs);
	expect(randomSigns(4096, 4)).not.toEqual(signs);
	expect(() => hadamardTransform(new Float32Array(12), 12)).toThrow('a power of two');
	expect(() => hadamardTransform(new Float32Array(12), 8)).toThrow('whole number of groups');
	expect(() => hadamardTransform(new Float32Array(8), 8, randomSigns(4, 1))).toThrow('8 signs, not 4');
});
