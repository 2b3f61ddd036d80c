/** The range that leaves out the same share of values at both ends. */
import type { Histogram } from './histogram.ts';

/**
 * Ends of the bins in which the share (100 - percentile) / 2 of the values, in per cent, is passed from below and from above: values in those bins stay
 * within.
 */
export function percentileRange(
	{ counts, low, width }: Pick<Histogram, 'counts' | 'low' | 'width'>,
	percentile: number,
): { readonly minimum: number; readonly maximum: number } {
	const total = counts.reduce((sum, count) => sum + count, 0);
	const tail = (total * (100 - percentile)) / 200;
	let first = 0;
	let below = 0;
	while (first < counts.length - 1 && below + (counts[first] as number) <= tail) below += counts[first++] as number;
	let last = counts.length - 1;
	let above = 0;
	while (last > first && above + (counts[last] as number) <= tail) above += counts[last--] as number;
	return { minimum: low + first * width, maximum: low + (last + 1) * width };
}
