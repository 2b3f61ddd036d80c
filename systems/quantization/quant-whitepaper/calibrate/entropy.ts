/**
 * The threshold that loses least information: of all that clip magnitudes to the first i bins, the one whose histogram, merged into 128 levels
 * and spread out again, diverges least (Kullback-Leibler) from the unmerged one. As TensorRT and MXNet do it.
 */
import type { Histogram } from './histogram.ts';

const LEVELS = 128;
const FEWEST_BINS = 64;
/** Count that empty bins are given, at the expense of the others. */
const SMOOTHING = 1e-4;

/** `bins` is a histogram of magnitudes that starts at 0. Returns a magnitude. */
export function entropyThreshold({ counts, width }: Pick<Histogram, 'counts' | 'width'>): number {
	const bins = counts.length;
	if (bins <= FEWEST_BINS) return bins * width;
	const total = counts.reduce((sum, count) => sum + count, 0);
	const before = new Float64Array(bins + 1);
	const filled = new Int32Array(bins + 1);
	for (let bin = 0; bin < bins; bin++) {
		before[bin + 1] = (before[bin] as number) + (counts[bin] as number);
		filled[bin + 1] = (filled[bin] as number) + ((counts[bin] as number) > 0 ? 1 : 0);
	}
	let [best, least] = [bins, Number.POSITIVE_INFINITY];
	for (let candidate = FEWEST_BINS; candidate <= bins; candidate++) {
		const outliers = total - (before[candidate] as number);
		const divergence = divergenceAt(counts, before, filled, candidate, outliers);
		if (divergence < least) [best, least] = [candidate, divergence];
	}
	return best * width;
}

/** KL(p || q) for the first `candidate` bins. Both are smoothed and made to sum to 1. */
function divergenceAt(
	counts: Float64Array,
	before: Float64Array,
	filled: Int32Array,
	candidate: number,
	outliers: number,
): number {
	const lastCount = counts[candidate - 1] as number;
	const inside = before[candidate] as number;
	const filledQ = filled[candidate] as number;
	// Outliers fill the last bin of p, even where it is empty.
	const filledP = filledQ + (lastCount === 0 && outliers > 0 ? 1 : 0);
	if (filledQ === 0 || filledP === 0) return Number.POSITIVE_INFINITY;
	const takenP = (SMOOTHING * (candidate - filledP)) / filledP;
	const takenQ = (SMOOTHING * (candidate - filledQ)) / filledQ;
	if (takenP >= 1 || takenQ >= 1) return Number.POSITIVE_INFINITY;
	const totalP = inside + outliers;
	const merged = Math.floor(candidate / LEVELS);
	const levels = Math.min(LEVELS, candidate);
	let sum = 0;
	for (let level = 0; level < levels; level++) {
		// Fewer bins than levels: each is a level. What does not divide falls to the last level.
		const start = merged === 0 ? level : level * merged;
		const end = level === levels - 1 ? candidate : merged === 0 ? level + 1 : (level + 1) * merged;
		const within = (filled[end] as number) - (filled[start] as number);
		if (within === 0) continue;
		const mean = ((before[end] as number) - (before[start] as number)) / within;
		const logQ = Math.log((mean - takenQ) / inside);
		for (let bin = start; bin < end; bin++) {
			const count = counts[bin] as number;
			if (count === 0) continue;
			const p = count + (bin === candidate - 1 ? outliers : 0) - takenP;
			sum += (p / totalP) * (Math.log(p / totalP) - logQ);
		}
	}
	const bothEmpty = candidate - filledP;
	if (bothEmpty > 0) sum += bothEmpty * (SMOOTHING / totalP) * Math.log(inside / totalP);
	// Outliers alone in the last bin: q has the smoothing count there.
	if (filledP > filledQ) {
		const p = outliers - takenP;
		sum += (p / totalP) * (Math.log(p / totalP) - Math.log(SMOOTHING / inside));
	}
	return sum;
}
