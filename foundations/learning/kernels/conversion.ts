/** float32 to and from the two 16-bit formats, rounding to nearest, ties to even. Not-a-number stays one. */
import type { Assembler, Code, Expression, Lanes, Variable } from '@assay/webassembly';

const SIGN = 0x80000000 | 0;
const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;

/** bfloat16 is the upper half of a float32. */
function toBfloat16(code: Code, lanes: Lanes, value: Expression): Expression {
	const bits = code.let(lanes.integer, lanes.bitsOf(value));
	const odd = lanes.and(lanes.shiftRight(bits.get(), 16), lanes.integerConstant(1));
	const rounded = lanes.integerAdd(bits.get(), lanes.integerAdd(odd, lanes.integerConstant(0x7fff)));
	// Rounding could carry a not-a-number over into infinity or zero: it is made quiet instead.
	const quiet = lanes.or(bits.get(), lanes.integerConstant(0x400000));
	const notNumber = lanes.above(lanes.and(bits.get(), lanes.integerConstant(MAGNITUDE)), lanes.integerConstant(INFINITY_BITS));
	return lanes.shiftRight(lanes.select(notNumber, quiet, rounded), 16);
}

/**
 * float16 has 5 bits of exponent and 10 of fraction. Normal results: rebias the exponent and round off 13 bits in integer arithmetic.
 * Below 2^-14: adding 0.5 lets the float adder round to multiples of 2^-24, the subnormal unit, which then stand in the low bits.
 */
function toFloat16(code: Code, lanes: Lanes, value: Expression): Expression {
	const integer = lanes.integerConstant;
	const bits = code.let(lanes.integer, lanes.bitsOf(value));
	const magnitude = code.let(lanes.integer, lanes.and(bits.get(), integer(MAGNITUDE)));
	const odd = lanes.and(lanes.shiftRight(magnitude.get(), 13), integer(1));
	const rebiased = lanes.integerSub(lanes.integerAdd(magnitude.get(), lanes.integerAdd(odd, integer(0xfff))), integer(112 << 23));
	const normal = lanes.shiftRight(rebiased, 13);
	const aligned = lanes.bitsOf(lanes.add(lanes.fromBits(magnitude.get()), lanes.constant(0.5)));
	const subnormal = lanes.integerSub(aligned, integer(0x3f000000));
	const finite = lanes.select(lanes.above(magnitude.get(), integer(0x387fffff)), normal, subnormal);
	// 65520 is the first value that rounds beyond the largest finite float16.
	const orInfinite = lanes.select(lanes.above(magnitude.get(), integer(0x477fefff)), integer(0x7c00), finite);
	const orNotNumber = lanes.select(lanes.above(magnitude.get(), integer(INFINITY_BITS)), integer(0x7e00), orInfinite);
	return lanes.or(orNotNumber, lanes.shiftRight(lanes.and(bits.get(), integer(SIGN)), 16));
}

function fromFloat16(code: Code, lanes: Lanes, half: Variable): Expression {
	const integer = lanes.integerConstant;
	const magnitude = code.let(lanes.integer, lanes.and(half.get(), integer(0x7fff)));
	const sign = lanes.shiftLeft(lanes.and(half.get(), integer(0x8000)), 16);
	const normal = lanes.integerAdd(lanes.shiftLeft(magnitude.get(), 13), integer(112 << 23));
	const special = lanes.or(lanes.shiftLeft(magnitude.get(), 13), integer(INFINITY_BITS));
	const subnormal = lanes.bitsOf(lanes.sub(lanes.fromBits(lanes.or(magnitude.get(), integer(0x3f000000))), lanes.constant(0.5)));
	const orSpecial = lanes.select(lanes.above(magnitude.get(), integer(0x7bff)), special, normal);
	return lanes.fromBits(lanes.or(lanes.select(lanes.above(magnitude.get(), integer(0x3ff)), orSpecial, subnormal), sign));
}

export function defineConversions(assembler: Assembler): void {
	const narrow = (name: string, convert: (code: Code, lanes: Lanes, value: Expression) => Expression) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			code.elements(n.get, (lanes, offset) => {
				const half = convert(code, lanes, lanes.load(code.sum(source.get(), offset.get())));
				lanes.storeHalves(code.sum(target.get(), code.module.i32.shr_u(offset.get(), code.int(1))), half);
			});
			return undefined;
		});
	const widen = (name: string, convert: (code: Code, lanes: Lanes, half: Variable) => Expression) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			code.elements(n.get, (lanes, offset) => {
				const place = code.sum(source.get(), code.module.i32.shr_u(offset.get(), code.int(1)));
				const half = code.let(lanes.integer, lanes.loadHalves(place));
				lanes.store(code.sum(target.get(), offset.get()), convert(code, lanes, half));
			});
			return undefined;
		});
	narrow('float32ToBfloat16', toBfloat16);
	narrow('float32ToFloat16', toFloat16);
	widen('bfloat16ToFloat32', (_, lanes, half) => lanes.fromBits(lanes.shiftLeft(half.get(), 16)));
	widen('float16ToFloat32', fromFloat16);
}
