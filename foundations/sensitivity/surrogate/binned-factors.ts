/** Factors as small whole numbers, so that a tree finds its splits by counting. */
import { sortedCopy } from '@assay/contract';
import type { Factor } from '../factor.ts';

/** Values of a factor that a tree tells apart. */
export const MOST_BINS = 64;

/** Bins of each run, factor after factor: the bin of run r in factor f is at f × runs + r. */
export interface BinnedFactors {
	readonly bins: Uint8Array;
	readonly runs: number;
	readonly factors: number;
}

/**
 * Bins by the values and outputs of the runs `known`. Numbers are parted at their quantiles. Texts, and factors that mix kinds, stand in the order
 * of their mean output, by which one split parts them as well as any could (Breiman et al. 1984, theorem 4.5). What is missing has bin 0 of its
 * own; texts that `known` does not have join it.
 */
export function binFactors(factors: readonly Factor[], outputs: ArrayLike<number>, known: ArrayLike<number>): BinnedFactors {
	const runs = outputs.length;
	const bins = new Uint8Array(factors.length * runs);
	for (const [at, { values }] of factors.entries()) {
		const isNumeric = values.every((value) => value === null || typeof value === 'number');
		const bin = isNumeric ? numericBins(values, known) : orderedBins(values, outputs, known);
		for (let run = 0; run < runs; run++) bins[at * runs + run] = bin(values[run] ?? null);
	}
	return { bins, runs, factors: factors.length };
}

type Bin = (value: Factor['values'][number]) => number;

function numericBins(values: Factor['values'], known: ArrayLike<number>): Bin {
	const sorted = sortedCopy(Array.from(known, (run) => values[run]).filter((value) => typeof value === 'number'));
	const distinct = sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
	const most = MOST_BINS - 1;
	// Upper ends of the bins: halfway between neighbours, so that values in between go to the nearer one.
	const ends: number[] = [];
	if (distinct.length <= most)
		for (let index = 1; index < distinct.length; index++)
			ends.push(((distinct[index - 1] as number) + (distinct[index] as number)) / 2);
	else for (let index = 1; index < most; index++) ends.push(sorted[Math.floor((index * sorted.length) / most)] as number);
	return (value) => {
		if (typeof value !== 'number') return 0;
		let [low, high] = [0, ends.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (value > (ends[middle] as number)) low = middle + 1;
			else high = middle;
		}
		return low + 1;
	};
}

function orderedBins(values: Factor['values'], outputs: ArrayLike<number>, known: ArrayLike<number>): Bin {
	const sums = new Map<Factor['values'][number], { total: number; count: number }>();
	for (let index = 0; index < known.length; index++) {
		const run = known[index] as number;
		const value = values[run] ?? null;
		if (value === null) continue;
		const sum = sums.get(value) ?? { total: 0, count: 0 };
		sum.total += outputs[run] as number;
		sum.count++;
		sums.set(value, sum);
	}
	const ordered = [...sums]
		.map(([value, { total, count }]) => ({ value, mean: total / count }))
		.sort((a, b) => a.mean - b.mean || (String(a.value) < String(b.value) ? -1 : 1));
	const shared = Math.max(1, Math.ceil(ordered.length / (MOST_BINS - 1)));
	const places = new Map(ordered.map(({ value }, place) => [value, 1 + Math.floor(place / shared)]));
	return (value) => (value === null ? 0 : (places.get(value) ?? 0));
}
