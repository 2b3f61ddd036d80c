/** How much the patterns of activations save: lookups that signs merge and zeros skip, and fetches of an entry that was fetched just before. */
import { lookupsOf, patternsOf } from '../lut/activation-pattern.ts';
import type { IntegerMatrix } from '../lut/integer-product.ts';
import { fullLookupCycles, lookupCycles } from '../sram/cycle-counts.ts';
import type { TableShape } from '../sram/row-layout.ts';

export interface PatternCounts {
	/** A plane for every group of every token. */
	readonly lookups: number;
	readonly mergedAway: number;
	/** Patterns of zeros. */
	readonly zeros: number;
	/** Patterns that a lower plane of the same group and token had. */
	readonly repeated: number;
	/** Cycles of the lookups with nothing saved, and with each way of saving. */
	readonly cycles: { readonly full: number; readonly merged: number; readonly skipped: number; readonly both: number };
}

/** Counts over all groups of all tokens; a short last group counts like the others. */
export function countPatterns(activations: IntegerMatrix, shape: TableShape): PatternCounts {
	const { rows: tokens, columns: width, values } = activations;
	const { group, activationBits } = shape;
	let [lookups, mergedAway, zeros, repeated] = [0, 0, 0, 0];
	const cycles = { full: 0, merged: 0, skipped: 0, both: 0 };
	const full = fullLookupCycles(shape);
	for (let token = 0; token < tokens; token++) {
		for (let first = 0; first < width; first += group) {
			const patterns = patternsOf(values, token * width + first, Math.min(group, width - first), activationBits);
			const merged = lookupsOf(patterns, { mergeSigns: true, skipZeros: false });
			lookups += activationBits;
			mergedAway += activationBits - merged.length;
			for (const [plane, pattern] of patterns.entries()) {
				if (pattern === 0) zeros++;
				if (patterns.indexOf(pattern) < plane) repeated++;
			}
			cycles.full += full;
			cycles.merged += lookupCycles(shape, merged);
			cycles.skipped += lookupCycles(shape, lookupsOf(patterns, { mergeSigns: false, skipZeros: true }));
			cycles.both += lookupCycles(shape, lookupsOf(patterns, { mergeSigns: true, skipZeros: true }));
		}
	}
	return { lookups, mergedAway, zeros, repeated, cycles };
}
