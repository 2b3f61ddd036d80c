/** float32 to and from affine 8-bit integers. */
import type { Assembler } from '@assay/webassembly';
import { clampLanes, narrowRow, widenRow } from './byte-lanes.ts';

/** Addresses are bytes into the kernels' memory; n values with one quantiser. */
export interface Int8Kernels {
	/**
	 * clamp(round(x / scale) + zeroPoint, lowest, highest), in float32, half to even, of codes from -128 to 127: `quantizeAffine` with
	 * `float32`. Not-a-number becomes the zero-point.
	 */
	float32ToInt8(
		source: number,
		target: number,
		n: number,
		scale: number,
		zeroPoint: number,
		lowest: number,
		highest: number,
	): void;
	/** (code - zeroPoint) scale. */
	int8ToFloat32(source: number, target: number, n: number, scale: number, zeroPoint: number): void;
}

/** Defines `Int8Kernels`. */
export function defineInt8(assembler: Assembler): void {
	const name = { narrow: 'float32ToInt8', widen: 'int8ToFloat32' } as const satisfies Record<string, keyof Int8Kernels>;
	assembler.define(
		name.narrow,
		['i32', 'i32', 'i32', 'f32', 'i32', 'i32', 'i32'],
		(code, source, target, n, scale, zeroPoint, lowest, highest) => {
			const { f32, i32, i32x4 } = code.module;
			// Clamped before the zero-point is added, in steps, which any float can be.
			const least = code.let('f32', f32.convert_s.i32(i32.sub(lowest.get(), zeroPoint.get())));
			const most = code.let('f32', f32.convert_s.i32(i32.sub(highest.get(), zeroPoint.get())));
			narrowRow(code, { source, target, count: n.get, isSigned: true }, (lanes, value) => {
				const steps = lanes.nearest(lanes.div(value, lanes.splat(scale.get())));
				const held = clampLanes(code, lanes, steps, lanes.splat(least.get()), lanes.splat(most.get()));
				const zero = lanes.width === 4 ? i32x4.splat(zeroPoint.get()) : zeroPoint.get();
				return lanes.integerAdd(lanes.toInteger(held), zero);
			});
			return undefined;
		},
	);
	assembler.define(name.widen, ['i32', 'i32', 'i32', 'f32', 'i32'], (code, source, target, n, scale, zeroPoint) => {
		const { f32 } = code.module;
		const zero = code.let('f32', f32.convert_s.i32(zeroPoint.get()));
		widenRow(code, { source, target, count: n.get, isSigned: true }, (lanes, codes) =>
			lanes.mul(lanes.sub(lanes.toFloat(codes.get()), lanes.splat(zero.get())), lanes.splat(scale.get())),
		);
		return undefined;
	});
}
