/** What was varied, and how much of an output's variance each of it accounts for. */

/** One input of many runs: a value for each run. Missing ones are null. */
export interface Factor {
	readonly name: string;
	readonly values: readonly (number | string | boolean | null)[];
}

/** A share of the output's variance with an interval that holds it with 95 % probability; both may lie a little outside 0 to 1 where they are estimated. */
export interface Share {
	readonly value: number;
	readonly low: number;
	readonly high: number;
}

/** Shares of variance of one factor. */
export interface FactorShare {
	readonly name: string;
	/** By itself: the variance of the output's mean at each of its values (Sobol's first-order index). Null where it was not estimated. */
	readonly alone: Share | null;
	/** By itself and together with others: what varies still when all others are held (Sobol's total index). */
	readonly total: Share;
}

/** Each value as a number of its own, from 0, in the order of first appearance. Numbers and texts that look alike are different values. */
export function levelsOf(values: Factor['values']): { readonly codes: Int32Array; readonly count: number } {
	const known = new Map<Factor['values'][number], number>();
	const codes = Int32Array.from(values, (value) => {
		const code = known.get(value) ?? known.size;
		known.set(value, code);
		return code;
	});
	return { codes, count: known.size };
}
