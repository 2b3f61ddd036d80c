/** Cycles of the programs in closed form; the array counts the same. */
import type { Lookup } from '../lut/activation-pattern.ts';
import { accumulatorBits, bitsSet, entryBits, entryBitsOf, type TableShape } from './row-layout.ts';

/** An addition of w bits takes w cycles and one to start. */
export function buildCycles(shape: TableShape): number {
	let cycles = 0;
	for (let pattern = 3; pattern < 2 ** shape.group; pattern++)
		if (bitsSet(pattern) > 1) cycles += entryBitsOf(shape, pattern) + 1;
	return cycles;
}

/** A token's lookups in a group's table, every plane looked up: ab - 1 additions of w + 2 bits, and a subtraction to the end. */
export function fullLookupCycles(shape: TableShape): number {
	const { activationBits } = shape;
	return 1 + (activationBits - 1) * (entryBits(shape) + 3) + accumulatorBits(shape) - activationBits + 2;
}

/** What the cycles of a token's lookups in a group's table depend on: how many planes are looked up, the first and the last, and whether that is subtracted. */
export interface LookupSpan {
	readonly count: number;
	readonly first: number;
	readonly last: number;
	readonly isSubtracted: boolean;
}

/** The span of a group's lookups. */
export function spanOf(lookups: readonly Lookup[]): LookupSpan {
	const last = lookups.at(-1);
	return {
		count: lookups.length,
		first: lookups[0]?.plane ?? 0,
		last: last?.plane ?? 0,
		isSubtracted: last?.isSubtracted ?? false,
	};
}

/** A token's lookups in a group's table, some planes saved: a plane that is passed over takes two cycles to move the carry, the first ones none. */
export function lookupCycles(shape: TableShape, { count, first, last, isSubtracted }: LookupSpan): number {
	if (count === 0) return 1;
	const end = accumulatorBits(shape);
	const wide = entryBits(shape);
	const additions = count - (isSubtracted ? 1 : 0);
	const between = last - first + 1 - count;
	// A subtraction runs to the accumulator's end; without one the carry of the last addition still has to.
	const carried = end - (last + wide + 2);
	const tail = isSubtracted ? 1 + end - last : carried > 0 ? carried + 1 : 0;
	return 1 + additions * (wide + 3) + 2 * between + tail;
}
