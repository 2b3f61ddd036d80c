/**
 * FP4 blocks as other programs lay them out, byte by byte: ggml's `block_mxfp4` (an E8M0 code, then 16 bytes whose low halves are values 0 to
 * 15 and whose high halves are 16 to 31) and `block_nvfp4` (four E4M3 codes, then 8 bytes for each 16 values, low halves first). Values are
 * worked out by hand from OCP's and IEEE's bits; ggml's own gguf-py and ml_dtypes give the same.
 */
import { expect, test } from 'vitest';
import { ocpMicroscaling } from './microscaling.ts';
import { nvfp4 } from './nvfp4.ts';

const mxfp4 = ocpMicroscaling('mxfp4');
/** Each code once in the low halves, rising, and once in the high halves, falling. */
const EVERY_CODE = Uint8Array.from({ length: 16 }, (_, i) => ((15 - i) << 4) | i);

/** Codes of `perBlock` values from bytes: low halves, then high halves. */
function unpackHalves(bytes: Uint8Array, perBlock: number): Uint8Array<ArrayBuffer> {
	const half = perBlock / 2;
	return Uint8Array.from({ length: 2 * bytes.length }, (_, i) => {
		const byte = bytes[Math.floor(i / perBlock) * half + (i % half)] as number;
		return i % perBlock < half ? byte & 15 : byte >> 4;
	});
}

function decodeMxfp4(scale: number): Float32Array {
	const out = new Float32Array(32);
	mxfp4.decode({ scales: Uint8Array.of(scale), codes: unpackHalves(EVERY_CODE, 32) }, out);
	return out;
}

/** ggml's table holds one zero; here, as in OCP's format, code 8 is the negative one. */
const oneZero = (values: Float32Array): number[] => Array.from(values, (value) => value + 0);
const bits = (values: Float32Array, ...places: number[]): string[] =>
	places.map((place) => new Uint32Array(values.buffer)[place]?.toString(16) ?? '');

test('block_mxfp4 of scale 128: twice the grid', () => {
	expect(oneZero(decodeMxfp4(0x80))).toEqual([
		...[0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12],
		...[-12, -8, -6, -4, -3, -2, -1, 0, 12, 8, 6, 4, 3, 2, 1, 0],
	]);
});

test('block_mxfp4 at the ends of E8M0: the bits of 0.5, 1 and 6 times the scale, subnormal and beyond float32', () => {
	expect(bits(decodeMxfp4(0), 1, 2, 7)).toEqual(['200000', '400000', '1400000']);
	expect(bits(decodeMxfp4(1), 1, 2, 7)).toEqual(['400000', '800000', '1c00000']);
	expect(bits(decodeMxfp4(2), 1, 2, 7)).toEqual(['800000', '1000000', '2400000']);
	expect(bits(decodeMxfp4(254), 1, 2, 7)).toEqual(['7e800000', '7f000000', '7f800000']);
	// OCP's not-a-number; ggml goes on to 2^128.
	expect(oneZero(decodeMxfp4(255)).every(Number.isNaN)).toBe(true);
});

test('block_mxfp4 of 0.3, -0.6, 0.9 and so on to -9.6, as ggml writes it: 9.6 has the exponent 3, ties go to the lower', () => {
	const values = Float32Array.from({ length: 32 }, (_, i) => 0.3 * (i % 2 === 0 ? 1 : -1) * (i + 1));
	const { scales, codes } = mxfp4.encode(values, { rounding: 'half-toward-zero' });
	const block = [scales[0], ...codes.subarray(0, 16).map((code, i) => code | ((codes[16 + i] as number) << 4))];
	// Halves of the values: 0.15, -0.3, 0.45, -0.6, 0.75 (a tie), ... and 2.55, -2.7, 2.85, ...
	expect(block).toEqual([0x80, 0x50, 0xd9, 0x51, 0xd9, 0x51, 0xda, 0x52, 0xea, 0x63, 0xeb, 0x63, 0xec, 0x64, 0xec, 0x64, 0xec]);
});

test('block_nvfp4 with scales 1, 2^-9, 448 and 2', () => {
	const codes = unpackHalves(Uint8Array.of(...EVERY_CODE, ...EVERY_CODE), 16);
	const out = new Float32Array(64);
	nvfp4.decode({ scales: Uint8Array.of(0x38, 0x01, 0x7e, 0x40), codes, tensorScale: 1 }, out);
	const first = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -6, -4, -3, -2, -1.5, -1, -0.5, 0];
	const second = [0, -0.5, -1, -1.5, -2, -3, -4, -6, 6, 4, 3, 2, 1.5, 1, 0.5, 0];
	expect(oneZero(out)).toEqual([
		...first,
		...second.map((value) => value * 2 ** -9 + 0),
		...first.map((value) => value * 448),
		...second.map((value) => value * 2 + 0),
	]);
});

test('NVFP4 of two blocks: the tensor scale 7.9 / 2688, block scales 448 and 5.5, and the codes that ml_dtypes rounds to', () => {
	const wide = [0, 0.1, -0.2, 0.3, -0.45, 0.6, -0.8, 1, 1.3, -1.7, 2.2, -2.9, 3.7, -4.8, 6.1, -7.9];
	const narrow = Array.from({ length: 16 }, (_, i) => 0.01 * i - 0.05);
	const { tensorScale, scales, codes } = nvfp4.encode(Float32Array.from([...wide, ...narrow]));
	expect(tensorScale).toBe(Math.fround(Math.fround(7.9) / 2688));
	expect([...scales]).toEqual([0x7e, 0x4b]);
	expect([...codes]).toEqual([
		...[0, 0, 8, 0, 9, 1, 9, 2, 2, 11, 3, 12, 5, 14, 6, 15],
		...[13, 12, 12, 10, 9, 0, 1, 2, 4, 4, 5, 6, 6, 6, 7, 7],
	]);
});
