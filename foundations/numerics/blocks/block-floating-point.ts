/**
 * Block floating point: one exponent for a block, and for each value a signed mantissa without a hidden bit. With p bits of mantissa a block whose
 * largest magnitude has the exponent E counts steps of 2^(E - (p - 2)): the largest value fills p - 1 bits, the others lose as many as
 * they are smaller. Names are those of d-Matrix: BFP12_32 has 12 - 8 = 4 bits of mantissa in blocks of 32.
 */
import { InputError } from '@assay/contract';
import { type BlockFormat, forEachBlock, largestMagnitude } from '../block-format.ts';
import { checkInteger } from '../check-integer.ts';
import { integerFormat } from '../integers/integer-codes.ts';
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import { drawsOf, type Rounding, type RoundingOptions, roundToInteger } from '../rounding.ts';
import type { ScalarFormat } from '../scalar-format.ts';
import { dmxMantissa, LARGEST_DMX_EXPONENT, LARGEST_DMX_MANTISSA } from './dmx-mantissa.ts';

export interface BlockFloatingPointOptions {
	/** Bits of a mantissa with its sign, 2 to 25. */
	readonly mantissaBits: number;
	readonly blockSize: number;
	/** Whether -2^(p - 1), which has no positive counterpart, is never used; true unless told. */
	readonly isSymmetric?: boolean | undefined;
	/**
	 * `exact` rounds once; `dmx-compatible` also makes the float32 rounding of d-Matrix's dmx-compressor, which adds a large number to round
	 * off bits. On Gaussian data it differs by a step in a few values of a hundred thousand with 8 bits, in four of a thousand with 16. It
	 * exists for mantissas of up to 22 bits and rounds half-even alone.
	 */
	readonly arithmetic?: 'exact' | 'dmx-compatible' | undefined;
}

/** A row of blocks. */
export interface MantissaBlocks {
	/** E + 127 for each block; 0: a block of zeros; 255: a block that held an infinity or not-a-number. */
	readonly exponents: Uint8Array<ArrayBuffer>;
	/** For each value. */
	readonly mantissas: Int32Array<ArrayBuffer>;
}

export interface BlockFloatingPoint extends BlockFormat {
	readonly mantissaBits: number;
	encode(values: Float32Array, options?: RoundingOptions): MantissaBlocks;
	decode(blocks: MantissaBlocks, out: Float32Array): void;
}

const EXPONENT_BIAS = 127;
const NAN_EXPONENT = 255;
const SMALLEST_NORMAL = 2 ** -126;

/**
 * A block whose largest magnitude is below float32's normal numbers is stored as zeros. Mantissas beyond +-(2^(p - 1) - 1) are clamped; if the
 * format is not symmetric, the lowest mantissa takes one more step down where that brings it no farther from the value. Blocks of one
 * value are floats with p - 1 significant bits, as in the library: their exponent follows the rounding, so nothing is clamped but overflow.
 */
export function blockFloatingPoint(options: BlockFloatingPointOptions): BlockFloatingPoint {
	const { mantissaBits, blockSize, isSymmetric = true, arithmetic = 'exact' } = options;
	checkInteger('mantissaBits', mantissaBits, 2, arithmetic === 'exact' ? 25 : LARGEST_DMX_MANTISSA);
	checkInteger('blockSize', blockSize, 1, 2 ** 31);
	const highest = 2 ** (mantissaBits - 1) - 1;
	/** 2^(E - p + 2) is the step. */
	const stepShift = mantissaBits - 2;

	const mantissaOf = (value: number, exponent: number, rounding: Rounding, draw: number): number => {
		const steps = value * powerOfTwo(stepShift - exponent);
		const asDmx = arithmetic === 'dmx-compatible' && exponent <= LARGEST_DMX_EXPONENT;
		const rounded = asDmx ? dmxMantissa(value, exponent, mantissaBits) : roundToInteger(steps, rounding, draw);
		const clamped = Math.min(highest, Math.max(-highest, rounded)) + 0;
		if (isSymmetric || clamped !== -highest) return clamped;
		return Math.abs(steps - (clamped - 1)) <= Math.abs(steps - clamped) ? clamped - 1 : clamped;
	};
	const encode = (values: Float32Array, options: RoundingOptions = {}): MantissaBlocks => {
		const { rounding = 'half-even' } = options;
		if (arithmetic === 'dmx-compatible' && rounding !== 'half-even') {
			throw new InputError({
				path: ['rounding'],
				found: rounding,
				expected: 'half-even for dmx-compatible',
				nearest: 'half-even',
			});
		}
		const exponents = new Uint8Array(Math.ceil(values.length / blockSize));
		const mantissas = new Int32Array(values.length);
		const drawOf = drawsOf(options);
		forEachBlock(values.length, blockSize, (start, end, block) => {
			const largest = largestMagnitude(values, start, end);
			if (largest < SMALLEST_NORMAL) return;
			if (!Number.isFinite(largest)) {
				exponents[block] = NAN_EXPONENT;
				return;
			}
			let exponent = exponentOf(largest);
			if (blockSize === 1) {
				const value = values[start] as number;
				const mantissa = roundToInteger(value * powerOfTwo(stepShift - exponent), rounding, drawOf(start));
				// Rounding up to the next power of two.
				const carried = Math.abs(mantissa) > highest && exponent < EXPONENT_BIAS;
				if (carried) exponent++;
				mantissas[start] = carried ? mantissa / 2 : Math.min(highest, Math.max(-highest, mantissa));
			} else {
				for (let i = start; i < end; i++) mantissas[i] = mantissaOf(values[i] as number, exponent, rounding, drawOf(i));
			}
			exponents[block] = exponent + EXPONENT_BIAS;
		});
		return { exponents, mantissas };
	};
	const decode = ({ exponents, mantissas }: MantissaBlocks, out: Float32Array): void => {
		forEachBlock(mantissas.length, blockSize, (start, end, block) => {
			const step = stepOf(exponents[block] as number, mantissaBits);
			for (let i = start; i < end; i++) out[i] = (mantissas[i] as number) * step;
		});
	};
	const suffix = `${isSymmetric ? '' : '-asymmetric'}${arithmetic === 'exact' ? '' : '-dmx'}`;
	return {
		kind: 'block',
		name: `bfp${mantissaBits + 8}_${blockSize}${suffix}`,
		blockSize,
		bitsPerValue: mantissaBits + 8 / blockSize,
		element: mantissaFormat(mantissaBits, isSymmetric),
		mantissaBits,
		quantize: (values, out, options) => decode(encode(values, options), out),
		encode,
		decode,
	};
}

/** The value of one step of a block with a stored exponent; 0 for a block of zeros. */
export function stepOf(storedExponent: number, mantissaBits: number): number {
	if (storedExponent === NAN_EXPONENT) return Number.NaN;
	return storedExponent === 0 ? 0 : powerOfTwo(storedExponent - EXPONENT_BIAS - (mantissaBits - 2));
}

/** Mantissas of a block with the exponent 0. */
function mantissaFormat(bits: number, isSymmetric: boolean): ScalarFormat {
	const highest = 2 ** (bits - 1) - 1;
	const codes = { bits, lowest: isSymmetric ? -highest : -highest - 1, highest, isSymmetric: true };
	return integerFormat(`int${bits}/${2 ** (bits - 2)}`, codes, powerOfTwo(2 - bits));
}
