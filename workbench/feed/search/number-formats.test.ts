import { expect, test } from 'vitest';
import { spelledOutFormats } from './number-formats.ts';

test.each([
	['Native FP4 Training, MXFP4 and FP4', '4 bit four bit floating point'],
	['INT8 inference', '8 bit eight bit integer'],
	['an eight-bit accumulator', '8 bit eight bit'],
	['Thirty-two bits, 32-bit', '32 bit thirty two bit'],
	['BF16', '16 bit sixteen bit floating point'],
	['12-bit ADC', '12 bit'],
	['a fp of 4 points; fp8x; 4 bitter pills', ''],
])('%s', (text, wanted) => {
	expect(spelledOutFormats(text)).toBe(wanted);
});
