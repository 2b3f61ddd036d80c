/** Rounding to narrower floating-point formats, to nearest, ties to even. */

export const arithmeticFormats = ['float64', 'float32', 'float16', 'bfloat16'] as const;
export type ArithmeticFormat = (typeof arithmeticFormats)[number];

/** Largest argument whose exponential the format still holds. */
export const largestExponent: Readonly<Record<ArithmeticFormat, number>> = {
	float64: Math.log(Number.MAX_VALUE),
	float32: Math.log((2 - 2 ** -23) * 2 ** 127),
	float16: Math.log(65_504),
	bfloat16: Math.log((2 - 2 ** -7) * 2 ** 127),
};

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** To 1 sign, 8 exponent and 7 fraction bits. From a float32 value; not a number stays so. */
export function roundToBfloat16(value: number): number {
	single[0] = value;
	const pattern = bits[0] as number;
	if (Number.isNaN(value) || !Number.isFinite(value)) return value;
	bits[0] = (pattern + 0x7fff + ((pattern >>> 16) & 1)) & 0xffff0000;
	return single[0] as number;
}

/** To 1 sign, 5 exponent and 10 fraction bits, subnormal numbers included; beyond 65,504 to infinity. From a float32 value. */
export function roundToFloat16(value: number): number {
	const size = Math.abs(value);
	if (!(size < 65_520)) return Number.isNaN(value) ? value : value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
	// Below 2^-14 numbers lie 2^-24 apart: adding and taking away a large number rounds to that grid.
	if (size < 2 ** -14) return value + 1.5 * 2 ** 28 - 1.5 * 2 ** 28;
	single[0] = value;
	const pattern = bits[0] as number;
	bits[0] = (pattern + 0xfff + ((pattern >>> 13) & 1)) & 0xffffe000;
	return single[0] as number;
}

/** Rounds the first `count` values in place; float32 arrays hold float32 already. */
export function roundAll(values: Float64Array | Float32Array, count: number, format: ArithmeticFormat): void {
	if (format === 'float16') for (let i = 0; i < count; i++) values[i] = roundToFloat16(values[i] as number);
	else if (format === 'bfloat16') for (let i = 0; i < count; i++) values[i] = roundToBfloat16(values[i] as number);
}
