/**
 * exp, log and the logistic function in float32 arithmetic alone, so that they give the same bits on every machine.
 *
 * exp: x = n ln 2 + r with |r| <= ln(2)/2; e^r by its Taylor polynomial of degree 7 (truncation below 6e-9), scaled by 2^n through the
 * exponent bits. Arguments are clamped to [-87.3, 88.3]: below, the result is 1.2e-38 rather than smaller; above, 2.2e38 rather
 * than infinity. Relative error at most 2.5e-7 (two units in the last place).
 *
 * log: x = 2^n f with f in [sqrt(1/2), sqrt(2)); log f = 2 atanh(s), s = (f - 1)/(f + 1), by the odd series up to s^11 (truncation below
 * 2e-10 of the result). Positive normal arguments. Relative error at most 3e-7, absolute near 1 at most 1e-7.
 */
import type { Code, Expression, Lanes } from '@assay/webassembly';

const LOWEST = -87.3;
const HIGHEST = 88.3;
/** ln 2 in two parts: the first has few enough bits that its product with n is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** e^x per lane. */
export function exponential(code: Code, lanes: Lanes, argument: Expression): Expression {
	const x = code.let(lanes.float, lanes.min(lanes.max(argument, lanes.constant(LOWEST)), lanes.constant(HIGHEST)));
	const n = code.let(lanes.float, lanes.nearest(lanes.mul(x.get(), lanes.constant(Math.LOG2E))));
	const partly = lanes.sub(x.get(), lanes.mul(n.get(), lanes.constant(LN2_HIGH)));
	const r = code.let(lanes.float, lanes.sub(partly, lanes.mul(n.get(), lanes.constant(LN2_LOW))));
	let polynomial = lanes.constant(1 / 5040);
	for (const coefficient of [1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1])
		polynomial = lanes.add(lanes.mul(polynomial, r.get()), lanes.constant(coefficient));
	const exponent = lanes.shiftLeft(lanes.integerAdd(lanes.toInteger(n.get()), lanes.integerConstant(127)), 23);
	return lanes.mul(polynomial, lanes.fromBits(exponent));
}

/** 1 / (1 + e^-x) per lane. */
export function logistic(code: Code, lanes: Lanes, argument: Expression): Expression {
	const power = exponential(code, lanes, lanes.sub(lanes.constant(0), argument));
	return lanes.div(lanes.constant(1), lanes.add(lanes.constant(1), power));
}

/** ln x per lane, for positive normal x. */
export function logarithm(code: Code, lanes: Lanes, argument: Expression): Expression {
	const bits = code.let(lanes.integer, lanes.bitsOf(argument));
	// Shifting by the mantissa of sqrt(1/2) makes the exponent jump where f passes sqrt(2).
	const shifted = code.let(lanes.integer, lanes.integerSub(bits.get(), lanes.integerConstant(0x3f3504f3)));
	const biased = lanes.shiftRight(lanes.integerAdd(shifted.get(), lanes.integerConstant(127 << 23)), 23);
	const n = code.let(lanes.float, lanes.toFloat(lanes.integerSub(biased, lanes.integerConstant(127))));
	const mantissa = lanes.and(shifted.get(), lanes.integerConstant(0x7fffff));
	const f = code.let(lanes.float, lanes.fromBits(lanes.integerAdd(mantissa, lanes.integerConstant(0x3f3504f3))));
	const ratio = lanes.div(lanes.sub(f.get(), lanes.constant(1)), lanes.add(f.get(), lanes.constant(1)));
	const s = code.let(lanes.float, ratio);
	const square = code.let(lanes.float, lanes.mul(s.get(), s.get()));
	let series = lanes.constant(2 / 11);
	for (const odd of [9, 7, 5, 3, 1]) series = lanes.add(lanes.mul(series, square.get()), lanes.constant(2 / odd));
	const small = lanes.add(lanes.mul(n.get(), lanes.constant(LN2_LOW)), lanes.mul(s.get(), series));
	return lanes.add(lanes.mul(n.get(), lanes.constant(LN2_HIGH)), small);
}
