/**
 * The programs that an array runs: building a group's table, and looking a token's planes up in it.
 *
 * Weights are stored without sign, larger by 2^(bw-1), so that entries only grow an accumulator and carries are all that can run past an entry's
 * bits; what that adds is 2^(bw-1) times the sum of the activations and is taken off at the end. A lookup at plane j adds the entry's bits and two
 * more: the second takes in the bit that the plane before carried out, which was held. So carries move up one position a plane, and
 * only the subtraction of the sign plane runs to the accumulator's end. It adds the inverted entry with a carry of one; above the entry, two's
 * complement extends ones, which a held carry of the plane before turns into zeros.
 */
import type { Lookup } from '../lut/activation-pattern.ts';
import { type BitArray, HELD, ZERO } from './bit-array.ts';
import { accumulatorBits, bitsSet, entryBits, entryBitsOf, type RowLayout, type TableShape } from './row-layout.ts';

/** Builds the table from the weights in their rows, entries in increasing order: each is a smaller entry and one weight more. */
export function buildTable(array: BitArray, shape: TableShape, { entries }: RowLayout): void {
	for (let pattern = 3; pattern < entries.length; pattern++) {
		if (bitsSet(pattern) < 2) continue;
		const lowest = pattern & -pattern;
		const rest = pattern & (pattern - 1);
		const weight = entries[lowest] as number;
		const smaller = entries[rest] as number;
		const target = entries[pattern] as number;
		const smallerBits = entryBitsOf(shape, rest);
		array.begin(0);
		for (let bit = 0; bit < entryBitsOf(shape, pattern); bit++) {
			array.addBit(target + bit, bit < smallerBits ? smaller + bit : ZERO, bit < shape.weightBits ? weight + bit : ZERO);
		}
	}
}

/** Adds what a group's lookups say to a token's accumulator. */
export function lookUp(
	array: BitArray,
	shape: TableShape,
	{ entries }: RowLayout,
	accumulator: number,
	lookups: readonly Lookup[],
): void {
	const end = accumulatorBits(shape);
	const wide = entryBits(shape);
	array.clearLatches();
	/** Where the held or carried bit belongs. */
	let pending: number | undefined;
	for (const { plane, pattern, isSubtracted } of lookups) {
		// Planes that were passed over still move the carry, so that it stays above the entry.
		for (; pending !== undefined && pending < plane + wide + 1; pending++) {
			array.begin(0);
			array.addBit(accumulator + pending, accumulator + pending, HELD);
		}
		const base = entries[pattern] as number;
		const bits = pattern === 0 ? 0 : entryBitsOf(shape, pattern);
		array.begin(isSubtracted ? 1 : 0);
		const last = isSubtracted ? end : Math.min(end, plane + wide + 2);
		for (let at = plane; at < last; at++) {
			const isPendingHere = pending !== undefined && (isSubtracted ? at >= pending : at === pending);
			const operand = at - plane < bits ? base + (at - plane) : isPendingHere ? HELD : ZERO;
			array.addBit(accumulator + at, accumulator + at, operand, isSubtracted);
		}
		pending = isSubtracted ? undefined : last;
		if (last === end) pending = undefined;
	}
	// Without a subtraction the last carry still has to run to the end.
	if (pending !== undefined) {
		array.begin(0);
		array.addBit(accumulator + pending, accumulator + pending, HELD);
		for (let at = pending + 1; at < end; at++) array.addBit(accumulator + at, accumulator + at, ZERO);
	}
}
