import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsNeeded } from '../sram/row-layout.ts';
import { chooseGroup, cyclesPerRow, planWith } from './choose-group.ts';

const anyProduct = fc.record({
	weightBits: fc.integer({ min: 1, max: 8 }),
	activationBits: fc.integer({ min: 1, max: 8 }),
	scaleGroup: fc.constantFrom(32, 64, 128),
	tokens: fc.integer({ min: 1, max: 64 }),
});

test('the group is the best of all that fit, and so are the tokens at once', () => {
	fc.assert(
		fc.property(anyProduct, fc.constantFrom(64, 128, 256, 512), (product, rows) => {
			const plans = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((group) => planWith(group, product, rows) ?? []);
			if (plans.length === 0) {
				expect(() => chooseGroup(product, rows)).toThrow(InputError);
				return;
			}
			const found = chooseGroup(product, rows);
			expect(cyclesPerRow(found)).toBe(Math.min(...plans.map(cyclesPerRow)));
			for (const { shape, chunks } of plans) {
				expect(rowsNeeded(shape)).toBeLessThanOrEqual(rows);
				if (shape.tokens < product.tokens) expect(rowsNeeded({ ...shape, tokens: shape.tokens + 1 })).toBeGreaterThan(rows);
				expect(chunks * shape.tokens).toBeGreaterThanOrEqual(product.tokens);
				expect((chunks - 1) * shape.tokens).toBeLessThan(product.tokens);
			}
		}),
	);
});

test.for([
	// Weights of 2, 4 and 8 bits for 1, 8 and 32 tokens in 256 rows: weights a table, and chunks of tokens.
	[2, 1, 3, 1],
	[2, 8, 4, 1],
	[2, 32, 4, 3],
	[4, 1, 3, 1],
	[4, 8, 4, 1],
	[4, 32, 4, 4],
	[8, 8, 4, 2],
	[8, 32, 4, 8],
] as const)('weights of %i bits, %i tokens: %i weights a table, %i chunks', ([weightBits, tokens, group, chunks]) => {
	const plan = chooseGroup({ weightBits, activationBits: 8, scaleGroup: 128, tokens }, 256);
	expect([plan.shape.group, plan.chunks]).toEqual([group, chunks]);
});

test('cycles grow with the bits of a weight, 3 bits between 2 and 4', () => {
	for (const tokens of [1, 8, 32]) {
		const cycles = [1, 2, 3, 4, 5, 6, 7, 8].map((weightBits) =>
			cyclesPerRow(chooseGroup({ weightBits, activationBits: 8, scaleGroup: 128, tokens }, 256)),
		);
		expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
		expect(new Set(cycles).size).toBe(8);
	}
});
