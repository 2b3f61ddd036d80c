/** From 32-bit sums to 8 bits, and sums of two 8-bit tensors. Rows are whole numbers of four values; only `count` bytes are written. */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';

/** Four 32-bit values times `multiplier` 2^(left - right - 31), as `multiplyFixedPoint` does it. */
function multiplyFixedPoint(
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

/** Four bytes as 32-bit values less a zero point. */
export function loadLess(code: Code, from: Variable, byteOffset: Variable, zero: Variable): Expression {
	const { i16x8, i32x4, v128 } = code.module;
	const bytes = v128.load32_zero(0, 1, code.sum(from.get(), byteOffset.get()));
	return i32x4.sub(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes)), i32x4.splat(zero.get()));
}

/** Adds the zero point, clamps and stores four values as bytes. */
export function storeBytes(
	code: Code,
	place: Expression,
	values: Expression,
	zeroPoint: Variable,
	low: Variable,
	high: Variable,
): void {
	const { i32, i32x4, i16x8, i8x16 } = code.module;
	const moved = i32x4.add(values, i32x4.splat(zeroPoint.get()));
	const clamped = code.let('v128', i32x4.min_s(i32x4.max_s(moved, i32x4.splat(low.get())), i32x4.splat(high.get())));
	const halves = code.let('v128', i16x8.narrow_i32x4_s(clamped.get(), clamped.get()));
	code.emit(i32.store(0, 1, place, i32x4.extract_lane(i8x16.narrow_i16x8_s(halves.get(), halves.get()), 0)));
}

/** Runs over groups of four values into `row`, then copies `count` bytes to `out`. */
export function throughRow(
	code: Code,
	row: Variable,
	out: Variable,
	count: Variable,
	body: (byteOffset: Variable, sumOffset: Variable) => void,
): void {
	const offset = code.let('i32', code.int(0));
	code.count(offset, count.get, 4, () => body(offset, code.let('i32', code.times(offset.get(), 4))));
	code.emit(code.module.memory.copy(out.get(), row.get(), count.get()));
}

export function defineRescale(assembler: Assembler): void {
	/** out = clamp(zeroPoint + (sums + bias) multiplier 2^(left - right - 31)). `row`: scratch of `count` bytes rounded up to 4. */
	assembler.define(
		'rescaleFixedPoint',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, sums, row, out, count, bias, multiplier, left, right, zeroPoint, low, high) => {
			const { i32x4, v128 } = code.module;
			throughRow(code, row, out, count, (byteOffset, sumOffset) => {
				const sum = i32x4.add(v128.load(0, 4, code.sum(sums.get(), sumOffset.get())), i32x4.splat(bias.get()));
				const scaled = multiplyFixedPoint(code, sum, { multiplier, left, right });
				storeBytes(code, code.sum(row.get(), byteOffset.get()), scaled.get(), zeroPoint, low, high);
			});
			return undefined;
		},
	);

	/** out = clamp(zeroPoint + nearest(float32(sums + bias) factor)), halves to even. */
	assembler.define(
		'rescaleFloat',
		['i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32', 'i32', 'i32'],
		(code, sums, row, out, count, bias, factor, zeroPoint, low, high) => {
			const { f32x4, i32x4, v128 } = code.module;
			throughRow(code, row, out, count, (byteOffset, sumOffset) => {
				const sum = i32x4.add(v128.load(0, 4, code.sum(sums.get(), sumOffset.get())), i32x4.splat(bias.get()));
				const scaled = f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.splat(factor.get())));
				storeBytes(code, code.sum(row.get(), byteOffset.get()), i32x4.trunc_sat_f32x4_s(scaled), zeroPoint, low, high);
			});
			return undefined;
		},
	);

	/**
	 * TensorFlow Lite's sum of two tensors: both less their zero points, times 2^20, brought to twice the larger scale, added, and brought to
	 * the output's. `factors`: six 32-bit numbers, multiplier and right shift for a, b and the sum.
	 */
	assembler.define(
		'addFixedPoint',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, a, b, row, out, count, zeroA, zeroB, zeroPoint, low, high, factors) => {
			const { i32, i32x4 } = code.module;
			const twenty = code.let('i32', code.int(20));
			const none = code.let('i32', code.int(0));
			const factor = (index: number, left: Variable) => ({
				multiplier: code.let('i32', i32.load(8 * index, 4, factors.get())),
				left,
				right: code.let('i32', i32.load(8 * index + 4, 4, factors.get())),
			});
			const [forA, forB, forSum] = [factor(0, twenty), factor(1, twenty), factor(2, none)];
			throughRow(code, row, out, count, (byteOffset) => {
				const left = multiplyFixedPoint(code, loadLess(code, a, byteOffset, zeroA), forA);
				const right = multiplyFixedPoint(code, loadLess(code, b, byteOffset, zeroB), forB);
				const sum = multiplyFixedPoint(code, i32x4.add(left.get(), right.get()), forSum);
				storeBytes(code, code.sum(row.get(), byteOffset.get()), sum.get(), zeroPoint, low, high);
			});
			return undefined;
		},
	);
}
