/**
 * The Walsh-Hadamard transform: a rotation that spreads an outlier over its whole group. The matrix is Sylvester's, H(2n) =
 * [[H(n), H(n)], [H(n), -H(n)]], divided by the square root of its size, hence symmetric and its own inverse; n log2 n additions
 * instead of n^2 products.
 */
import { Philox } from './philox.ts';
import type { FloatArray } from './scalar-format.ts';

/**
 * Replaces each group x of `size` (a power of two) consecutive values by H x; with signs s, one for each place in the group, by
 * H (s * x), a random rotation. In place; sums are rounded to the array's own precision after each step.
 */
export function hadamardTransform(values: FloatArray, size: number, signs?: Int8Array): void {
	checkGroups(values, size, signs);
	if (signs !== undefined) flip(values, signs);
	butterflies(values, size);
}

/** Undoes `hadamardTransform`: s * (H x). */
export function inverseHadamardTransform(values: FloatArray, size: number, signs?: Int8Array): void {
	checkGroups(values, size, signs);
	butterflies(values, size);
	if (signs !== undefined) flip(values, signs);
}

/** `size` signs, +1 or -1, that depend on the seed alone. */
export function randomSigns(size: number, seed: number): Int8Array<ArrayBuffer> {
	const philox = new Philox(seed);
	return Int8Array.from({ length: size }, (_, index) => ((philox.uint32(index >>> 5) >>> (index & 31)) & 1 ? -1 : 1));
}

function butterflies(values: FloatArray, size: number): void {
	for (let half = 1; half < size; half *= 2) {
		for (let start = 0; start < values.length; start += 2 * half) {
			for (let i = start; i < start + half; i++) {
				const a = values[i] as number;
				const b = values[i + half] as number;
				values[i] = a + b;
				values[i + half] = a - b;
			}
		}
	}
	const factor = 1 / Math.sqrt(size);
	for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor;
}

function flip(values: FloatArray, signs: Int8Array): void {
	const mask = signs.length - 1;
	for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (signs[i & mask] as number);
}

function checkGroups(values: FloatArray, size: number, signs: Int8Array | undefined): void {
	if (!(Number.isInteger(size) && size >= 1 && Number.isInteger(Math.log2(size)))) {
		throw new RangeError(`a Hadamard matrix here has a power of two of rows, not ${size}`);
	}
	if (values.length % size !== 0) throw new RangeError(`${values.length} values are not a whole number of groups of ${size}`);
	if (signs !== undefined && signs.length !== size)
		throw new RangeError(`groups of ${size} take ${size} signs, not ${signs.length}`);
}
