import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeCycles, onePassCycles } from './designs/one-pass.ts';
import { simulateTiles } from './timeline.ts';

const SIDE = 256;
const closedForm = (E: number, F: number, keyTiles: number, queryTiles: number): number => {
	const shape = { batch: 1, heads: 1, queryKeyWidth: E, valueWidth: F, keys: keyTiles * SIDE, queries: queryTiles * SIDE };
	return computeCycles(onePassCycles(shape, SIDE, 'fusemax'), SIDE, 'fusemax');
};

test('eight tiles and more, simulated job by job: the closed form within one tile, for heads of 64, 128 and unequal widths', () => {
	for (const [E, F] of [
		[64, 64],
		[128, 128],
		[192, 128],
		[64, 128],
		[40, 200],
	] as const) {
		const tile = closedForm(E, F, 2, 1) - closedForm(E, F, 1, 1);
		for (const keyTiles of [8, 9, 64])
			expect(Math.abs(simulateTiles({ E, F }, keyTiles, 1).cycles - closedForm(E, F, keyTiles, 1))).toBeLessThanOrEqual(tile);
	}
});

test('with equal widths that holds over several tiles of queries as well', () => {
	for (const width of [64, 128]) {
		const tile = closedForm(width, width, 2, 1) - closedForm(width, width, 1, 1);
		expect(Math.abs(simulateTiles({ E: width, F: width }, 8, 6).cycles - closedForm(width, width, 8, 6))).toBeLessThanOrEqual(
			tile,
		);
	}
});

test('an array does one thing at a time, and nothing starts before what it needs', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 300 }),
			fc.integer({ min: 1, max: 300 }),
			fc.integer({ min: 1, max: 12 }),
			(E, F, tiles) => {
				const { jobs } = simulateTiles({ E, F }, tiles, 2);
				for (const array of ['2D', '1D']) {
					const own = jobs.filter((job) => job.array === array).sort((a, b) => a.start - b.start);
					for (const [i, job] of own.entries()) expect(job.start).toBeGreaterThanOrEqual(own[i - 1]?.end ?? 0);
				}
				const at = (einsum: string, tile: number) => jobs.find((job) => job.einsum === einsum && job.tile === tile);
				for (const [later, needs] of [
					['LM', 'QK'],
					['RM', 'LM'],
					['SLN', 'RM'],
					['SLD', 'SLN'],
					['SLNV', 'SLN'],
					['PRM', 'RM'],
					['SPNV', 'PRM'],
					['RNV', 'SLNV'],
					['RNV', 'SPNV'],
					['RD', 'SLD'],
				] as const)
					for (let tile = 0; tile < 2 * tiles; tile++)
						expect(at(later, tile)?.start).toBeGreaterThanOrEqual(at(needs, tile)?.end ?? Number.POSITIVE_INFINITY);
			},
		),
		{ numRuns: 60 },
	);
});
