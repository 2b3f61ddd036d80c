/** The integers that a quantiser may use, and the format they make by themselves. */
import { checkInteger } from '../check-integer.ts';
import { roundToInteger } from '../rounding.ts';
import { defineScalarFormat, type ScalarFormat } from '../scalar-format.ts';

export interface IntegerCodes {
	/** 2 to 16. */
	readonly bits: number;
	readonly lowest: number;
	readonly highest: number;
	/** Whether the zero-point is held at 0. */
	readonly isSymmetric: boolean;
}

/** All codes, for a quantiser with a zero-point: 0 to 2^bits - 1, or, signed, from -2^(bits - 1) on. */
export function asymmetricCodes(bits: number, { signed = false } = {}): IntegerCodes {
	checkInteger('bits', bits, 2, 16);
	const lowest = signed ? -(2 ** (bits - 1)) : 0;
	return { bits, lowest, highest: lowest + 2 ** bits - 1, isSymmetric: false };
}

/** All signed codes, -2^(bits - 1) to 2^(bits - 1) - 1, around a zero-point of 0. */
export function symmetricCodes(bits: number): IntegerCodes {
	return { ...asymmetricCodes(bits, { signed: true }), isSymmetric: true };
}

/** As many codes below 0 as above: two products of 8 bits then add up within 16 (Krishnamoorthi 2018, section 2.2). */
export function restrictedCodes(bits: number): IntegerCodes {
	const codes = symmetricCodes(bits);
	return { ...codes, lowest: -codes.highest };
}

/** The narrowest array that holds the codes. */
export function integerArray(codes: IntegerCodes, length: number): Int8Array | Uint8Array | Int16Array | Uint16Array {
	const isSigned = codes.lowest < 0;
	if (codes.bits <= 8) return isSigned ? new Int8Array(length) : new Uint8Array(length);
	return isSigned ? new Int16Array(length) : new Uint16Array(length);
}

/**
 * The codes as numbers, each times `unit`: fixed point. Bit patterns are two's complement. Numbers beyond the codes saturate, infinities
 * too; not-a-number becomes 0.
 */
export function integerFormat(name: string, { bits, lowest, highest }: IntegerCodes, unit = 1): ScalarFormat {
	const patterns = 2 ** bits;
	return defineScalarFormat({
		name,
		bits,
		largest: highest * unit,
		smallest: unit,
		decode: (code) => (lowest < 0 && code >= patterns / 2 ? code - patterns : code) * unit,
		encode(value, rounding, draw) {
			if (Number.isNaN(value)) return 0;
			const code = Math.min(highest, Math.max(lowest, roundToInteger(value / unit, rounding, draw)));
			return code < 0 ? code + patterns : code + 0;
		},
	});
}
