import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { lookupsOf, patternsOf } from '../lut/activation-pattern.ts';
import { fullLookupCycles, lookupCycles, spanOf } from '../sram/cycle-counts.ts';
import { randomIntegers } from '../test-data.ts';
import { type Distribution, drawActivations, quantiseByToken } from './activations.ts';
import { lookupsIn, type PatternTally, patternCycles, tallyPatterns } from './pattern-counts.ts';

const pause = async () => undefined;

function counted(distribution: Distribution, group: number, seed: number): Promise<PatternTally> {
	const values = drawActivations(distribution, 64, 4096, createRandom(seed));
	return tallyPatterns(quantiseByToken(values, 64, 8), group, 8, pause);
}

test('tallied cycles are those of the lookups that each group needs, for any widths', async () => {
	for (const activationBits of [1, 3, 8]) {
		for (const group of [1, 3, 6]) {
			// 50 is no multiple of 3 or 6: the last group is short.
			const activations = randomIntegers(5, 50, activationBits, group);
			const tally = await tallyPatterns(activations, group, activationBits, pause);
			for (const weightBits of [2, 8]) {
				const shape = { group, activationBits, weightBits, scaleGroup: 64, tokens: 1 };
				const expected = { full: 0, merged: 0, skipped: 0, both: 0 };
				for (let token = 0; token < 5; token++) {
					for (let first = 0; first < 50; first += group) {
						const patterns = patternsOf(activations.values, token * 50 + first, Math.min(group, 50 - first), activationBits);
						const cycles = (mergeSigns: boolean, skipZeros: boolean): number =>
							lookupCycles(shape, spanOf(lookupsOf(patterns, { mergeSigns, skipZeros })));
						expected.full += fullLookupCycles(shape);
						expected.merged += cycles(true, false);
						expected.skipped += cycles(false, true);
						expected.both += cycles(true, true);
					}
				}
				expect(patternCycles(tally, shape)).toEqual(expected);
			}
		}
	}
});

test.for([1, 2, 3])(
	'normal activations, seed %i: merging signs saves the published share of lookups with tables of three and four weights',
	async (seed) => {
		for (const [group, published] of [
			[3, 14.9],
			[4, 12.6],
		] as const) {
			const tally = await counted('gaussian', group, seed);
			expect(Math.abs((100 * tally.mergedAway) / lookupsIn(tally) - published)).toBeLessThan(0.5);
		}
	},
);

test.for([
	['gaussian', [18.9, 14.9, 12.6, 11.1]],
	['laplace', [31.1, 25.9, 22.8, 20.7]],
	['silu-gated', [48.5, 42.0, 37.8, 34.9]],
] as const)('%s activations: what merging saves with tables of two to five weights', async ([distribution, published]) => {
	for (const [index, share] of published.entries()) {
		const tally = await counted(distribution, index + 2, 7);
		expect(Math.abs((100 * tally.mergedAway) / lookupsIn(tally) - share)).toBeLessThan(1);
	}
});

test('counts of two tokens worked by hand', async () => {
	// 1 = 00000001 and -1 = 11111111: planes 01+..., together [3, 2, 2, 2, 2, 2, 2, 2]: seven equal sign planes become one, none is zero.
	const tally = await tallyPatterns({ rows: 1, columns: 2, values: Int32Array.of(1, -1) }, 2, 8, pause);
	expect([lookupsIn(tally), tally.mergedAway, tally.zeros, tally.repeated]).toEqual([8, 6, 0, 6]);
	const none = await tallyPatterns({ rows: 1, columns: 2, values: Int32Array.of(0, 0) }, 2, 8, pause);
	expect([none.mergedAway, none.zeros, none.repeated]).toEqual([7, 8, 7]);
});

test('saving never takes longer, and both ways together take no longer than either', async () => {
	const cycles = patternCycles(await counted('gaussian', 4, 5), { weightBits: 4, scaleGroup: 128 });
	expect(cycles.merged).toBeLessThan(cycles.full);
	expect(cycles.skipped).toBeLessThan(cycles.full);
	expect(cycles.both).toBeLessThanOrEqual(Math.min(cycles.merged, cycles.skipped));
});
