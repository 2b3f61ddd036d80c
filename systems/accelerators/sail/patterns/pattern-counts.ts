/**
 * How much the patterns of activations save: lookups that signs merge and zeros skip, and fetches of an entry that was fetched just before.
 *
 * Groups are tallied once by what their cycles depend on (how many planes are looked up, the first, the last); cycles for weights of any width
 * follow from the tally.
 */
import type { IntegerMatrix } from '../lut/integer-product.ts';
import { fullLookupCycles, lookupCycles } from '../sram/cycle-counts.ts';
import type { TableShape } from '../sram/row-layout.ts';

const MOST_PLANES = 8;
const BINS = (MOST_PLANES + 1) * MOST_PLANES * MOST_PLANES * 2;

/** Four bits, each in a byte of its own. */
const SPREAD = Int32Array.from({ length: 16 }, (_, bits) =>
	[0, 1, 2, 3].reduce((all, bit) => all | (((bits >> bit) & 1) << (8 * bit)), 0),
);

/** Groups of activations by their patterns, for tables of one size. */
export interface PatternTally {
	readonly group: number;
	readonly activationBits: number;
	/** Groups of all tokens; a short last group counts like the others. */
	readonly groups: number;
	/** Lookups that merging signs saves. */
	readonly mergedAway: number;
	/** Patterns of zeros. */
	readonly zeros: number;
	/** Patterns that a lower plane of the same group and token had. */
	readonly repeated: number;
	/** Groups by the span of their lookups, with signs merged, zeros skipped, and both. */
	readonly merged: Float64Array;
	readonly skipped: Float64Array;
	readonly both: Float64Array;
}

const binOf = (count: number, first: number, last: number, isSubtracted: boolean): number =>
	((count * MOST_PLANES + first) * MOST_PLANES + last) * 2 + (isSubtracted ? 1 : 0);

/** Tallies all groups of `group` activations, at most eight of at most 8 bits. */
export async function tallyPatterns(
	{ rows: tokens, columns: width, values }: IntegerMatrix,
	group: number,
	activationBits: number,
	pause: () => Promise<void>,
): Promise<PatternTally> {
	const [merged, skipped, both] = [new Float64Array(BINS), new Float64Array(BINS), new Float64Array(BINS)];
	const patterns = new Int32Array(activationBits);
	let [groups, mergedAway, zeros, repeated] = [0, 0, 0, 0];
	const top = activationBits - 1;
	for (let token = 0; token < tokens; token++) {
		for (let first = 0; first < width; first += group) {
			const size = Math.min(group, width - first);
			const at = token * width + first;
			// Four planes stand in a word, a byte each, and take in an activation at a time.
			let [low, high] = [0, 0];
			for (let i = 0; i < size; i++) {
				const value = values[at + i] as number;
				low |= (SPREAD[value & 15] as number) << i;
				high |= (SPREAD[(value >> 4) & 15] as number) << i;
			}
			for (let plane = 0; plane < activationBits; plane++)
				patterns[plane] = ((plane < 4 ? low : high) >>> (8 * (plane & 3))) & 255;
			let sign = top;
			while (sign > 0 && patterns[sign - 1] === patterns[top]) sign--;
			groups++;
			mergedAway += top - sign;
			tallySpan(merged, sign + 1, 0, sign, true);
			tallyNonZero(skipped, patterns, top);
			tallyNonZero(both, patterns, sign);
			for (let plane = 0; plane < activationBits; plane++) {
				if (patterns[plane] === 0) zeros++;
				let lower = 0;
				while (patterns[lower] !== patterns[plane]) lower++;
				if (lower < plane) repeated++;
			}
		}
		await pause();
	}
	return { group, activationBits, groups, mergedAway, zeros, repeated, merged, skipped, both };
}

function tallySpan(bins: Float64Array, count: number, first: number, last: number, isSubtracted: boolean): void {
	const bin = binOf(count, first, last, isSubtracted);
	bins[bin] = (bins[bin] as number) + 1;
}

/** Planes up to the sign's that are not zero. */
function tallyNonZero(bins: Float64Array, patterns: Int32Array, sign: number): void {
	let [count, first, last] = [0, 0, 0];
	for (let plane = 0; plane <= sign; plane++) {
		if (patterns[plane] === 0) continue;
		if (count === 0) first = plane;
		last = plane;
		count++;
	}
	tallySpan(bins, count, first, last, count > 0 && last === sign);
}

/** Cycles of all lookups with nothing saved, and with each way of saving. */
export interface PatternCycles {
	readonly full: number;
	readonly merged: number;
	readonly skipped: number;
	readonly both: number;
}

/** Cycles of a tally's lookups in tables of weights of `weightBits`. */
export function patternCycles(
	{ group, activationBits, groups, ...bins }: PatternTally,
	{ weightBits, scaleGroup }: Pick<TableShape, 'weightBits' | 'scaleGroup'>,
): PatternCycles {
	const shape: TableShape = { group, activationBits, weightBits, scaleGroup, tokens: 1 };
	const total = (tally: Float64Array): number => {
		let cycles = 0;
		for (let count = 0; count <= MOST_PLANES; count++)
			for (let first = 0; first < MOST_PLANES; first++)
				for (let last = 0; last < MOST_PLANES; last++)
					for (const isSubtracted of [false, true]) {
						const found = tally[binOf(count, first, last, isSubtracted)] as number;
						if (found > 0) cycles += found * lookupCycles(shape, { count, first, last, isSubtracted });
					}
		return cycles;
	};
	return {
		full: groups * fullLookupCycles(shape),
		merged: total(bins.merged),
		skipped: total(bins.skipped),
		both: total(bins.both),
	};
}

/** Lookups of a tally with nothing saved: a plane for every group. */
export function lookupsIn({ groups, activationBits }: PatternTally): number {
	return groups * activationBits;
}
