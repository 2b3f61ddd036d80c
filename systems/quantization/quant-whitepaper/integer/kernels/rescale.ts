/**
 * From 32-bit sums to 8 bits, eight at a time. What an output needs for it is a record of four 32-bit numbers:
 *
 *   float        bias, factor (a float), 0, 0
 *   fixed-point  bias, multiplier, left shift, right shift
 */
import type { Code, Expression, Variable } from '@assay/webassembly';
import type { Rescaling } from '../integer-network.ts';

export const RECORD_BYTES = 16;

/** Four 32-bit values times `multiplier` 2^(left - right - 31), as `multiplyFixedPoint` does it. */
export function multiplyFixedPoint(
	code: Code,
	values: Expression,
	{ multiplier, left, right }: { readonly multiplier: Variable; readonly left: Variable; readonly right: Variable },
): Variable {
	const { i32, i32x4, i64, i64x2, i8x16, v128 } = code.module;
	const shifted = code.let('v128', i32x4.shl(values, left.get()));
	const half = () => i64x2.splat(i64.extend_u(code.int(2 ** 30)));
	const factor = () => i32x4.splat(multiplier.get());
	const product = (make: (a: Expression, b: Expression) => Expression) =>
		code.let('v128', i64x2.shr_s(i64x2.add(make(shifted.get(), factor()), half()), code.int(31)));
	const [low, high] = [product(i64x2.extmul_low_i32x4_s), product(i64x2.extmul_high_i32x4_s)];
	const words = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
	const rounded = code.let('v128', i8x16.shuffle(low.get(), high.get(), words));
	const mask = code.let('i32', i32.sub(i32.shl(code.int(1), right.get()), code.int(1)));
	const rest = v128.and(rounded.get(), i32x4.splat(mask.get()));
	const threshold = i32x4.sub(i32x4.splat(i32.shr_u(mask.get(), code.int(1))), i32x4.shr_s(rounded.get(), code.int(31)));
	// A comparison gives -1 where it holds.
	return code.let('v128', i32x4.sub(i32x4.shr_s(rounded.get(), right.get()), i32x4.gt_s(rest, threshold)));
}

/** Two vectors of sums with their bias, times their factor: halves to even (`float`), or as TensorFlow Lite rounds. */
export function rescale(code: Code, rescaling: Rescaling, sums: readonly Variable[], record: Variable): Variable[] {
	const { i32, i32x4, v128 } = code.module;
	const bias = code.let('v128', v128.load32_splat(0, 4, record.get()));
	const withBias = sums.map((sum) => () => i32x4.add(sum.get(), bias.get()));
	if (rescaling === 'float') {
		const factor = code.let('v128', v128.load32_splat(4, 4, record.get()));
		return withBias.map((values) => nearestProduct(code, values(), factor));
	}
	const [multiplier, left, right] = [4, 8, 12].map((offset) => code.let('i32', i32.load(offset, 4, record.get()))) as [
		Variable,
		Variable,
		Variable,
	];
	return withBias.map((values) => multiplyFixedPoint(code, values(), { multiplier, left, right }));
}

/** The nearest integers to float32 products, halves to even. */
export function nearestProduct(code: Code, values: Expression, factor: Variable): Variable {
	const { f32x4, i32x4 } = code.module;
	const product = f32x4.mul(f32x4.convert_i32x4_s(values), factor.get());
	return code.let('v128', i32x4.trunc_sat_f32x4_s(f32x4.nearest(product)));
}

/** Zero point and bounds of a result, in every lane. */
export interface Result {
	readonly zeroPoint: Variable;
	readonly low: Variable;
	readonly high: Variable;
}

export function resultOf(code: Code, zeroPoint: Variable, low: Variable, high: Variable): Result {
	const { i16x8, i32x4 } = code.module;
	return {
		zeroPoint: code.let('v128', i32x4.splat(zeroPoint.get())),
		low: code.let('v128', i16x8.splat(low.get())),
		high: code.let('v128', i16x8.splat(high.get())),
	};
}

/** Adds the zero point to two vectors, clamps, and stores eight bytes. */
export function storeEight(code: Code, place: Expression, halves: readonly Variable[], { zeroPoint, low, high }: Result): void {
	const { i8x16, i16x8, i32x4, v128 } = code.module;
	const [left, right] = halves.map((half) => i32x4.add(half.get(), zeroPoint.get())) as [Expression, Expression];
	const words = i16x8.min_s(i16x8.max_s(i16x8.narrow_i32x4_s(left, right), low.get()), high.get());
	const clamped = code.let('v128', words);
	code.emit(v128.store64_lane(0, 1, 0, place, i8x16.narrow_i16x8_s(clamped.get(), clamped.get())));
}
