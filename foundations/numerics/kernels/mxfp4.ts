/** float32 to and from MXFP4: E2M1 in blocks of 32 with an E8M0 scale. */
import { type Assembler, type Code, type Expression, vectorLanes } from '@assay/webassembly';
import { FLOAT_LAYOUTS } from '../floats/float-layout.ts';
import { largestMagnitudeBits } from './block-lanes.ts';
import { laneDecoder, laneEncoder } from './float-lanes.ts';

/** Addresses are bytes into the kernels' memory. */
export interface Mxfp4Kernels {
	/**
	 * `blocks` blocks of 32 floats to 16 bytes and a scale each, as `ocpMicroscaling('mxfp4')` makes them: the first of two values is in the
	 * low half of a byte.
	 */
	float32ToMxfp4(source: number, packed: number, scales: number, blocks: number): void;
	mxfp4ToFloat32(packed: number, scales: number, target: number, blocks: number): void;
}

const BLOCK = 32;
const PACKED_BYTES = BLOCK / 2;
/** Exponent of E2M1's largest value, 6. */
const TOP_EXPONENT = 2;
const INFINITY_BITS = 0x7f800000;
const NAN_BITS = 0x7fc00000;
const NAN_SCALE = 255;
const LAYOUT = FLOAT_LAYOUTS.e2m1;

/** Defines `Mxfp4Kernels`. */
export function defineMxfp4(assembler: Assembler): void {
	const name = { narrow: 'float32ToMxfp4', widen: 'mxfp4ToFloat32' } as const satisfies Record<string, keyof Mxfp4Kernels>;
	assembler.define(name.narrow, ['i32', 'i32', 'i32', 'i32'], (code, source, packed, scales, blocks) => {
		const { i32, i32x4, f32x4, i16x8, i8x16, v128 } = code.module;
		const lanes = vectorLanes(code);
		const encode = laneEncoder(code, LAYOUT, blocks);
		code.for(blocks.get, (block) => {
			const largest = largestMagnitudeBits(code, source, () => code.int(BLOCK));
			const exponent = code.let('i32', i32.sub(i32.shr_u(largest.get(), code.int(23)), code.int(TOP_EXPONENT)));
			const isReal = code.let('i32', i32.lt_u(largest.get(), code.int(INFINITY_BITS)));
			const held = code.module.select(i32.gt_s(exponent.get(), code.int(0)), exponent.get(), code.int(0));
			const scale = code.let('i32', code.module.select(isReal.get(), held, code.int(NAN_SCALE)));
			code.emit(i32.store8(0, 1, code.sum(scales.get(), block.get()), scale.get()));
			// 2^(127 - scale), which is normal for all scales of finite blocks; 0 for the others, whose codes are 0.
			const inverseBits = i32.shl(i32.sub(code.int(254), scale.get()), code.int(23));
			const inverse = code.let('v128', i32x4.splat(inverseBits));
			const mask = code.let('v128', i32x4.splat(i32.sub(code.int(0), isReal.get())));
			/** Sixteen codes as bytes. */
			const codesAt = (from: number) => {
				const four = (byte: number) => {
					const value = v128.load(from + byte, 4, source.get());
					return code.let('v128', encode(lanes, f32x4.mul(value, inverse.get())));
				};
				const [a, b, c, d] = [four(0), four(16), four(32), four(48)];
				const low = i16x8.narrow_i32x4_s(a.get(), b.get());
				return code.let('v128', i8x16.narrow_i16x8_u(low, i16x8.narrow_i32x4_s(c.get(), d.get())));
			};
			/** Two codes to a byte: in each 16-bit lane the upper byte moves next to the lower. */
			const paired = (codes: { get(): Expression }) =>
				v128.and(v128.or(codes.get(), i16x8.shr_u(codes.get(), code.int(4))), i16x8.splat(code.int(0xff)));
			const first = codesAt(0);
			const second = codesAt(64);
			const bytes = i8x16.narrow_i16x8_u(paired(first), paired(second));
			code.emit(v128.store(0, 1, packed.get(), v128.and(bytes, mask.get())));
			source.set(code.sum(source.get(), code.int(4 * BLOCK)));
			packed.set(code.sum(packed.get(), code.int(PACKED_BYTES)));
		});
		return undefined;
	});
	assembler.define(name.widen, ['i32', 'i32', 'i32', 'i32'], (code, packed, scales, target, blocks) => {
		const { i32, i32x4, f32x4, i16x8, i8x16, v128 } = code.module;
		const lanes = vectorLanes(code);
		const decode = laneDecoder(code, LAYOUT, blocks);
		code.for(blocks.get, (block) => {
			const factor = scaleBits(code, i32.load8_u(0, 1, code.sum(scales.get(), block.get())));
			const scale = code.let('v128', i32x4.splat(factor));
			const pairs = code.let('v128', v128.load(0, 1, packed.get()));
			/** Eight pairs to sixteen codes as bytes, in order. */
			const unpaired = (eight: Expression) => {
				const pair = code.let('v128', eight);
				const low = v128.and(pair.get(), i16x8.splat(code.int(0x0f)));
				const high = v128.and(i16x8.shl(pair.get(), code.int(4)), i16x8.splat(code.int(0x0f00)));
				return code.let('v128', v128.or(low, high));
			};
			const halves = [unpaired(i16x8.extend_low_i8x16_u(pairs.get())), unpaired(i16x8.extend_high_i8x16_u(pairs.get()))];
			for (const [half, codes] of halves.entries()) {
				for (let quarter = 0; quarter < 4; quarter++) {
					const lane = i32x4.splat(i32x4.extract_lane(codes.get(), quarter));
					const bytes = i8x16.shuffle(
						lane,
						i32x4.splat(code.int(0)),
						[0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3, 16, 16, 16],
					);
					const integers = code.let('v128', bytes);
					const value = f32x4.mul(decode(lanes, integers), scale.get());
					code.emit(v128.store(64 * half + 16 * quarter, 4, target.get(), value));
				}
			}
			packed.set(code.sum(packed.get(), code.int(PACKED_BYTES)));
			target.set(code.sum(target.get(), code.int(4 * BLOCK)));
		});
		return undefined;
	});
}

/** Bits of the float32 2^(scale - 127): the smallest is subnormal, and 255 is not-a-number. */
function scaleBits(code: Code, scale: Expression): Expression {
	const { i32 } = code.module;
	const kept = code.let('i32', scale);
	const normal = i32.shl(kept.get(), code.int(23));
	const orSubnormal = code.module.select(kept.get(), normal, code.int(0x00400000));
	return code.module.select(i32.eq(kept.get(), code.int(NAN_SCALE)), code.int(NAN_BITS), orSubnormal);
}
