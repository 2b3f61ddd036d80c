/** float32 to and from the two 16-bit floats, rounding to nearest, ties to even. Not-a-number stays one. */
import type { Assembler } from '@assay/webassembly';
import { FLOAT_LAYOUTS, type FloatLayout } from '../floats/float-layout.ts';
import { laneDecoder, laneEncoder } from './float-lanes.ts';

/** Addresses are bytes into the kernels' memory; n values. */
export interface HalfPrecisionKernels {
	float32ToBfloat16(source: number, target: number, n: number): void;
	float32ToFloat16(source: number, target: number, n: number): void;
	bfloat16ToFloat32(source: number, target: number, n: number): void;
	float16ToFloat32(source: number, target: number, n: number): void;
}

/** Defines `HalfPrecisionKernels`. */
export function defineHalfPrecision(assembler: Assembler): void {
	const narrow = (name: keyof HalfPrecisionKernels, layout: FloatLayout) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			const encode = laneEncoder(code, layout, n);
			code.elements(n.get, (lanes, offset) => {
				const half = encode(lanes, lanes.load(code.sum(source.get(), offset.get())));
				lanes.storeHalves(code.sum(target.get(), code.module.i32.shr_u(offset.get(), code.int(1))), half);
			});
			return undefined;
		});
	const widen = (name: keyof HalfPrecisionKernels, layout: FloatLayout) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			const decode = laneDecoder(code, layout, n);
			code.elements(n.get, (lanes, offset) => {
				const place = code.sum(source.get(), code.module.i32.shr_u(offset.get(), code.int(1)));
				const half = code.let(lanes.integer, lanes.loadHalves(place));
				lanes.store(code.sum(target.get(), offset.get()), decode(lanes, half));
			});
			return undefined;
		});
	narrow('float32ToBfloat16', FLOAT_LAYOUTS.bf16);
	narrow('float32ToFloat16', FLOAT_LAYOUTS.fp16);
	widen('bfloat16ToFloat32', FLOAT_LAYOUTS.bf16);
	widen('float16ToFloat32', FLOAT_LAYOUTS.fp16);
}
