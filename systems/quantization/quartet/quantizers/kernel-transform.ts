/** Walsh-Hadamard and other rotations of four groups that stand in scratch, one in each lane. */
import type { Code, Expression, Variable } from '@assay/webassembly';

/** Where in scratch a second copy of the groups starts. */
export const SCRATCH_HALF = 128 * 16;

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

/** Replaces the groups in scratch by their product with a matrix, summed in ascending order. */
export function multiplyScratch(code: Code, scratch: Variable, matrix: Variable, size: Variable): void {
	const { f32, f32x4, v128 } = code.module;
	const column = code.let('i32', code.int(0));
	const rowBytes = code.let('i32', code.times(size.get(), 4));
	code.count(column, size.get, 1, () => {
		const sum = code.let('v128', f32x4.splat(f32.const(0)));
		const at = code.let('i32', scratch.get());
		const weight = code.let('i32', code.sum(matrix.get(), code.times(column.get(), 4)));
		const i = code.let('i32', code.int(0));
		code.count(i, size.get, 1, () => {
			sum.set(f32x4.add(sum.get(), f32x4.mul(v128.load(0, 4, at.get()), f32x4.splat(f32.load(0, 4, weight.get())))));
			at.set(code.sum(at.get(), code.int(16)));
			weight.set(code.sum(weight.get(), rowBytes.get()));
		});
		code.emit(v128.store(SCRATCH_HALF, 4, code.sum(scratch.get(), code.times(column.get(), 16)), sum.get()));
	});
	const i = code.let('i32', code.int(0));
	code.count(
		i,
		() => code.times(size.get(), 16),
		16,
		() => {
			const at = code.let('i32', code.sum(scratch.get(), i.get()));
			code.emit(v128.store(0, 4, at.get(), v128.load(SCRATCH_HALF, 4, at.get())));
		},
	);
}

/** Two of four floats as doubles. */
export function promoted(code: Code, x: Variable, which: 'low' | 'high'): Expression {
	const { f64x2, i8x16 } = code.module;
	if (which === 'low') return f64x2.promote_low_f32x4(x.get());
	return f64x2.promote_low_f32x4(i8x16.shuffle(x.get(), x.get(), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]));
}
