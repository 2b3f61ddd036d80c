/**
 * Small floats in integer arithmetic, four at a time, written from a layout. To a small float: where its exponents are normal the bits of
 * a float32 are rebiased and its fraction rounded off, ties to even, by adding and shifting; where they are subnormal, adding a power of
 * two whose last place is the subnormal unit makes the float adder round, and the sum's low bits are the code.
 */
import type { Code, Expression, Lanes, Variable } from '@assay/webassembly';
import { type FloatLayout, magnitudeCodes } from '../floats/float-layout.ts';

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const FLOAT32_BIAS = 127;
const FLOAT32_FRACTION = 23;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The bits of a float32. */
function float32Bits(value: number): number {
	float[0] = value;
	return bits[0] as number;
}

/** The power of two whose last place in float32 is the subnormal unit. */
function subnormalAligner(bias: number, fractionBits: number): number {
	return 2 ** (1 - bias - fractionBits + FLOAT32_FRACTION);
}

/** Reads a constant in every lane. */
type LaneConstant = (lanes: Lanes) => Expression;

/**
 * Makes integer constants to be used in a loop that follows. V8 builds a vector constant anew at each use, which costs more than what it is
 * used for; the sum with a zero that no compiler foresees, the sign of a count, stays in a register.
 */
function laneConstants(code: Code, count: Variable): (value: number) => LaneConstant {
	const { i32, i32x4 } = code.module;
	const zero = code.let('i32', i32.shr_u(count.get(), code.int(31)));
	return (value) => {
		const vector = code.let('v128', i32x4.splat(i32.add(zero.get(), code.int(value))));
		return (lanes) => (lanes.width === 4 ? vector.get() : code.int(value));
	};
}

/**
 * A function that writes the code, rounded to nearest even, of a float32 in each lane, for a loop that follows; `count` is any number that is
 * not negative. The layouts are those whose zeros have both signs and that saturate or have infinities.
 */
export function laneEncoder(
	code: Code,
	{ exponentBits, fractionBits, bias, specials, overflow }: FloatLayout,
	count: Variable,
): (lanes: Lanes, value: Expression) => Expression {
	const magnitudeBits = exponentBits + fractionBits;
	const { largest, nan } = magnitudeCodes({ exponentBits, fractionBits, specials });
	const drop = FLOAT32_FRACTION - fractionBits;
	const rebias = (FLOAT32_BIAS - bias) << FLOAT32_FRACTION;
	const constant = laneConstants(code, count);
	const magnitudeMask = constant(MAGNITUDE);
	// What overflows is held at the number whose code it gets: the largest, or the one after it, whose code is infinity's. Without a code
	// for it, not-a-number is held at the largest too.
	const limit = constant(((overflow === 'saturate' ? largest : largest + 1) << drop) + rebias);
	const rounding = constant((1 << (drop - 1)) - 1 - rebias);
	const subnormals =
		rebias === 0
			? undefined
			: {
					aligner: constant(float32Bits(subnormalAligner(bias, fractionBits))),
					last: constant(float32Bits(2 ** (1 - bias)) - 1),
				};
	const notNumber = nan === undefined ? undefined : { code: constant(nan), infinity: constant(INFINITY_BITS) };

	return (lanes, value) => {
		const signed = code.let(lanes.integer, lanes.bitsOf(value));
		const magnitude = code.let(lanes.integer, lanes.and(signed.get(), magnitudeMask(lanes)));
		const held = code.let(lanes.integer, smaller(code, lanes, magnitude, limit));
		const odd = lanes.shiftRight(lanes.shiftLeft(held.get(), 31 - drop), 31);
		const rounded = lanes.integerAdd(held.get(), lanes.integerAdd(odd, rounding(lanes)));
		let result = lanes.shiftRight(rounded, drop);
		if (subnormals !== undefined) {
			const { aligner, last } = subnormals;
			const aligned = lanes.bitsOf(lanes.add(lanes.fromBits(held.get()), lanes.fromBits(aligner(lanes))));
			const subnormal = lanes.integerSub(aligned, aligner(lanes));
			result = lanes.select(exceeds(code, lanes, held.get(), last(lanes)), result, subnormal);
		}
		if (notNumber !== undefined) {
			const isNotNumber = exceeds(code, lanes, magnitude.get(), notNumber.infinity(lanes));
			result = lanes.select(isNotNumber, notNumber.code(lanes), result);
		}
		return lanes.or(result, lanes.shiftLeft(lanes.shiftRight(signed.get(), 31), magnitudeBits));
	};
}

/** A function that writes the float32 of a code in each lane, for a loop that follows. */
export function laneDecoder(
	code: Code,
	{ exponentBits, fractionBits, bias, specials }: FloatLayout,
	count: Variable,
): (lanes: Lanes, codes: Variable) => Expression {
	const magnitudeBits = exponentBits + fractionBits;
	const drop = FLOAT32_FRACTION - fractionBits;
	const { largest } = magnitudeCodes({ exponentBits, fractionBits, specials });
	if (bias === FLOAT32_BIAS) return (lanes, codes) => lanes.fromBits(lanes.shiftLeft(codes.get(), drop));

	const constant = laneConstants(code, count);
	const magnitudeMask = constant((1 << magnitudeBits) - 1);
	const rebias = constant((FLOAT32_BIAS - bias) << FLOAT32_FRACTION);
	const aligner = constant(float32Bits(subnormalAligner(bias, fractionBits)));
	const lastSubnormal = constant((1 << fractionBits) - 1);
	const special = largest < (1 << magnitudeBits) - 1 ? { last: constant(largest), infinity: constant(INFINITY_BITS) } : undefined;

	return (lanes, codes) => {
		const magnitude = code.let(lanes.integer, lanes.and(codes.get(), magnitudeMask(lanes)));
		const sign = lanes.shiftLeft(lanes.shiftRight(codes.get(), magnitudeBits), 31);
		const shifted = code.let(lanes.integer, lanes.shiftLeft(magnitude.get(), drop));
		const normal = lanes.integerAdd(shifted.get(), rebias(lanes));
		const aligned = lanes.fromBits(lanes.or(magnitude.get(), aligner(lanes)));
		const subnormal = lanes.bitsOf(lanes.sub(aligned, lanes.fromBits(aligner(lanes))));
		let result = lanes.select(exceeds(code, lanes, magnitude.get(), lastSubnormal(lanes)), normal, subnormal);
		if (special !== undefined) {
			// The fraction stays: 0 of infinity, another of not-a-number.
			const bits = lanes.or(shifted.get(), special.infinity(lanes));
			result = lanes.select(exceeds(code, lanes, magnitude.get(), special.last(lanes)), bits, result);
		}
		return lanes.fromBits(lanes.or(result, sign));
	};
}

/** Comparison of integers that are not negative; processors have one instruction for it, and several for unsigned ones. */
function exceeds(code: Code, lanes: Lanes, integers: Expression, limit: Expression): Expression {
	return lanes.width === 4 ? code.module.i32x4.gt_s(integers, limit) : code.module.i32.gt_s(integers, limit);
}

function smaller(code: Code, lanes: Lanes, integers: Variable, limit: LaneConstant): Expression {
	if (lanes.width === 4) return code.module.i32x4.min_s(integers.get(), limit(lanes));
	return lanes.select(exceeds(code, lanes, integers.get(), limit(lanes)), limit(lanes), integers.get());
}
