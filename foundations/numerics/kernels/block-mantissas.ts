/** float32 to and from block floating point with mantissas of up to 8 bits, one to a byte. */
import type { Assembler } from '@assay/webassembly';
import { largestMagnitudeBits } from './block-lanes.ts';
import { clampLanes, narrowRow, widenRow } from './byte-lanes.ts';

/** Addresses are bytes into the kernels' memory; whole blocks of `size` values. */
export interface BlockMantissaKernels {
	/** What `blockFloatingPoint` of a symmetric, exact format of 2 to 8 `bits` and blocks of at least 2 makes, half to even. */
	float32ToBlockMantissas(source: number, mantissas: number, exponents: number, blocks: number, size: number, bits: number): void;
	blockMantissasToFloat32(mantissas: number, exponents: number, target: number, blocks: number, size: number, bits: number): void;
}

const INFINITY_BITS = 0x7f800000;
const NAN_BITS = 0x7fc00000;
const NAN_EXPONENT = 255;

/** Defines `BlockMantissaKernels`. */
export function defineBlockMantissas(assembler: Assembler): void {
	const name = {
		narrow: 'float32ToBlockMantissas',
		widen: 'blockMantissasToFloat32',
	} as const satisfies Record<string, keyof BlockMantissaKernels>;
	assembler.define(
		name.narrow,
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, target, exponents, blocks, size, bits) => {
			const { f32, i32 } = code.module;
			/** 2^(p - 1), one more than the highest mantissa. */
			const positives = code.let('f32', f32.convert_s.i32(i32.shl(code.int(1), i32.sub(bits.get(), code.int(1)))));
			const highest = code.let('f32', f32.sub(positives.get(), f32.const(1)));
			const rest = code.let('f32', f32.mul(positives.get(), f32.const(1 / 4)));
			const lowest = code.let('f32', f32.neg(highest.get()));
			code.for(blocks.get, (block) => {
				const largest = largestMagnitudeBits(code, source, size.get);
				const exponent = code.let('i32', i32.shr_u(largest.get(), code.int(23)));
				code.emit(i32.store8(0, 1, code.sum(exponents.get(), block.get()), exponent.get()));
				// Steps are 2^(E - p + 2): first times 2^(1 - E), which is normal for every E, then times 2^(p - 3). Either product is exact or far
				// below half a step. 0 makes zeros.
				const isStored = i32.and(i32.ne(exponent.get(), code.int(0)), i32.lt_u(largest.get(), code.int(INFINITY_BITS)));
				const power = f32.reinterpret(i32.shl(i32.sub(code.int(255), exponent.get()), code.int(23)));
				const inverse = code.let('f32', code.module.select(isStored, power, f32.const(0)));
				narrowRow(code, { source, target, count: size.get, isSigned: true }, (lanes, value) => {
					const scaled = lanes.mul(lanes.mul(value, lanes.splat(inverse.get())), lanes.splat(rest.get()));
					const held = clampLanes(code, lanes, lanes.nearest(scaled), lanes.splat(lowest.get()), lanes.splat(highest.get()));
					return lanes.toInteger(held);
				});
			});
			return undefined;
		},
	);
	assembler.define(
		name.widen,
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, exponents, target, blocks, size, bits) => {
			const { f32, i32 } = code.module;
			const stepInBinade = code.let(
				'f32',
				f32.div(f32.const(1), f32.convert_s.i32(i32.shl(code.int(1), i32.sub(bits.get(), code.int(2))))),
			);
			code.for(blocks.get, (block) => {
				const exponent = code.let('i32', i32.load8_u(0, 1, code.sum(exponents.get(), block.get())));
				const power = i32.shl(exponent.get(), code.int(23));
				const isNan = i32.eq(exponent.get(), code.int(NAN_EXPONENT));
				const scale = code.let('f32', f32.reinterpret(code.module.select(isNan, code.int(NAN_BITS), power)));
				widenRow(code, { source, target, count: size.get, isSigned: true }, (lanes, mantissas) =>
					lanes.mul(lanes.mul(lanes.toFloat(mantissas.get()), lanes.splat(stepInBinade.get())), lanes.splat(scale.get())),
				);
			});
			return undefined;
		},
	);
}
