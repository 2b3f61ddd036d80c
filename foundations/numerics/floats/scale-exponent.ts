/** E8M0, the scale of OCP's microscaling formats: a power of two by its exponent alone. */
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import { roundsUp } from '../rounding.ts';
import { defineScalarFormat } from '../scalar-format.ts';

const BIAS = 127;
/** The code of not-a-number. */
export const NAN_SCALE = 255;
const LARGEST_SCALE = 254;

/**
 * 2^(code - 127); code 255 is not-a-number. There is no sign and no zero: what is at most the smallest value, 2^-127, becomes it, and what is
 * beyond the largest, 2^127, the largest. (Microscaling Formats 1.0, section 5.4.1.)
 */
export const e8m0 = defineScalarFormat({
	name: 'e8m0',
	bits: 8,
	largest: powerOfTwo(LARGEST_SCALE - BIAS),
	smallest: powerOfTwo(-BIAS),
	decode: (code) => (code === NAN_SCALE ? Number.NaN : powerOfTwo(code - BIAS)),
	encode(value, rounding, draw) {
		if (Number.isNaN(value)) return NAN_SCALE;
		if (value <= powerOfTwo(-BIAS)) return 0;
		if (value >= powerOfTwo(LARGEST_SCALE - BIAS)) return LARGEST_SCALE;
		const exponent = exponentOf(value);
		const code = exponent + BIAS;
		return roundsUp(rounding, value * powerOfTwo(-exponent) - 1, code % 2 === 1, draw) ? code + 1 : code;
	},
});
