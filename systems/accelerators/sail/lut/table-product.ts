/**
 * The product by tables (LUT-GEMV): for each group of g rows of weights and each column a table of the 2^g sums of some of them; a bit plane of g
 * activations is the address of what it adds. Exactly the integer product.
 */
import { lookupsOf, type PatternSavings, patternsOf } from './activation-pattern.ts';
import type { IntegerMatrix } from './integer-product.ts';

/** Sums of all subsets of a group of weights in a column: entry p holds the sum of those whose bit is set in p. */
export function subsetSums(weights: IntegerMatrix, first: number, group: number, column: number): Int32Array {
	const sums = new Int32Array(1 << group);
	for (let p = 1; p < sums.length; p++) {
		const lowest = 31 - Math.clz32(p & -p);
		const row = first + lowest;
		const weight = row < weights.rows ? (weights.values[row * weights.columns + column] as number) : 0;
		sums[p] = (sums[p & (p - 1)] as number) + weight;
	}
	return sums;
}

/** y[b, n] from tables of `group` weights and activations of `activationBits` in two's complement. A last group may be short. */
export function tableProduct(
	activations: IntegerMatrix,
	weights: IntegerMatrix,
	group: number,
	activationBits: number,
	savings: PatternSavings,
): Float64Array {
	const { rows, columns: depth } = activations;
	const { columns } = weights;
	const product = new Float64Array(rows * columns);
	for (let first = 0; first < depth; first += group) {
		const inGroup = Math.min(group, depth - first);
		const lookups = Array.from({ length: rows }, (_, row) =>
			lookupsOf(patternsOf(activations.values, row * depth + first, inGroup, activationBits), savings),
		);
		for (let column = 0; column < columns; column++) {
			const sums = subsetSums(weights, first, inGroup, column);
			for (const [row, ofRow] of lookups.entries()) {
				let total = 0;
				for (const { plane, pattern, isSubtracted } of ofRow)
					total += (isSubtracted ? -1 : 1) * 2 ** plane * (sums[pattern] as number);
				const at = row * columns + column;
				product[at] = (product[at] as number) + total;
			}
		}
	}
	return product;
}
