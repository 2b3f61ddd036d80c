/**
 * Posits: after the sign comes the regime, a run of equal bits and the bit that ends it, then `es` bits of exponent, then the fraction; what
 * does not fit is zero. Values near 1 get a long fraction, values far from it a long regime. Gustafson and Yonemoto, "Beating floating
 * point at its own game" (2017); the Posit Standard (2022) fixes es = 2.
 */
import { checkInteger } from '../check-integer.ts';
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import { type Rounding, roundsUp } from '../rounding.ts';
import { defineScalarFormat, type ScalarFormat } from '../scalar-format.ts';

/**
 * The posits of `bits` (4 to 32) bits with `exponentBits` (0 to 4) bits of exponent. Infinities and not-a-number become NaR, the one code
 * that is no real number, which decodes to not-a-number. Anything else that is not zero becomes neither zero nor NaR: it ends at the
 * smallest or largest value. The `half-` rules split two neighbours where the standard does, at the posit of one more bit between them
 * (beyond the fraction's reach that is their geometric mean); stochastic rounding goes by distance. Raises an `InputError` outside the limits.
 */
export function posit(bits: number, exponentBits: number): ScalarFormat {
	checkInteger(['posit', 'bits'], bits, 4, 32);
	checkInteger(['posit', 'exponentBits'], exponentBits, 0, 4);
	const codes = 2 ** bits;
	const notReal = codes / 2;
	const largestExponent = (bits - 2) * 2 ** exponentBits;
	const largest = powerOfTwo(largestExponent);
	const smallest = powerOfTwo(-largestExponent);

	/** Of a code from 1 to below that of NaR. */
	const decodeMagnitude = (code: number): number => {
		// The regime starts at the top of a 32-bit integer.
		const aligned = code << (33 - bits);
		const run = Math.clz32(aligned < 0 ? ~aligned : aligned);
		const regime = aligned < 0 ? run - 1 : -run;
		const left = Math.max(0, bits - 2 - run);
		const tail = code & ((1 << left) - 1);
		const fractionBits = Math.max(0, left - exponentBits);
		const exponent = left >= exponentBits ? tail >>> fractionBits : tail << (exponentBits - left);
		const hidden = 1 << fractionBits;
		const scale = (regime << exponentBits) + exponent;
		return ((tail & (hidden - 1)) + hidden) * powerOfTwo(scale - fractionBits);
	};
	const decode = (code: number): number => {
		if (code === 0) return 0;
		if (code === notReal) return Number.NaN;
		return code > notReal ? -decodeMagnitude(codes - code) : decodeMagnitude(code);
	};
	const encodeMagnitude = (magnitude: number, rounding: Rounding, draw: number): number => {
		if (magnitude >= largest) return notReal - 1;
		if (magnitude <= smallest) return 1;
		const scale = exponentOf(magnitude);
		const regime = scale >> exponentBits;
		const exponent = scale & ((1 << exponentBits) - 1);
		const fraction = magnitude * powerOfTwo(-scale) - 1;
		const regimeBits = regime >= 0 ? regime + 2 : 1 - regime;
		const regimeCode = regime >= 0 ? powerOfTwo(regime + 2) - 2 : 1;
		const left = bits - 1 - regimeBits;
		let lower: number;
		/** The bits cut off, as a fraction of the last bit kept. */
		let rest: number;
		if (left >= exponentBits) {
			const scaled = fraction * powerOfTwo(left - exponentBits);
			const kept = Math.floor(scaled);
			lower = (regimeCode * (1 << exponentBits) + exponent) * powerOfTwo(left - exponentBits) + kept;
			rest = scaled - kept;
		} else {
			const cut = exponentBits - left;
			lower = regimeCode * (1 << left) + (exponent >> cut);
			if (rounding === 'stochastic') {
				const below = decodeMagnitude(lower);
				rest = (magnitude - below) / (decodeMagnitude(lower + 1) - below);
			} else {
				// A fraction of any size moves the exponent's cut bits off the middle in the same way.
				rest = ((exponent & ((1 << cut) - 1)) + (fraction > 0 ? 0.5 : 0)) / (1 << cut);
			}
		}
		return roundsUp(rounding, rest, lower % 2 === 1, draw) ? lower + 1 : lower;
	};
	return defineScalarFormat({
		name: `posit(${bits},${exponentBits})`,
		bits,
		largest,
		smallest,
		decode,
		encode(value, rounding, draw) {
			if (value === 0) return 0;
			if (!Number.isFinite(value)) return notReal;
			const code = encodeMagnitude(Math.abs(value), rounding, draw);
			return value < 0 ? codes - code : code;
		},
	});
}
