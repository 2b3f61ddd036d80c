import { expect, test } from 'vitest';
import { oneCycleRate, usualOneCycle } from './learning-rate.ts';

test('one cycle rises in a line, falls in a half cosine and ends where it was told', () => {
	const cycle = { steps: 101, peak: 2, ...usualOneCycle };
	const rates = Array.from({ length: 101 }, (_, step) => oneCycleRate(cycle, step));
	expect(rates[0]).toBeCloseTo(0.02, 12);
	expect(rates[5]).toBeCloseTo(0.02 + 0.5 * 1.98, 12);
	expect(rates[10]).toBe(2);
	expect(rates[55]).toBeCloseTo(1.1, 12);
	expect(rates[100]).toBeCloseTo(0.2, 12);
	expect(rates.indexOf(Math.max(...rates))).toBe(10);
	for (let step = 11; step <= 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1]!);
});

test('very short trainings have finite rates', () => {
	for (const steps of [1, 2, 3])
		for (let step = 0; step < steps; step++) {
			const rate = oneCycleRate({ steps, peak: 1, ...usualOneCycle }, step);
			expect(rate).toBeGreaterThan(0);
			expect(rate).toBeLessThanOrEqual(1);
		}
});
