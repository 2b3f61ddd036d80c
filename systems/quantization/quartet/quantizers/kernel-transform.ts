/** Walsh-Hadamard transforms of four groups that stand in scratch, one in each lane. */
import type { Code, Expression, Variable } from '@assay/webassembly';

/** The butterflies of `hadamardTransform` in the same order, without the factor. */
export function transformScratch(code: Code, scratch: Variable, size: Variable): void {
	const { i32, f32x4, v128 } = code.module;
	const bytes = code.let('i32', code.times(size.get(), 16));
	const half = code.let('i32', code.int(16));
	const [a, b] = [code.declare('v128'), code.declare('v128')];
	code.while(
		() => i32.lt_s(half.get(), bytes.get()),
		() => {
			const start = code.let('i32', code.int(0));
			code.while(
				() => i32.lt_s(start.get(), bytes.get()),
				() => {
					const at = code.let('i32', code.sum(scratch.get(), start.get()));
					const end = code.let('i32', code.sum(at.get(), half.get()));
					code.count(at, end.get, 16, () => {
						const other = code.let('i32', code.sum(at.get(), half.get()));
						a.set(v128.load(0, 4, at.get()));
						b.set(v128.load(0, 4, other.get()));
						code.emit(v128.store(0, 4, at.get(), f32x4.add(a.get(), b.get())));
						code.emit(v128.store(0, 4, other.get(), f32x4.sub(a.get(), b.get())));
					});
					start.set(code.sum(start.get(), half.get(), half.get()));
				},
			);
			half.set(i32.shl(half.get(), code.int(1)));
		},
	);
}

/** Divides by the square root of the size, in double precision as the reference does. */
export function normalize(code: Code, scratch: Variable, size: Variable): void {
	const { f64, f32x4, f64x2, i8x16, v128 } = code.module;
	const factor = code.let('f64', f64.div(f64.const(1), f64.sqrt(f64.convert_s.i32(size.get()))));
	const at = code.let('i32', scratch.get());
	const end = code.let('i32', code.sum(scratch.get(), code.times(size.get(), 16)));
	const x = code.declare('v128');
	code.count(at, end.get, 16, () => {
		x.set(v128.load(0, 4, at.get()));
		const [low, high] = (['low', 'high'] as const).map((which) =>
			f32x4.demote_f64x2_zero(f64x2.mul(promoted(code, x, which), f64x2.splat(factor.get()))),
		) as [Expression, Expression];
		code.emit(v128.store(0, 4, at.get(), i8x16.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])));
	});
}

/** Two of four floats as doubles. */
export function promoted(code: Code, x: Variable, which: 'low' | 'high'): Expression {
	const { f64x2, i8x16 } = code.module;
	if (which === 'low') return f64x2.promote_low_f32x4(x.get());
	return f64x2.promote_low_f32x4(i8x16.shuffle(x.get(), x.get(), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]));
}
