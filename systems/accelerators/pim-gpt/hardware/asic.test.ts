import { expect, test } from 'vitest';
import { additionCycles, geluCycles, layerNormCycles, paperAsic, rmsNormCycles, softmaxCycles } from './asic.ts';

test('passes of GPT-2 small counted by hand', () => {
	// 768 values are 3 passes of 256 adders and 6 of 128 multipliers; a sum folds through 8 levels; the root takes 2 x 3 x 4 cycles.
	expect(layerNormCycles(paperAsic, 768)).toBe(8 + 2 * (3 + 8) + 24 + 2 * 3 + 3 * 6);
	expect(rmsNormCycles(paperAsic, 768)).toBe(8 + (3 + 8) + 24 + 3 * 6);
	expect(additionCycles(paperAsic, 768)).toBe(8 + 3);
	expect(geluCycles(paperAsic, 3072)).toBe(8 + 8 * 24);
	// 12 x 512 scores: 24 passes of additions three times, 48 of multiplications for scale, exp (6) and product; 6 dependent steps of a reciprocal.
	expect(softmaxCycles(paperAsic, 12, 512)).toBe(8 + 3 * 24 + 2 * 8 + 8 * 48 + 6 * 4);
});

test('twice the units take half the passes of long vectors', () => {
	const twice = { ...paperAsic, adders: 512, multipliers: 256 };
	const [one, two] = [paperAsic, twice].map((asic) => softmaxCycles(asic, 64, 4096));
	expect((one ?? 0) / (two ?? 1)).toBeGreaterThan(1.99);
	expect((one ?? 0) / (two ?? 1)).toBeLessThan(2.01);
});
