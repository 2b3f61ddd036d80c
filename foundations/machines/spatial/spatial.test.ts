import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EYERISS_RELATIVE_ENERGY, energyByAction } from './energy-table.ts';
import { attainablePerSecond, ridgeIntensity, rooflinePanel } from './roofline.ts';
import { peakMacsPerSecond } from './spatial-array.ts';

test('the peak of a published array: 65,536 elements at 700 MHz are 92 TOP/s of two operations each', () => {
	// Jouppi et al., ISCA 2017: "a 65,536 8-bit MAC matrix multiply unit that offers a peak throughput of 92 TeraOps/second".
	expect((2 * peakMacsPerSecond({ rows: 256, columns: 256, clockHertz: 700e6 })) / 1e12).toBeCloseTo(92, 0);
});

test('energy of counts, worked by hand', () => {
	const counts = { 'multiply-accumulate': 10, 'register file': 40, array: 5, 'global buffer': 2, DRAM: 1 };
	expect(energyByAction(counts, EYERISS_RELATIVE_ENERGY)).toEqual({
		'multiply-accumulate': 10,
		'register file': 40,
		array: 10,
		'global buffer': 12,
		DRAM: 200,
	});
});

test('under the roof, rates grow with intensity up to the ridge and not beyond', () => {
	const positive = fc.double({ min: 1, max: 1e15, noNaN: true });
	fc.assert(
		fc.property(positive, positive, positive, (peakPerSecond, bytesPerSecond, intensity) => {
			const roof = { peakPerSecond, bytesPerSecond };
			const rate = attainablePerSecond(roof, intensity);
			expect(rate).toBeLessThanOrEqual(peakPerSecond);
			expect(attainablePerSecond(roof, 2 * intensity)).toBeGreaterThanOrEqual(rate);
			if (intensity >= ridgeIntensity(roof) * (1 + 1e-9)) expect(rate).toBe(peakPerSecond);
			else if (intensity <= ridgeIntensity(roof)) expect(rate).toBeCloseTo(intensity * bytesPerSecond, 3);
		}),
	);
});

test('points without work are left out of the plot, the roof covers the others', () => {
	const roof = { peakPerSecond: 1e12, bytesPerSecond: 1e11 };
	const point = { series: 'layers', operations: 1e9, bytes: 1e6, seconds: 1e-2 };
	const { marks } = rooflinePanel(
		't',
		'n',
		roof,
		[
			{ ...point, label: 'a' },
			{ ...point, label: 'b', operations: 0 },
		],
		'MAC',
	);
	expect(marks[1]).toMatchObject({ data: [{ label: 'a', intensity: 1000, rate: 100 }] });
	expect(marks[0]).toMatchObject({ data: [{ intensity: 2.5, rate: 250 }, { intensity: 10, rate: 1000 }, { intensity: 1000 }] });
});
