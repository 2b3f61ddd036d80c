import { resolveMachine } from '@assay/machines';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leaveOneOut } from '../calibration.ts';
import { updateSeconds } from '../update/update-time.ts';
import { fitRates, type UpdatePoint } from './fit-rates.ts';
import { publishedFit, ratesOf } from './node-rates.ts';

describe('the published update phases', () => {
	test.each([
		['4xh100', 23],
		['4xa100', 21],
	] as const)('%s: %i points within 3 %% on average and 10 %% at worst, four constants', (node, count) => {
		const errors = publishedFit(node).residuals.map(Math.abs);
		expect(errors).toHaveLength(count);
		expect(errors.reduce((sum, error) => sum + error, 0) / count).toBeLessThanOrEqual(0.03);
		expect(Math.max(...errors)).toBeLessThanOrEqual(0.1);
	});

	test.each(['4xh100', '4xa100'] as const)('%s: each point is predicted as well by rates fitted to the others', (node) => {
		const { predicted, measured } = leaveOneOut(node);
		const errors = predicted.map((seconds, i) => Math.abs(seconds / (measured[i] as number) - 1));
		expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThanOrEqual(0.03);
	});
});

describe('the fit', () => {
	const rate = fc.double({ min: 0.2, max: 5, noNaN: true });

	test('finds the rates that made the points, whatever sets the pace at which stride', () => {
		fc.assert(
			fc.property(
				rate,
				fc.double({ min: 0.5, max: 0.95, noNaN: true }),
				fc.double({ min: 3, max: 60, noNaN: true }),
				(cpu, share, link) => {
					const rates = {
						cpuPerSecond: cpu * 1e9,
						inlineCpuPerSecond: share * cpu * 1e9,
						linkBytesPerSecond: link * 1e9,
						gpuPerSecond: 20e9,
						flushPerSecond: 1,
					};
					const points: UpdatePoint[] = [null, 2, 3, 4, 5, 6, 8, 10, 14, 20].flatMap((stride) =>
						[1, 0.6].map((ratio) => {
							const shape = { parameters: 4e9, ratio, stride };
							return { ...shape, seconds: updateSeconds(shape, rates) };
						}),
					);
					const { residuals } = fitRates(points);
					for (const residual of residuals) expect(Math.abs(residual)).toBeLessThan(1e-6);
				},
			),
			{ numRuns: 60 },
		);
	});

	test('without a stride, or without the default update, it says what is missing', () => {
		const point = { parameters: 1e9, ratio: 1, stride: null, seconds: 1 };
		expect(() => fitRates([point])).toThrow(/none with a stride/);
		expect(() => fitRates([{ ...point, stride: 2 }])).toThrow(/none without a stride/);
		expect(() => fitRates([])).toThrow(/at least one default update/);
	});
});

test('machines with a known host are estimated, others are not', () => {
	expect(ratesOf(resolveMachine('4xh100'))?.source).toBe('fitted to published measurements');
	expect(ratesOf(resolveMachine('8xh100'))?.source).toBe('estimated from the machine');
	expect(ratesOf(resolveMachine('2xmi300x'))).toBeNull();
});
