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

/** A token's lookups in a group's table, some planes saved: a plane that is passed over takes two cycles to move the carry, the first ones none. */
export function lookupCycles(shape: TableShape, lookups: readonly Lookup[]): number {
	const end = accumulatorBits(shape);
	const wide = entryBits(shape);
	const last = lookups.at(-1);
	if (last === undefined) return 1;
	const additions = lookups.length - (last.isSubtracted ? 1 : 0);
	const between = last.plane - (lookups[0] as Lookup).plane + 1 - lookups.length;
	const tail = last.isSubtracted ? 1 + end - last.plane : Math.max(0, end - (last.plane + wide + 2)) + 1;
	const tailStarts = last.isSubtracted || last.plane + wide + 2 < end ? tail : 0;
	return 1 + additions * (wide + 3) + 2 * between + tailStarts;
}
