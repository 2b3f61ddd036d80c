/** What the rows of an array hold while it multiplies: a group's weights, its table, and an accumulator for each token. */
import { InputError } from '@assay/contract';

/** Sizes of a product on an array. */
export interface TableShape {
	/** Rows of weights that share a table. */
	readonly group: number;
	readonly weightBits: number;
	readonly activationBits: number;
	/** Weights along the inner dimension between two scalings; accumulators hold a sum of so many products. */
	readonly scaleGroup: number;
	/** Tokens at once. */
	readonly tokens: number;
}

/** Bits of a table's widest entry: a sum of `group` weights without sign. */
export function entryBits({ group, weightBits }: TableShape): number {
	return weightBits + Math.ceil(Math.log2(group));
}

/** Bits of the table's entry for a pattern: a sum of as many weights as it has bits. */
export function entryBitsOf({ weightBits }: TableShape, pattern: number): number {
	return weightBits + Math.ceil(Math.log2(bitsSet(pattern)));
}

/** Bits of an accumulator: a sum of `scaleGroup` products with a sign. */
export function accumulatorBits({ activationBits, weightBits, scaleGroup }: TableShape): number {
	return activationBits + weightBits + Math.ceil(Math.log2(scaleGroup));
}

export function bitsSet(pattern: number): number {
	let count = 0;
	for (let rest = pattern; rest > 0; rest &= rest - 1) count++;
	return count;
}

/** Rows that a shape takes: (2^g - 1 - g) sums, g weights, an accumulator a token. */
export function rowsNeeded(shape: TableShape): number {
	const { group, weightBits, tokens } = shape;
	return (2 ** group - 1 - group) * entryBits(shape) + group * weightBits + tokens * accumulatorBits(shape);
}

/** Where everything starts. */
export interface RowLayout {
	/** First row of the entry for each pattern; entries of one bit are the weights themselves; 0 for pattern 0, which has none. */
	readonly entries: readonly number[];
	/** First row of each token's accumulator. */
	readonly accumulators: readonly number[];
}

/** Lays a shape out. Raises an `InputError` with the largest group that fits where it takes more rows than there are. */
export function layOutRows(shape: TableShape, rows: number): RowLayout {
	if (rowsNeeded(shape) > rows) {
		const groups = Array.from({ length: shape.group }, (_, i) => shape.group - i);
		const fitting = groups.find((group) => rowsNeeded({ ...shape, group }) <= rows);
		const mostTokens = Math.floor((rows - rowsNeeded({ ...shape, tokens: 0 })) / accumulatorBits(shape));
		throw new InputError({
			path: ['group'],
			found: `${shape.group} weights a table with ${shape.tokens} tokens, which take ${rowsNeeded(shape)} rows`,
			expected:
				fitting === undefined
					? `at most ${rows} rows; ${Math.max(0, mostTokens)} tokens at once would fit`
					: `at most ${rows} rows; ${fitting} weights a table would fit`,
		});
	}
	const { group, weightBits, tokens } = shape;
	const entries = new Array<number>(2 ** group).fill(0);
	for (let i = 0; i < group; i++) entries[1 << i] = i * weightBits;
	let next = group * weightBits;
	for (let pattern = 3; pattern < entries.length; pattern++) {
		if (bitsSet(pattern) < 2) continue;
		entries[pattern] = next;
		next += entryBits(shape);
	}
	const accumulators = Array.from({ length: tokens }, (_, token) => next + token * accumulatorBits(shape));
	return { entries, accumulators };
}
