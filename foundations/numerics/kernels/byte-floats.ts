/** float32 to and from OCP's 8-bit floats. */
import type { Assembler } from '@assay/webassembly';
import { FLOAT_LAYOUTS, type FloatLayout } from '../floats/float-layout.ts';
import { narrowRow, widenRow } from './byte-lanes.ts';
import { laneDecoder, laneEncoder } from './float-lanes.ts';

/** Addresses are bytes into the kernels' memory; n values. */
export interface ByteFloatKernels {
	/** To nearest even, saturating: the codes of `smallFloat('e4m3')`. */
	float32ToE4m3(source: number, target: number, n: number): void;
	/** To nearest even, saturating: the codes of `smallFloat('e5m2')`. */
	float32ToE5m2(source: number, target: number, n: number): void;
	e4m3ToFloat32(source: number, target: number, n: number): void;
	e5m2ToFloat32(source: number, target: number, n: number): void;
}

/** Defines `ByteFloatKernels`. */
export function defineByteFloats(assembler: Assembler): void {
	const narrow = (name: keyof ByteFloatKernels, layout: FloatLayout) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			narrowRow(code, { source, target, count: n.get }, laneEncoder(code, layout, n));
			return undefined;
		});
	const widen = (name: keyof ByteFloatKernels, layout: FloatLayout) =>
		assembler.define(name, ['i32', 'i32', 'i32'], (code, source, target, n) => {
			widenRow(code, { source, target, count: n.get }, laneDecoder(code, layout, n));
			return undefined;
		});
	narrow('float32ToE4m3', FLOAT_LAYOUTS.e4m3);
	narrow('float32ToE5m2', FLOAT_LAYOUTS.e5m2);
	widen('e4m3ToFloat32', FLOAT_LAYOUTS.e4m3);
	widen('e5m2ToFloat32', FLOAT_LAYOUTS.e5m2);
}
