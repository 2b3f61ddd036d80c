import { describe, expect, test } from 'vitest';
import { productErrors } from './product-errors.ts';
import { scheme } from './scheme.ts';

const shape = { rows: 128, inputs: 4096, outputs: 128 };

describe('products of normal deviates, 128 x 4096 x 128', () => {
	test('forward: a squared error of 0.053 to 0.058 with exponents rounded down, below 0.032 to the nearest', async () => {
		const { output } = await productErrors(scheme('quartet', 'floor'), shape, 1);
		expect(output).toBeGreaterThan(0.053);
		expect(output).toBeLessThan(0.058);
		expect((await productErrors(scheme('quartet', 'round'), shape, 1)).output).toBeLessThan(0.032);
	});
	test('weight gradient: 0.117 to 0.126 with backward operands rounded to nearest', async () => {
		const { weightGradient } = await productErrors(scheme('rtn-backward', 'floor'), shape, 1);
		expect(weightGradient).toBeGreaterThan(0.117);
		expect(weightGradient).toBeLessThan(0.126);
	});
	test('weight gradient with both operands rounded stochastically: what clipping and three quantisers lose together', async () => {
		// Clipped weights lose their share of the gradient, 7.3 %; the rest carries QuEST's error of x (2.7 %, of which clipping is
		// shrinkage) and twice SR's 2.8 %.
		const { weightGradient } = await productErrors(scheme('quartet', 'floor'), shape, 1);
		const expected = 0.073 + 0.927 * (0.0269 + 2 * 0.0281);
		expect(Math.abs(weightGradient / expected - 1)).toBeLessThan(0.05);
	});
});
