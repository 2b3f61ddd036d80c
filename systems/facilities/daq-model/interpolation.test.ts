import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCurve, firstCrossing } from './interpolation.ts';
import { minimizeBounded, minimizeUnbracketed } from './minimize.ts';
import { errorFunction, normalCumulative } from './normal.ts';
import { evaluatePolynomial, fitThroughOrigin, polynomialSlope } from './polynomial.ts';

const points = { energiesGeV: [0, 1, 3, 4, 7], efficiencies: [0, 0.1, 0.15, 0.8, 0.7] };

test('the monotone cubic takes the values of SciPy 1.17.1 PchipInterpolator', () => {
	const curve = createCurve(points, 'pchip', 'extrapolate');
	const reference = [
		[0.5, 0.06026785714285715],
		[2, 0.12229685452162516],
		[3.5, 0.4817087155963302],
		[5, 0.7962962962962964],
		[6.5, 0.7421296296296296],
		[7.5, 0.6412037037037036],
	] as const;
	for (const [energy, efficiency] of reference) expect(curve.at(energy)).toBeCloseTo(efficiency, 14);
	expect(curve.at(-0.5)).toBe(0);
});

test('lines run straight between points, and step outside', () => {
	const curve = createCurve(points, 'linear', 'step');
	expect(curve.at(2)).toBeCloseTo(0.125, 15);
	expect(curve.at(-1)).toBe(0);
	expect(curve.at(8)).toBe(1);
	expect(firstCrossing(curve, 0.5)).toBeCloseTo(3 + 0.35 / 0.65, 12);
});

test('a curve goes through its points, whatever their order, and stays between neighbours', () => {
	const sample = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
		minLength: 2,
		maxLength: 12,
		selector: ([energy]) => energy,
	});
	fc.assert(
		fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (pairs, share) => {
			const curve = createCurve(
				{ energiesGeV: pairs.map(([energy]) => energy), efficiencies: pairs.map(([, efficiency]) => efficiency) },
				'pchip',
				'extrapolate',
			);
			const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
			for (const [index, [energy, efficiency]] of sorted.entries()) {
				expect(curve.at(energy)).toBeCloseTo(efficiency, 9);
				const next = sorted[index + 1];
				if (next === undefined) continue;
				const between = curve.at(energy + share * (next[0] - energy));
				expect(between).toBeGreaterThanOrEqual(Math.min(efficiency, next[1]) - 1e-9);
				expect(between).toBeLessThanOrEqual(Math.max(efficiency, next[1]) + 1e-9);
			}
		}),
	);
});

test('minimisers stop where those of SciPy 1.17.1 stop', () => {
	expect(minimizeBounded((x) => Math.abs(x * x - 2), 0, 3).x).toBeCloseTo(1.4142122117839016, 12);
	expect(minimizeBounded((x) => Math.cos(x) + 0.01 * x * x, 0, 8).x).toBeCloseTo(3.079954863251817, 9);
	expect(minimizeUnbracketed((x) => (x - 1.7) ** 4 + 0.3 * x).x).toBeCloseTo(1.2782836680177492, 9);
	expect(minimizeUnbracketed((x) => Math.abs(Math.floor(x * 10) / 10 - 7.25)).x).toBeCloseTo(7.349155273448324, 9);
	expect(minimizeUnbracketed((x) => -Math.exp(-((x - 40) ** 2) / 200)).x).toBeCloseTo(39.99999997793604, 6);
});

test('error function and normal distribution take the values of SciPy 1.17.1', () => {
	for (const [x, value] of [
		[0.3, 0.3286267594591274],
		[1.7, 0.9837904585907745],
		[2.6, 0.9997639655834707],
		[4, 0.9999999845827421],
	] as const) {
		expect(errorFunction(x)).toBeCloseTo(value, 14);
		expect(errorFunction(-x)).toBeCloseTo(-value, 14);
	}
	for (const [x, value] of [
		[-6, 9.865876450376946e-10],
		[-3.7, 0.00010779973347738823],
		[0.4, 0.6554217416103242],
		[5, 0.9999997133484281],
	] as const) {
		expect(normalCumulative(x) / value).toBeCloseTo(1, 12);
	}
});

test('a polynomial through the origin is found again from its values', () => {
	fc.assert(
		fc.property(
			fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: -10, max: 10, noNaN: true }))),
			fc.constantFrom(1, 1e3, 1e7),
			(shape, scale) => {
				const coefficients = [0, ...shape.map((value, power) => value / scale ** (power + 1))];
				const x = Array.from({ length: 20 }, (_, i) => (scale * (i + 1)) / 20);
				const fitted = fitThroughOrigin(
					x,
					x.map((value) => evaluatePolynomial(coefficients, value)),
					3,
					['table'],
				);
				for (const value of x) {
					expect(evaluatePolynomial(fitted, value)).toBeCloseTo(evaluatePolynomial(coefficients, value), 9);
				}
			},
		),
	);
	expect(polynomialSlope([1, 2, 3, 4], 2)).toBe(2 + 12 + 48);
	expect(() => fitThroughOrigin([1, 1, 0], [1, 1, 0], 3, ['table.csv'])).toThrow(/table.csv.*1 distinct sizes/);
});
