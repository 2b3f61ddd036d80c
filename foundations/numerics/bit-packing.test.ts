import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packBits, packedBytes, unpackBits, unpackSignedBits } from './bit-packing.ts';

const fields = fc
	.integer({ min: 1, max: 32 })
	.chain((width) =>
		fc.record({ width: fc.constant(width), codes: fc.array(fc.integer({ min: 0, max: 2 ** width - 1 }), { maxLength: 50 }) }),
	);

test('fields of any width lie from the lowest bit up as in one large integer, and come back', () => {
	fc.assert(
		fc.property(fields, ({ width, codes }) => {
			const bytes = packBits(codes, width);
			const asOne = codes.reduceRight((higher, code) => (higher << BigInt(width)) | BigInt(code), 0n);
			expect(bytes.length).toBe(packedBytes(codes.length, width));
			expect(bytes.reduceRight((higher, byte) => (higher << 8n) | BigInt(byte), 0n)).toBe(asOne);
			expect([...unpackBits(bytes, width, codes.length)]).toEqual(codes);
			const signed = codes.map((code) => Number(BigInt.asIntN(width, BigInt(code))));
			expect([...unpackSignedBits(bytes, width, codes.length)]).toEqual(signed);
			expect(packBits(signed, width)).toEqual(bytes);
		}),
		{ numRuns: 500 },
	);
});

test('widths beyond 32 bits and too few bytes are refused', () => {
	expect(() => packBits([1], 33)).toThrow(RangeError);
	expect(() => unpackBits(new Uint8Array(3), 5, 5)).toThrow('5 fields of 5 bits take 4 bytes, not 3');
});
