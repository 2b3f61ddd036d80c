/** The range whose 256 codes give the least mean square error: 100 fractions of the whole range, then a golden-section search around the best. */
import type { Histogram } from './histogram.ts';
import type { ValueRange } from './value-range.ts';

const LEAST_FRACTION = 0.2;
const CANDIDATES = 100;
const CODES = 256;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Width at which the search ends. */
const CLOSE = 1e-5;

/** The fraction of both ends of the range, from 0.2 to 1. */
export function leastSquaresFraction(histogram: Histogram, { minimum, maximum }: ValueRange): number {
	const error = (fraction: number, most?: number) =>
		squaredError(histogram, fraction * Math.min(0, minimum), fraction * Math.max(0, maximum), most);
	const step = (1 - LEAST_FRACTION) / (CANDIDATES - 1);
	let [best, least] = [1, error(1)];
	for (let candidate = 0; candidate < CANDIDATES - 1; candidate++) {
		const fraction = LEAST_FRACTION + candidate * step;
		const found = error(fraction, least);
		if (found < least) [best, least] = [fraction, found];
	}
	let [low, high] = [Math.max(LEAST_FRACTION, best - step), Math.min(1, best + step)];
	let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
	let [atLeft, atRight] = [error(left), error(right)];
	while (high - low > CLOSE) {
		if (atLeft <= atRight) {
			[high, right, atRight] = [right, left, atLeft];
			left = high - GOLDEN * (high - low);
			atLeft = error(left);
		} else {
			[low, left, atLeft] = [left, right, atRight];
			right = low + GOLDEN * (high - low);
			atRight = error(right);
		}
	}
	const middle = (low + high) / 2;
	return error(middle) < least ? middle : best;
}

/** Sum over bins of count (x - Q(x))^2, Q with 256 codes from `low` to `high` and 0 among them. A sum beyond `most` is not finished. */
function squaredError(
	{ counts, low: first, width }: Histogram,
	low: number,
	high: number,
	most = Number.POSITIVE_INFINITY,
): number {
	const scale = (high - low) / (CODES - 1);
	const zero = Math.round(-low / scale);
	let sum = 0;
	for (let bin = 0; bin < counts.length && sum <= most; bin++) {
		const count = counts[bin] as number;
		if (count === 0) continue;
		const value = first + (bin + 0.5) * width;
		const code = Math.min(CODES - 1, Math.max(0, Math.round(value / scale) + zero));
		const difference = value - (code - zero) * scale;
		sum += count * difference * difference;
	}
	return sum;
}
