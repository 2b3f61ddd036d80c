/** Rounding to E2M1, four values at a time, and packing its codes. */
import type { Code, Expression, Variable } from '@assay/webassembly';

/** Magnitudes of E2M1 next to |z|, and their numbers 0 to 7. In each binade of the grid values are a step apart: 1/2, 1, 2. */
export function roundElements(
	code: Code,
	z: Variable,
	stochastic: Variable,
	draw: Variable,
): { magnitude: Variable; number: Variable } {
	const { f32, f32x4, i32x4, v128 } = code.module;
	const constant = (value: number) => f32x4.splat(f32.const(value));
	// Beyond 8 everything saturates alike, infinities too.
	const magnitude = code.let('v128', f32x4.min(f32x4.abs(z.get()), constant(8)));
	const above2 = code.let('v128', f32x4.ge(magnitude.get(), constant(2)));
	const above4 = code.let('v128', f32x4.ge(magnitude.get(), constant(4)));
	const choose = (small: Expression, middle: Expression, large: Expression) =>
		v128.bitselect(large, v128.bitselect(middle, small, above2.get()), above4.get());
	const inverseStep = choose(constant(2), constant(1), constant(0.5));
	const scaled = code.let('v128', f32x4.mul(magnitude.get(), inverseStep));
	const whole = code.let('v128', f32x4.floor(scaled.get()));
	const fraction = code.let('v128', f32x4.sub(scaled.get(), whole.get()));
	const up = code.declare('v128');
	code.if(
		stochastic.get(),
		() => {
			const limit = i32x4.trunc_sat_f32x4_u(f32x4.ceil(f32x4.mul(fraction.get(), constant(4294967296))));
			up.set(i32x4.lt_u(draw.get(), limit));
		},
		() => up.set(f32x4.gt(fraction.get(), constant(0.5))),
	);
	whole.set(f32x4.add(whole.get(), v128.and(up.get(), constant(1))));
	const base = choose(constant(0), constant(2), constant(4));
	const step = choose(constant(0.5), constant(1), constant(2));
	const number = code.let('v128', i32x4.trunc_sat_f32x4_s(f32x4.min(f32x4.add(whole.get(), base), constant(7))));
	return { magnitude: code.let('v128', f32x4.min(f32x4.mul(whole.get(), step), constant(6))), number };
}

/** A nibble for each lane: the even one of two values is in the low half of a byte. */
export function writeCodes(
	code: Code,
	{ codes, place, size, z, number }: Readonly<Record<'codes' | 'place' | 'size' | 'z' | 'number', Variable>>,
): void {
	const { i32, i32x4, v128 } = code.module;
	const sign = i32x4.shl(i32x4.shr_u(z.get(), code.int(31)), code.int(3));
	const four = code.let('v128', v128.or(number.get(), sign));
	const odd = code.let('i32', i32.and(place.get(), code.int(1)));
	const at = code.let('i32', code.sum(codes.get(), i32.shr_u(place.get(), code.int(1))));
	const groupBytes = code.let('i32', i32.shr_u(size.get(), code.int(1)));
	for (let lane = 0; lane < 4; lane++) {
		const to = code.let('i32', code.sum(at.get(), code.product(groupBytes.get(), code.int(lane))));
		const nibble = i32x4.extract_lane(four.get(), lane);
		const byte = i32.or(
			code.module.select(odd.get(), i32.load8_u(0, 1, to.get()), code.int(0)),
			i32.shl(nibble, i32.shl(odd.get(), code.int(2))),
		);
		code.emit(i32.store8(0, 1, to.get(), byte));
	}
}
