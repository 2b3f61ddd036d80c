/**
 * What the ASIC computes, with additions and multiplications alone, each rounded to float32: exp by a Taylor series after taking powers of two
 * out, reciprocals and inverse square roots by Newton's iteration from a guess that shifts the exponent. Results leave as BF16.
 */
import { roundToBfloat16 } from './bfloat16.ts';

const f = Math.fround;
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
const LN2 = f(Math.LN2);
const PER_LN2 = f(1 / Math.LN2);
/** 1/n! of the terms after 1 + x. */
const TAYLOR = [1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040].map(f);

/** exp(x) for any x; 0 below -87, where float32 ends. */
export function exponential(x: number): number {
	if (x < -87) return 0;
	const whole = Math.round(Math.min(x, 88) * PER_LN2);
	const rest = f(f(x) - f(whole * LN2));
	let sum = 0;
	for (let i = TAYLOR.length - 1; i >= 0; i--) sum = f(f(sum * rest) + (TAYLOR[i] as number));
	const series = f(1 + f(rest * f(1 + f(rest * sum))));
	float[0] = series;
	bits[0] = (bits[0] as number) + (whole << 23);
	return float[0] as number;
}

/** 1/x for positive x: a guess from the exponent, then three Newton steps. */
export function reciprocal(x: number): number {
	float[0] = x;
	bits[0] = 0x7ef311c3 - (bits[0] as number);
	let y = float[0] as number;
	for (let step = 0; step < 3; step++) y = f(y * f(2 - f(x * y)));
	return y;
}

/** 1/sqrt(x) for positive x: the shifted guess, then two Newton steps. */
export function inverseSquareRoot(x: number): number {
	float[0] = x;
	bits[0] = 0x5f3759df - ((bits[0] as number) >> 1);
	let y = float[0] as number;
	const half = f(0.5 * x);
	for (let step = 0; step < 2; step++) y = f(y * f(1.5 - f(half * f(y * y))));
	return y;
}

/** Sum in float32, in order. */
function sum(values: Float32Array, of: (value: number) => number): number {
	let total = 0;
	for (const value of values) total = f(total + of(value));
	return total;
}

/** (x - mean) * rstd * gamma + beta. */
export function layerNorm(x: Float32Array, gamma: Float32Array, beta: Float32Array, epsilon: number): Float32Array {
	const perCount = f(1 / x.length);
	const mean = f(sum(x, (value) => value) * perCount);
	const variance = f(sum(x, (value) => f(f(value - mean) * f(value - mean))) * perCount);
	const scale = inverseSquareRoot(f(variance + f(epsilon)));
	return x.map((value, i) => roundToBfloat16(f(f(f(f(value - mean) * scale) * (gamma[i] as number)) + (beta[i] as number))));
}

/** Probabilities from scores that are still to be multiplied with `scale`. */
export function softmax(scores: Float32Array, scale: number): Float32Array {
	const scaled = scores.map((value) => f(value * f(scale)));
	const most = scaled.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
	const powers = scaled.map((value) => exponential(f(value - most)));
	const inverse = reciprocal(sum(powers, (value) => value));
	return powers.map((value) => roundToBfloat16(f(value * inverse)));
}

const GELU_SCALE = f(Math.sqrt(2 / Math.PI));
const GELU_CUBE = f(0.044715);

/** GELU as GPT-2 has it: x (1 + tanh(u)) / 2 = x (1 - 1 / (exp(2u) + 1)), u = sqrt(2/pi) (x + 0.044715 x^3). */
export function gelu(x: Float32Array): Float32Array {
	return x.map((value) => {
		const u = f(GELU_SCALE * f(value + f(GELU_CUBE * f(value * f(value * value)))));
		const power = exponential(Math.min(80, f(2 * u)));
		return roundToBfloat16(f(value * f(1 - reciprocal(f(power + 1)))));
	});
}

/** a + b. */
export function add(a: Float32Array, b: Float32Array): Float32Array {
	return a.map((value, i) => roundToBfloat16(f(value + (b[i] as number))));
}
