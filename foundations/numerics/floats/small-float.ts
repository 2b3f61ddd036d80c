/**
 * Floats of any small size. A code without its sign counts through the values in order: each exponent has 2^fractionBits of them, and the
 * lowest one holds the subnormals. So a code is (exponent - lowest) 2^fractionBits + significand, where the significand counts units of
 * 2^(exponent - fractionBits), and rounding the significand up carries into the exponent by itself.
 */
import { checkInteger } from '../check-integer.ts';
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import { type Rounding, roundsUp } from '../rounding.ts';
import { defineScalarFormat, type ScalarFormat } from '../scalar-format.ts';
import { FLOAT_LAYOUTS, type FloatLayout, type FloatName, magnitudeCodes } from './float-layout.ts';

/**
 * The format of a name in `FLOAT_LAYOUTS`, or of a layout of one's own. Not-a-number stays one; where a format has none it becomes the largest
 * value, as in PTX's `cvt.satfinite`. Zeros keep their sign where there are two. Infinities overflow. Rounding toward zero
 * never overflows from a finite number. Raises an `InputError` for a layout outside its limits.
 */
export function smallFloat(layout: FloatName | FloatLayout, name?: string): ScalarFormat {
	if (typeof layout === 'string') return smallFloat(FLOAT_LAYOUTS[layout], layout);
	checkLayout(layout);
	const { exponentBits, fractionBits, bias, specials } = layout;
	const lowestExponent = 1 - bias;
	/** Significands in a binade. */
	const binade = 2 ** fractionBits;
	const signCode = 2 ** (exponentBits + fractionBits);
	const hasNegativeZero = specials !== 'nan-for-negative-zero';
	const magnitudes = magnitudeCodes(layout);
	const { largest, infinity } = magnitudes;
	const nan = magnitudes.nan ?? (specials === 'nan-for-negative-zero' ? signCode : undefined);
	const overflow = layout.overflow === 'saturate' ? largest : (infinity ?? nan ?? largest);

	const decodeMagnitude = (code: number): number => {
		const field = Math.floor(code / binade);
		const fraction = code - field * binade;
		if (field === 0) return fraction * powerOfTwo(lowestExponent - fractionBits);
		return (fraction + binade) * powerOfTwo(field - bias - fractionBits);
	};
	const decode = (code: number): number => {
		if (code === nan) return Number.NaN;
		const isNegative = code >= signCode;
		const magnitudeCode = isNegative ? code - signCode : code;
		if (magnitudeCode > largest) return magnitudeCode !== infinity ? Number.NaN : isNegative ? -Infinity : Infinity;
		const magnitude = decodeMagnitude(magnitudeCode);
		return isNegative ? -magnitude : magnitude;
	};
	const encodeMagnitude = (magnitude: number, rounding: Rounding, draw: number): number => {
		if (magnitude === Infinity) return overflow;
		const exponent = Math.max(exponentOf(magnitude), lowestExponent);
		const scaled = magnitude * powerOfTwo(fractionBits - exponent);
		const lower = Math.floor(scaled);
		const lowerCode = (exponent - lowestExponent) * binade + lower;
		const code = roundsUp(rounding, scaled - lower, lowerCode % 2 === 1, draw) ? lowerCode + 1 : lowerCode;
		return code <= largest ? code : rounding === 'toward-zero' ? largest : overflow;
	};
	return defineScalarFormat({
		name: name ?? `e${exponentBits}m${fractionBits}`,
		bits: 1 + exponentBits + fractionBits,
		largest: decodeMagnitude(largest),
		smallest: decodeMagnitude(1),
		decode,
		encode(value, rounding, draw) {
			if (Number.isNaN(value)) return nan ?? largest;
			const code = encodeMagnitude(Math.abs(value), rounding, draw);
			const isNegative = value < 0 || Object.is(value, -0);
			return isNegative && code < signCode && (code !== 0 || hasNegativeZero) ? code + signCode : code;
		},
	});
}

/** Biases up to here keep products of two values within float64. */
const LARGEST_BIAS = 300;

function checkLayout({ exponentBits, fractionBits, bias, specials }: FloatLayout): void {
	checkInteger('exponentBits', exponentBits, 1, 8);
	// Not-a-number needs a fraction other than infinity's.
	checkInteger('fractionBits', fractionBits, specials === 'infinities' ? 1 : 0, 23);
	checkInteger('bias', bias, -LARGEST_BIAS, LARGEST_BIAS);
}
