import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNpy } from './read-npy.ts';

/** A file as numpy.save writes it: header padded with spaces to a multiple of 64 bytes. */
function npy(header: string, values: Float32Array): Uint8Array {
	const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
	const bytes = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8];
	return Uint8Array.from([...bytes, ...new TextEncoder().encode(padded), ...new Uint8Array(values.buffer)]);
}
const good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", Float32Array.of(1, -2, 3, 4, 0.5, -6));

test('two tokens of three values', () => {
	expect(parseNpy(good, 'x.npy')).toEqual({ tokens: 2, values: Float32Array.of(1, -2, 3, 4, 0.5, -6) });
	const one = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", Float32Array.of(1, 2, 3));
	expect(parseNpy(one, 'x.npy').tokens).toBe(1);
});

test.for([
	["{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 1, /float32/],
	["{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", 1, /C order/],
	["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }", 24, /tokens by width/],
	["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 1, /8 for 1 x 2/],
	["{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", Number.NaN, /finite/],
] as const)('%s is refused', ([header, count, reason]) => {
	const values = Number.isNaN(count) ? Float32Array.of(Number.NaN) : new Float32Array(count);
	expect(() => parseNpy(npy(header, values), 'x.npy')).toThrow(reason);
});

test('any change of a file ends in values or an InputError', () => {
	fc.assert(
		fc.property(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.boolean(), (place, bytes, cut) => {
			const changed = good.slice(0, cut ? place : good.length);
			if (!cut) changed.set(bytes.subarray(0, good.length - place), place);
			try {
				parseNpy(changed, 'x.npy');
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});
