/** Exponents of float64 numbers, read from their bits. */
const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);
/** Every float is little-endian where JavaScript's typed arrays are; the sign and the exponent are in the last word. */
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

const SMALLEST = -1074;
const LARGEST = 1023;
const powers = Float64Array.from({ length: LARGEST - SMALLEST + 1 }, (_, index) => 2 ** (SMALLEST + index));

/** 2^exponent, exactly; from -1074 to 1023. */
export function powerOfTwo(exponent: number): number {
	return powers[exponent - SMALLEST] as number;
}

/** The exponent of the leading bit of a positive finite number; -1023 for zero and subnormal numbers. */
export function exponentOf(magnitude: number): number {
	float[0] = magnitude;
	return (((halves[HIGH] as number) >>> 20) & 0x7ff) - 1023;
}
