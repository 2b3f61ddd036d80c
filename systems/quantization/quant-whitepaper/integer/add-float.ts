/** The sum of two tensors by way of float32, rounding halves to even. */
import type { IntegerTensor } from './integer-network.ts';
import { roundHalfEven } from './round-half-even.ts';

export function addFloat(
	a: Int8Array,
	aScale: IntegerTensor,
	b: Int8Array,
	bScale: IntegerTensor,
	out: Int8Array,
	outScale: IntegerTensor,
	low: number,
	high: number,
): void {
	const { fround } = Math;
	for (let i = 0; i < out.length; i++) {
		const left = fround(aScale.scale * ((a[i] as number) - aScale.zeroPoint));
		const right = fround(bScale.scale * ((b[i] as number) - bScale.zeroPoint));
		const value = roundHalfEven(fround(fround(left + right) / outScale.scale)) + outScale.zeroPoint;
		out[i] = Math.min(high, Math.max(low, value));
	}
}
