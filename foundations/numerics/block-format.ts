/** Formats that store runs of values, blocks, with something shared: a scale, an exponent, a zero-point. */
import type { RoundingOptions } from './rounding.ts';
import type { ScalarFormat } from './scalar-format.ts';

export interface BlockFormat {
	readonly kind: 'block';
	readonly name: string;
	/** Values in a block; infinite where the whole array is one. The last block of an array may be shorter. */
	readonly blockSize: number;
	/** Bits of one value with its share of what a full block shares; what a whole array shares is not counted. */
	readonly bitsPerValue: number;
	/** What a value is stored as next to what its block shares. */
	readonly element: ScalarFormat;
	/**
	 * Writes to `out`, which may be `values`, what each value is stored as. Blocks follow each other from the first value on: where rows are
	 * not a whole number of blocks, call this once for each row.
	 */
	quantize(values: Float32Array, out: Float32Array, options?: RoundingOptions): void;
}

/** Calls `visit` with the start, the end and the number of each block. */
export function forEachBlock(count: number, blockSize: number, visit: (start: number, end: number, block: number) => void): void {
	for (let start = 0, block = 0; start < count; start += blockSize, block++)
		visit(start, Math.min(count, start + blockSize), block);
}

/** The largest magnitude in a part of an array; not-a-number or infinite where one of its values is. */
export function largestMagnitude(values: Float32Array, start: number, end: number): number {
	let largest = 0;
	for (let i = start; i < end; i++) {
		const magnitude = Math.abs(values[i] as number);
		if (Number.isNaN(magnitude)) return magnitude;
		if (magnitude > largest) largest = magnitude;
	}
	return largest;
}
