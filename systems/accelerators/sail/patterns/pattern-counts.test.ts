import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { type Distribution, drawActivations, quantiseByToken } from './activations.ts';
import { countPatterns, type PatternCounts } from './pattern-counts.ts';

const shape = (group: number) => ({ group, weightBits: 4, activationBits: 8, scaleGroup: 128, tokens: 1 });

function counted(distribution: Distribution, group: number, seed: number): PatternCounts {
	const values = drawActivations(distribution, 64, 4096, createRandom(seed));
	return countPatterns(quantiseByToken(values, 64, 8), shape(group));
}

test.for([1, 2, 3])(
	'normal activations, seed %i: merging signs saves the published share of lookups with tables of three and four weights',
	(seed) => {
		for (const [group, published] of [
			[3, 14.9],
			[4, 12.6],
		] as const) {
			const { lookups, mergedAway } = counted('gaussian', group, seed);
			expect(Math.abs((100 * mergedAway) / lookups - published)).toBeLessThan(0.5);
		}
	},
);

test.for([
	['gaussian', [18.9, 14.9, 12.6, 11.1]],
	['laplace', [31.1, 25.9, 22.8, 20.7]],
	['silu-gated', [48.5, 42.0, 37.8, 34.9]],
] as const)('%s activations: what merging saves with tables of two to five weights', ([distribution, published]) => {
	for (const [index, share] of published.entries()) {
		const { lookups, mergedAway } = counted(distribution, index + 2, 7);
		expect(Math.abs((100 * mergedAway) / lookups - share)).toBeLessThan(1);
	}
});

test('counts of two tokens worked by hand', () => {
	// 1 = 00000001 and -1 = 11111111: planes 01+..., together [3, 2, 2, 2, 2, 2, 2, 2]: seven equal sign planes become one, none is zero.
	const { lookups, mergedAway, zeros, repeated } = countPatterns({ rows: 1, columns: 2, values: Int32Array.of(1, -1) }, shape(2));
	expect([lookups, mergedAway, zeros, repeated]).toEqual([8, 6, 0, 6]);
	const none = countPatterns({ rows: 1, columns: 2, values: Int32Array.of(0, 0) }, shape(2));
	expect([none.mergedAway, none.zeros, none.repeated]).toEqual([7, 8, 7]);
});

test('saving never takes longer, and both ways together take no longer than either', () => {
	const { cycles } = counted('gaussian', 4, 5);
	expect(cycles.merged).toBeLessThan(cycles.full);
	expect(cycles.skipped).toBeLessThan(cycles.full);
	expect(cycles.both).toBeLessThanOrEqual(Math.min(cycles.merged, cycles.skipped));
});
