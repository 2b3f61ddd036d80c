import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORMAT_NAMES, parseFormat } from './format-name.ts';

test('every offered name makes the format of that name', () => {
	for (const name of FORMAT_NAMES) expect(parseFormat(name).name).toBe(name);
});

test.for([
	['E4M3FN', 'e4m3fn', 8],
	['e3m4', 'e3m4', 8],
	['posit16', 'posit(16,2)', 16],
	['Posit( 8, 1 )', 'posit(8,1)', 8],
	['mxfp4_16', 'mxfp4_16', 4.5],
	['mxfp8-e4m3_64', 'mxfp8-e4m3_64', 8.125],
	['BFP[4|8]{32}(SN)', 'bfp12_32', 4.25],
	['BFP[8|8]{64}(_N)', 'bfp16_64-asymmetric', 8.125],
	['bfp16_64-asymmetric-dmx', 'bfp16_64-asymmetric-dmx', 8.125],
	['int6', 'int6', 6],
] as const)('%s is read as %s', ([text, name, bitsPerValue]) => {
	expect(parseFormat(text)).toMatchObject({ name, bitsPerValue });
});

test('a name that is none gets the nearest, a size out of its range gets the range', () => {
	expect(() => parseFormat('mxfp5', ['weights'])).toThrow(
		'weights: found "mxfp5", expected a number format such as e4m3, posit(16,1), int8, mxfp4 or bfp12_32; did you mean mxfp4?',
	);
	expect(() => parseFormat('posit(40,2)', ['weights'])).toThrow('weights.posit.bits: found 40, expected an integer from 4 to 32');
	expect(() => parseFormat('int17')).toThrow('format.bits: found 17');
	expect(() => parseFormat('e12m3')).toThrow('exponentBits: found 12');
	expect(() => parseFormat('bfp12_0')).toThrow('blockSize');
	expect(() => parseFormat('int8_0')).toThrow('blockSize');
});

test('any text is a format that works or an InputError', () => {
	const piece = fc.constantFrom(
		'e',
		'm',
		'posit(',
		'mxfp4',
		'int',
		'u',
		'bfp',
		'_',
		',',
		')',
		'-dmx',
		'0',
		'4',
		'8',
		'16',
		'99',
		'[',
		'|',
		'fn',
	);
	const text = fc.oneof(
		fc.string(),
		fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
	);
	fc.assert(
		fc.property(text, (name) => {
			try {
				const values = Float32Array.of(0, 1, -2.5, 1e-3, 77);
				const out = new Float32Array(5);
				const format = parseFormat(name);
				format.quantize(values, out);
				expect(out[0]).toBe(format.name === 'e8m0' ? Math.fround(2 ** -127) : 0);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 3000 },
	);
});
