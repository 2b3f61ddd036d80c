/**
 * Real factors as a 32-bit integer and a shift, and the product of a sum with such a factor, as TensorFlow Lite's reference kernels
 * compute it (after gemmlowp): a doubling high product that rounds to nearest, then a shift that rounds halves away from zero.
 */
import type { FixedPoint } from './integer-network.ts';

/** The nearest fixed-point factor. Raises a RangeError unless 0 <= factor < 2^30. */
export function toFixedPoint(factor: number): FixedPoint {
	if (!(factor >= 0 && factor < 2 ** 30)) throw new RangeError(`no fixed-point factor for ${factor}`);
	if (factor === 0) return { multiplier: 0, shift: 0 };
	let shift = Math.ceil(Math.log2(factor));
	let mantissa = factor / 2 ** shift;
	// Logarithms are not exact next to powers of two.
	if (mantissa >= 1) {
		mantissa /= 2;
		shift++;
	} else if (mantissa < 0.5) {
		mantissa *= 2;
		shift--;
	}
	let multiplier = Math.round(mantissa * 2 ** 31);
	if (multiplier === 2 ** 31) {
		multiplier /= 2;
		shift++;
	}
	// Smaller factors than 2^-31 bring every sum to 0.
	return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/** The rounded product of a 32-bit integer and a factor; halves of the last shift go away from zero. */
export function multiplyFixedPoint(value: number, { multiplier, shift }: FixedPoint): number {
	const left = Math.max(shift, 0);
	const right = Math.max(-shift, 0);
	const high = doublingHighProduct((value << left) | 0, multiplier);
	const mask = 2 ** right - 1;
	const rest = high & mask;
	const threshold = (mask >> 1) + (high < 0 ? 1 : 0);
	return (high >> right) + (rest > threshold ? 1 : 0);
}

/** floor((a b + 2^30) / 2^31) for 32-bit a and 0 <= b < 2^31, exactly: b is split into 16 and 15 bits. */
function doublingHighProduct(a: number, b: number): number {
	const high = Math.floor(b / 2 ** 16);
	const low = b % 2 ** 16;
	// a b = a high 2^16 + a low; both products are below 2^48 and exact.
	const upper = a * high;
	const carried = a * low + 2 ** 30;
	// Divide by 2^31 in two exact steps: first the 2^16 of the lower part.
	const sum = upper + Math.floor(carried / 2 ** 16);
	return Math.floor(sum / 2 ** 15);
}
