import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lookupsOf, patternsOf } from '../lut/activation-pattern.ts';
import { integerProduct } from '../lut/integer-product.ts';
import { tableProduct } from '../lut/table-product.ts';
import { randomIntegers } from '../test-data.ts';
import { arrayProduct } from './array-product.ts';
import { buildCycles, fullLookupCycles, lookupCycles, spanOf } from './cycle-counts.ts';
import { rowsNeeded, type TableShape } from './row-layout.ts';

const anySavings = fc.record({ mergeSigns: fc.boolean(), skipZeros: fc.boolean() });
const anyShape = fc.record({
	group: fc.integer({ min: 1, max: 6 }),
	weightBits: fc.constantFrom(2, 3, 4, 5, 6, 8),
	activationBits: fc.constantFrom(1, 4, 8),
	scaleGroup: fc.constantFrom(16, 32, 64, 128),
	tokens: fc.constantFrom(1, 3, 8),
});

test('500 random products on the array equal the integer product, and take the cycles of the closed forms', () => {
	fc.assert(
		fc.property(anyShape, anySavings, fc.integer({ min: 1, max: 200 }), fc.nat(), (shape: TableShape, savings, depth, seed) => {
			const rows = rowsNeeded(shape);
			const activations = randomIntegers(shape.tokens, depth, shape.activationBits, seed);
			const weights = randomIntegers(depth, 40, shape.weightBits, seed + 1);
			const found = arrayProduct(activations, weights, shape, rows, savings);
			const expected = integerProduct(activations, weights);
			expect(tableProduct(activations, weights, shape.group, shape.activationBits, savings)).toEqual(expected);
			const groups = Math.ceil(depth / shape.scaleGroup);
			const total = new Float64Array(shape.tokens * 40);
			for (const [at, sum] of found.sums.entries()) {
				const place = Math.floor(at / 40 / groups) * 40 + (at % 40);
				total[place] = (total[place] as number) + sum;
			}
			expect(total).toEqual(expected);
			let [built, looked] = [0, 0];
			for (let start = 0; start < depth; start += shape.scaleGroup) {
				const end = Math.min(depth, start + shape.scaleGroup);
				for (let first = start; first < end; first += shape.group) {
					built += buildCycles(shape);
					for (let token = 0; token < shape.tokens; token++) {
						const inGroup = Math.min(shape.group, end - first);
						const patterns = patternsOf(activations.values, token * depth + first, inGroup, shape.activationBits);
						looked +=
							savings.mergeSigns || savings.skipZeros
								? lookupCycles(shape, spanOf(lookupsOf(patterns, savings)))
								: fullLookupCycles(shape);
					}
				}
			}
			expect(found.buildCycles).toBe(built);
			expect(found.lookupCycles).toBe(looked);
		}),
		{ numRuns: 500 },
	);
});

test('1,024 x 256 weights of 4 bits and 8 tokens', () => {
	const shape = { group: 3, weightBits: 4, activationBits: 8, scaleGroup: 128, tokens: 8 };
	const activations = randomIntegers(8, 1024, 8, 1);
	const weights = randomIntegers(1024, 256, 4, 2);
	const { sums } = arrayProduct(activations, weights, shape, 256, { mergeSigns: true, skipZeros: true });
	const expected = integerProduct(activations, weights);
	for (let token = 0; token < 8; token++) {
		for (let column = 0; column < 256; column++) {
			let total = 0;
			for (let scale = 0; scale < 8; scale++) total += sums[(token * 8 + scale) * 256 + column] as number;
			expect(total).toBe(expected[token * 256 + column]);
		}
	}
});

test('an array with too few rows is refused with the largest table that fits', () => {
	// 4 weights take 11 sums of 6 bits, 4 weights of 4 and 8 accumulators of 19: 234 rows; 5 would take 354.
	const shape = { group: 6, weightBits: 4, activationBits: 8, scaleGroup: 128, tokens: 8 };
	const activations = randomIntegers(8, 128, 8, 1);
	const weights = randomIntegers(128, 32, 4, 2);
	expect(() => arrayProduct(activations, weights, shape, 256, { mergeSigns: false, skipZeros: false })).toThrow(
		/4 weights a table would fit/,
	);
	const tokens = { ...shape, group: 2, tokens: 40 };
	expect(() => arrayProduct(activations, weights, tokens, 256, { mergeSigns: false, skipZeros: false })).toThrow(
		/12 tokens at once/,
	);
});
