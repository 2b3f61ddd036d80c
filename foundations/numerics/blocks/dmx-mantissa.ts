/**
 * The mantissa that d-Matrix's dmx-compressor (Apache-2.0, block_quantize_nearest) arrives at. It adds 6 x 2^E in float32, which brings all of the
 * block's values into one binade, rounds off the bits below p of that sum, ties to even, and subtracts again. The sum has been rounded
 * to float32 before, so a value just beside the middle of two steps can land on it.
 */
import { powerOfTwo } from '../power-of-two.ts';
import { roundToInteger } from '../rounding.ts';

/** Wider mantissas leave the library no bits to round off. */
export const LARGEST_DMX_MANTISSA = 22;

/** 6 x 2^E is beyond float32 for larger exponents, where the library gives no number. */
export const LARGEST_DMX_EXPONENT = 125;

/** The mantissa, not yet clamped, of a float32 in a block of exponent E. */
export function dmxMantissa(value: number, exponent: number, mantissaBits: number): number {
	const base = 6 * powerOfTwo(exponent);
	const sum = Math.fround(value + base);
	// Steps are the same before and after: the sum has the exponent E + 2 and p bits behind its leading one.
	const step = powerOfTwo(mantissaBits - 2 - exponent);
	return roundToInteger(sum * step, 'half-even', 0) - base * step;
}
