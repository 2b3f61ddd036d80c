import { expect, test } from 'vitest';
import { smallFloat } from './floats/small-float.ts';
import { integerFormat, restrictedCodes } from './integers/integer-codes.ts';
import { posit } from './posits/posit.ts';
import { valuesOf } from './scalar-format.ts';
import { gaussianSqnr } from './testing/gaussian-sqnr.ts';

/** Figures computed elsewhere for unit Gaussian data at a scale, in dB; they are given to two digits. */
test.for([
	['int4', 0.354, 18.9],
	['int4', 1, 10.79],
	['e2m1', 0.488, 18.97],
	['e2m1', 1, 16.34],
	['posit(4,0)', 1.114, 16.99],
	['posit(4,1)', 1.011, 14.17],
	['posit(8,0)', 1.419, 41.35],
	['posit(8,0)', 1, 40.13],
	['posit(8,1)', 1, 37.47],
	['int8', 0.0308, 40.54],
	['e4m3', 0.0204, 31.56],
	['e4m3', 1, 31.52],
] as const)('signal to noise of Gaussian data: %s at the scale %f has %f dB', ([name, scale, expected]) => {
	const formats = {
		int4: integerFormat('int4', restrictedCodes(4)),
		int8: integerFormat('int8', restrictedCodes(8)),
		e2m1: smallFloat('e2m1'),
		e4m3: smallFloat('e4m3'),
		'posit(4,0)': posit(4, 0),
		'posit(4,1)': posit(4, 1),
		'posit(8,0)': posit(8, 0),
		'posit(8,1)': posit(8, 1),
	};
	const sqnr = gaussianSqnr((values) => {
		const scaled = values.map((value) => value / scale);
		formats[name].quantize(scaled, scaled);
		return scaled.map((value) => value * scale);
	});
	expect(Math.abs(sqnr - expected)).toBeLessThan(0.02);
});

test('all values of a format are listed once, in order', () => {
	expect([...valuesOf(integerFormat('int2', restrictedCodes(2), 0.5))]).toEqual([-1, -0.5, 0, 0.5]);
	expect(valuesOf(smallFloat('fp16')).length).toBe(2 * (31 * 1024) - 1);
});
