/** Steps over bytes: look-ups, moves, sums of planes, and sums and products of two tensors. Tensors have eight bytes free behind them. */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';
import { multiplyFixedPoint, nearestProduct, resultOf, storeEight } from './rescale.ts';

export function defineElementwise(assembler: Assembler): void {
	/** out[i] = table[in[i] + 128]. */
	assembler.define('lookUp', ['i32', 'i32', 'i32', 'i32'], (code, input, table, out, count) => {
		const { i32 } = code.module;
		const at = code.let('i32', code.int(0));
		code.count(at, count.get, 8, () => {
			const [from, to] = [code.let('i32', code.sum(input.get(), at.get())), code.let('i32', code.sum(out.get(), at.get()))];
			for (let i = 0; i < 8; i++) {
				const entry = i32.xor(i32.load8_u(i, 1, from.get()), code.int(128));
				code.emit(i32.store8(i, 1, to.get(), i32.load8_u(0, 1, code.sum(table.get(), entry))));
			}
		});
		return undefined;
	});

	/** out[i] = source[places[i]], the zero point where the place is -1. */
	assembler.define('gather', ['i32', 'i32', 'i32', 'i32', 'i32'], (code, source, places, out, count, zeroPoint) => {
		const { i32 } = code.module;
		const at = code.let('i32', places.get());
		code.for(count.get, (i) => {
			const place = code.let('i32', i32.load(0, 4, at.get()));
			const to = () => code.sum(out.get(), i.get());
			code.if(
				i32.lt_s(place.get(), code.int(0)),
				() => code.emit(i32.store8(0, 1, to(), zeroPoint.get())),
				() => code.emit(i32.store8(0, 1, to(), i32.load8_u(0, 1, code.sum(source.get(), place.get())))),
			);
			at.set(code.sum(at.get(), code.int(4)));
		});
		return undefined;
	});

	/** Each of so many values `times` times, one after the other. */
	assembler.define('repeat', ['i32', 'i32', 'i32', 'i32'], (code, source, out, count, times) => {
		const { i32, memory } = code.module;
		const to = code.let('i32', out.get());
		code.for(count.get, (i) => {
			code.emit(memory.fill(to.get(), i32.load8_u(0, 1, code.sum(source.get(), i.get())), times.get()));
			to.set(code.sum(to.get(), times.get()));
		});
		return undefined;
	});

	/** Sums of so many values, plane by plane, as 32-bit numbers. */
	assembler.define('sumPlanes', ['i32', 'i32', 'i32', 'i32'], (code, input, out, planes, each) => {
		const { i32, i16x8, i32x4, v128 } = code.module;
		const from = code.let('i32', input.get());
		const total = code.declare('v128');
		code.for(planes.get, (plane) => {
			total.set(i32x4.splat(code.int(0)));
			const end = code.let('i32', code.sum(from.get(), each.get()));
			const whole = code.let('i32', code.sum(from.get(), i32.and(each.get(), code.int(-16))));
			code.count(from, whole.get, 16, () => {
				const pairs = i16x8.extadd_pairwise_i8x16_s(v128.load(0, 1, from.get()));
				total.set(i32x4.add(total.get(), i32x4.extadd_pairwise_i16x8_s(pairs)));
			});
			const lane = (index: number) => i32x4.extract_lane(total.get(), index);
			const sum = code.let('i32', code.sum(lane(0), lane(1), lane(2), lane(3)));
			code.count(from, end.get, 1, () => sum.set(code.sum(sum.get(), i32.load8_s(0, 1, from.get()))));
			code.emit(i32.store(0, 4, code.sum(out.get(), code.times(plane.get(), 4)), sum.get()));
		});
		return undefined;
	});

	/** out = clamp(zeroPoint + nearest((a - zeroA) (b - zeroB) factor)), halves to even. */
	assembler.define(
		'multiplyFloat',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32', 'i32', 'i32'],
		(code, a, b, out, count, zeroA, zeroB, factor, zeroPoint, low, high) => {
			const { f32x4, i32x4 } = code.module;
			const result = resultOf(code, zeroPoint, low, high);
			const factors = code.let('v128', f32x4.splat(factor.get()));
			byEights(code, count, (offset) => {
				const [left, right] = [loadEight(code, a, offset, zeroA), loadEight(code, b, offset, zeroB)];
				const halves = [i32x4.extmul_low_i16x8_s, i32x4.extmul_high_i16x8_s].map((multiply) =>
					nearestProduct(code, multiply(left.get(), right.get()), factors),
				);
				storeEight(code, code.sum(out.get(), offset.get()), halves, result);
			});
			return undefined;
		},
	);

	/** out = clamp(zeroPoint + nearest((scaleA (a - zeroA) + scaleB (b - zeroB)) / scale)) in float32, halves to even. */
	assembler.define(
		'addFloat',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'f32', 'f32', 'i32', 'i32', 'i32'],
		(code, a, b, out, count, zeroA, zeroB, scaleA, scaleB, scale, zeroPoint, low, high) => {
			const { f32x4, i32x4 } = code.module;
			const result = resultOf(code, zeroPoint, low, high);
			const [scalesA, scalesB, scales] = [scaleA, scaleB, scale].map((one) => code.let('v128', f32x4.splat(one.get()))) as [
				Variable,
				Variable,
				Variable,
			];
			byEights(code, count, (offset) => {
				const left = halvesOf(code, loadEight(code, a, offset, zeroA));
				const right = halvesOf(code, loadEight(code, b, offset, zeroB));
				const real = (values: Variable, by: Variable) => f32x4.mul(f32x4.convert_i32x4_s(values.get()), by.get());
				const halves = left.map((half, at) => {
					const sum = f32x4.add(real(half, scalesA), real(right[at] as Variable, scalesB));
					return code.let('v128', i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(sum, scales.get()))));
				});
				storeEight(code, code.sum(out.get(), offset.get()), halves, result);
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
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, a, b, out, count, zeroA, zeroB, zeroPoint, low, high, factors) => {
			const { i32, i32x4 } = code.module;
			const result = resultOf(code, zeroPoint, low, high);
			const twenty = code.let('i32', code.int(20));
			const none = code.let('i32', code.int(0));
			const factor = (index: number, left: Variable) => ({
				multiplier: code.let('i32', i32.load(8 * index, 4, factors.get())),
				left,
				right: code.let('i32', i32.load(8 * index + 4, 4, factors.get())),
			});
			const [forA, forB, forSum] = [factor(0, twenty), factor(1, twenty), factor(2, none)];
			byEights(code, count, (offset) => {
				const left = halvesOf(code, loadEight(code, a, offset, zeroA));
				const right = halvesOf(code, loadEight(code, b, offset, zeroB));
				const halves = left.map((half, at) => {
					const scaled = multiplyFixedPoint(code, half.get(), forA);
					const other = multiplyFixedPoint(code, (right[at] as Variable).get(), forB);
					return multiplyFixedPoint(code, i32x4.add(scaled.get(), other.get()), forSum);
				});
				storeEight(code, code.sum(out.get(), offset.get()), halves, result);
			});
			return undefined;
		},
	);
}

function byEights(code: Code, count: Variable, body: (offset: Variable) => void): void {
	const offset = code.let('i32', code.int(0));
	code.count(offset, count.get, 8, () => body(offset));
}

/** Eight bytes as 16-bit values less a zero point. */
function loadEight(code: Code, from: Variable, offset: Variable, zero: Variable): Variable {
	const { i16x8, v128 } = code.module;
	return code.let('v128', i16x8.sub(v128.load8x8_s(0, 1, code.sum(from.get(), offset.get())), i16x8.splat(zero.get())));
}

/** Eight 16-bit values as two vectors of 32-bit ones. */
function halvesOf(code: Code, values: Variable): Variable[] {
	const { i32x4 } = code.module;
	const widened: Expression[] = [i32x4.extend_low_i16x8_s(values.get()), i32x4.extend_high_i16x8_s(values.get())];
	return widened.map((half) => code.let('v128', half));
}
