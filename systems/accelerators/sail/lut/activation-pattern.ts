/**
 * Bit patterns of a group of activations, and which lookups they need.
 *
 * Bit i of pattern p_j is bit j of activation i of the group: the address of the table entry that plane j adds. The last plane is the sign and
 * is subtracted. Two things can be saved without changing the result (the abstract's "pattern-aware" optimisation; how, is our reconstruction):
 * a plane whose pattern is zero adds nothing; and where the planes below the sign repeat its pattern, as sign extension does,
 * -2^(s) + 2^(s-1) + ... + 2^r is -2^r: one subtraction at plane r does for all.
 */

/** What is saved. */
export interface PatternSavings {
	/** Repeated sign planes become one. */
	readonly mergeSigns: boolean;
	/** Planes of zeros are passed over. */
	readonly skipZeros: boolean;
}

/** A lookup: its plane, the table entry, and whether it is subtracted. */
export interface Lookup {
	readonly plane: number;
	readonly pattern: number;
	readonly isSubtracted: boolean;
}

/** Patterns of `bits` planes of a group of activations, lowest plane first. */
export function patternsOf(activations: ArrayLike<number>, first: number, group: number, bits: number): number[] {
	const patterns = new Array<number>(bits).fill(0);
	for (let i = 0; i < group; i++) {
		const value = activations[first + i] ?? 0;
		for (let plane = 0; plane < bits; plane++) {
			if ((value >> plane) & 1) patterns[plane] = (patterns[plane] as number) | (1 << i);
		}
	}
	return patterns;
}

/** The lookups that a group's patterns need, lowest plane first. */
export function lookupsOf(patterns: readonly number[], { mergeSigns, skipZeros }: PatternSavings): Lookup[] {
	let sign = patterns.length - 1;
	const pattern = patterns[sign] as number;
	if (mergeSigns) while (sign > 0 && patterns[sign - 1] === pattern) sign--;
	const lookups: Lookup[] = [];
	for (let plane = 0; plane <= sign; plane++) {
		const current = patterns[plane] as number;
		if (!skipZeros || current !== 0) lookups.push({ plane, pattern: current, isSubtracted: plane === sign });
	}
	return lookups;
}
