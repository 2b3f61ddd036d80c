/** What tables are compared with: kernels that unpack weights from bytes and multiply, on the vector unit and one by one. */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';
import type { UnpackedBits } from './packed-weights.ts';

const PARAMETERS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * `vectorProduct<bits>(weights, activations, scales, output, columns, depth, scaleGroup)`: the same result as the kernel by tables, from
 * weights as `packColumns` lays them out. `scaleGroup` is a multiple of 128 / bits.
 */
export function defineVectorProduct(bits: UnpackedBits): (assembler: Assembler) => void {
	return (assembler) =>
		assembler.define(
			`vectorProduct${bits}`,
			PARAMETERS,
			(code, weights, activations, scales, output, columns, depth, scaleGroup) => {
				const { i8x16, i32x4, i32, v128 } = code.module;
				eachScaleGroup(code, scales, output, columns, depth, scaleGroup, (start) => {
					const sums = code.let('v128', i32x4.splat(code.int(0)));
					const inside = code.let('i32', code.int(0));
					code.count(inside, scaleGroup.get, 128 / bits, () => {
						const packed = code.let('v128', v128.load(0, 16, weights.get()));
						const place = code.let('i32', code.sum(activations.get(), start.get(), inside.get()));
						for (let part = 0; part < 8 / bits; part++) {
							const shifted = part === 0 ? packed.get() : i8x16.shr_u(packed.get(), code.int(bits * part));
							const raised = bits === 8 ? shifted : v128.and(shifted, i8x16.splat(code.int(2 ** bits - 1)));
							const values = code.let('v128', i8x16.sub(raised, i8x16.splat(code.int(2 ** (bits - 1)))));
							const factors = code.let('v128', v128.load(16 * part, 1, place.get()));
							addProducts(code, sums, values, factors, bits);
						}
						weights.set(code.sum(weights.get(), code.int(16)));
					});
					const lane = (index: number): Expression => i32x4.extract_lane(sums.get(), index);
					return i32.add(i32.add(lane(0), lane(1)), i32.add(lane(2), lane(3)));
				});
				return undefined;
			},
		);
}

/** sums += values x factors, 16 of each. Two products of narrow weights fit into 16 bits together. */
function addProducts(code: Code, sums: Variable, values: Variable, factors: Variable, bits: UnpackedBits): void {
	const { i16x8, i32x4 } = code.module;
	const low = i16x8.extmul_low_i8x16_s(values.get(), factors.get());
	const high = i16x8.extmul_high_i8x16_s(values.get(), factors.get());
	if (bits < 8) {
		sums.set(i32x4.add(sums.get(), i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high))));
		return;
	}
	const both = i32x4.add(i32x4.extadd_pairwise_i16x8_s(low), i32x4.extadd_pairwise_i16x8_s(high));
	sums.set(i32x4.add(sums.get(), both));
}

/** `scalarProduct<bits>`: the same, a weight at a time. */
export function defineScalarProduct(bits: UnpackedBits): (assembler: Assembler) => void {
	return (assembler) =>
		assembler.define(
			`scalarProduct${bits}`,
			PARAMETERS,
			(code, weights, activations, scales, output, columns, depth, scaleGroup) => {
				const { i32 } = code.module;
				eachScaleGroup(code, scales, output, columns, depth, scaleGroup, (start) => {
					const sum = code.let('i32', code.int(0));
					const inside = code.let('i32', code.int(0));
					code.count(inside, scaleGroup.get, 128 / bits, () => {
						const byte = code.let('i32', code.int(0));
						code.count(
							byte,
							() => code.int(16),
							1,
							() => {
								const packed = code.let('i32', i32.load8_u(0, 1, code.sum(weights.get(), byte.get())));
								const place = code.let('i32', code.sum(activations.get(), start.get(), inside.get(), byte.get()));
								for (let part = 0; part < 8 / bits; part++) {
									const raised = i32.and(i32.shr_u(packed.get(), code.int(bits * part)), code.int(2 ** bits - 1));
									const value = i32.sub(raised, code.int(2 ** (bits - 1)));
									sum.set(i32.add(sum.get(), i32.mul(value, i32.load8_s(16 * part, 1, place.get()))));
								}
							},
						);
						weights.set(code.sum(weights.get(), code.int(16)));
					});
					return sum.get();
				});
				return undefined;
			},
		);
}

/** For each column: output = sum over scale groups of scale times the integer that `product` leaves. */
function eachScaleGroup(
	code: Code,
	scales: Variable,
	output: Variable,
	columns: Variable,
	depth: Variable,
	scaleGroup: Variable,
	product: (start: Variable) => Expression,
): void {
	const { f32 } = code.module;
	const column = code.let('i32', code.int(0));
	code.count(column, columns.get, 1, () => {
		const result = code.let('f32', f32.const(0));
		const scale = code.let('i32', code.sum(scales.get(), code.times(column.get(), 4)));
		const start = code.let('i32', code.int(0));
		code.while(
			() => code.module.i32.lt_s(start.get(), depth.get()),
			() => {
				const integer = code.let('i32', product(start));
				result.set(f32.add(result.get(), f32.mul(f32.convert_s.i32(integer.get()), f32.load(0, 4, scale.get()))));
				scale.set(code.sum(scale.get(), code.times(columns.get(), 4)));
				start.set(code.sum(start.get(), scaleGroup.get()));
			},
		);
		code.emit(f32.store(0, 4, code.sum(output.get(), code.times(column.get(), 4)), result.get()));
	});
}
