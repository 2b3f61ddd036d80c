import { beforeAll, describe, expect, test } from 'vitest';
import { expectedErrors } from '../testing/expected-errors.ts';
import { type ProductErrors, productErrors } from './product-errors.ts';
import { scheme } from './scheme.ts';

describe('products of normal deviates, 128 x 4096 x 128', () => {
	let [stochastic, nearest, roundedScales]: ProductErrors[] = [];
	beforeAll(async () => {
		const shape = { rows: 128, inputs: 4096, outputs: 128 };
		stochastic = await productErrors(scheme('quartet', 'floor'), shape, 1);
		nearest = await productErrors(scheme('rtn-backward', 'floor'), shape, 1);
		roundedScales = await productErrors(scheme('quartet', 'round'), shape, 1);
	});
	test('forward: a squared error of 0.053 to 0.058 with exponents rounded down, below 0.032 to the nearest', () => {
		expect(stochastic?.output).toBeGreaterThan(0.053);
		expect(stochastic?.output).toBeLessThan(0.058);
		expect(roundedScales?.output).toBeLessThan(0.032);
	});
	test('weight gradient with backward operands to nearest, as the released test has it: 0.117 to 0.126', () => {
		expect(nearest?.weightGradient).toBeGreaterThan(0.117);
		expect(nearest?.weightGradient).toBeLessThan(0.126);
	});
	test('both products are within 2 % of what integration over the definitions expects, stochastic rounding too', () => {
		for (const [found, expected] of [
			[stochastic, expectedErrors('floor', 'stochastic')],
			[nearest, expectedErrors('floor', 'nearest')],
			[roundedScales, expectedErrors('round', 'stochastic')],
		] as const) {
			expect(Math.abs((found?.output ?? 0) / expected.output - 1)).toBeLessThan(0.02);
			expect(Math.abs((found?.weightGradient ?? 0) / expected.weightGradient - 1)).toBeLessThan(0.02);
		}
	});
});
