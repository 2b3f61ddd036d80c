/**
 * What a network decides, how many decisions another network makes otherwise, and how near a tie those were: a decision whose margin in float is smaller than
 * the noise at the logits says little about either network.
 */
import { mean, quantileSorted, sortedCopy, standardDeviation } from '@assay/contract';

export interface Decisions {
	/** Of all samples: one each, or one for each pixel or place. */
	readonly count: number;
	readonly changed: number;
	/** 95 % interval of the share that stays, samples being drawn anew (Wilson's, with the samples' own spread). */
	readonly low: number;
	readonly high: number;
	/** Median of the margins in float: the best logit over the second, or a single logit's distance from 0. */
	readonly margin: number | null;
	/** Of the decisions that changed. */
	readonly changedMargin: number | null;
	/** Root of the mean square difference of the logits. */
	readonly noise: number;
}

/** Standard deviations on either side of the mean that hold 95 % of a normal distribution. */
const WIDE = 1.96;

interface Places {
	readonly classes: number;
	readonly places: number;
	/** From one class of a place to the next. */
	readonly step: number;
	start(place: number): number;
}

/** Rows [batch, classes], sequences [batch, places, classes] or images [batch, classes, height, width]. */
export function placesOf(length: number, shape: readonly number[]): Places {
	const isImage = shape.length === 4;
	const classes = (isImage ? shape[1] : shape.at(-1)) ?? 1;
	const places = length / classes;
	const step = isImage ? places / (shape[0] ?? 1) : 1;
	return {
		classes,
		places,
		step,
		start: (place) => (isImage ? Math.floor(place / step) * classes * step + (place % step) : place * classes),
	};
}

/** The largest logit at each place; of a single logit its sign. */
export function decisionsOf(logits: Float32Array, shape: readonly number[]): Int32Array {
	const { classes, places, step, start } = placesOf(logits.length, shape);
	return Int32Array.from({ length: places }, (_, place) => {
		const first = start(place);
		if (classes === 1) return (logits[first] as number) > 0 ? 1 : 0;
		let best = 0;
		for (let of = 1; of < classes; of++)
			if ((logits[first + of * step] as number) > (logits[first + best * step] as number)) best = of;
		return best;
	});
}

/** How far each decision is from another one, in logits. */
export function marginsOf(logits: Float32Array, shape: readonly number[]): Float64Array {
	const { classes, places, step, start } = placesOf(logits.length, shape);
	return Float64Array.from({ length: places }, (_, place) => {
		const first = start(place);
		if (classes === 1) return Math.abs(logits[first] as number);
		let [best, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
		for (let of = 0; of < classes; of++) {
			const value = logits[first + of * step] as number;
			if (value > best) [best, second] = [value, best];
			else if (value > second) second = value;
		}
		return best - second;
	});
}

/** `exact`, `found`: logits of each sample, of `shape`. */
export function compareDecisions(
	exact: readonly Float32Array[],
	found: readonly Float32Array[],
	shape: readonly number[],
): Decisions {
	const margins: number[] = [];
	const changed: number[] = [];
	const shares: number[] = [];
	let [squares, values] = [0, 0];
	for (const [index, logits] of exact.entries()) {
		const others = found[index] as Float32Array;
		const [a, b, apart] = [decisionsOf(logits, shape), decisionsOf(others, shape), marginsOf(logits, shape)];
		let same = 0;
		for (const [place, decision] of a.entries()) {
			const margin = apart[place] as number;
			margins.push(margin);
			if (decision === b[place]) same++;
			else changed.push(margin);
		}
		shares.push(same / Math.max(1, a.length));
		for (const [i, value] of logits.entries()) squares += (value - (others[i] as number)) ** 2;
		values += logits.length;
	}
	const count = margins.length;
	const share = count === 0 ? 1 : 1 - changed.length / count;
	return {
		count,
		changed: changed.length,
		...wilson(share, samplesWorth(shares)),
		margin: median(margins),
		changedMargin: median(changed),
		noise: Math.sqrt(squares / Math.max(1, values)),
	};
}

/** How many independent decisions the samples are worth: those of one sample go together. */
function samplesWorth(shares: readonly number[]): number {
	const spread = shares.length < 2 ? 0 : standardDeviation(shares);
	const middle = shares.length === 0 ? 1 : mean(shares);
	const worth = spread === 0 ? shares.length : (middle * (1 - middle) * shares.length) / spread ** 2;
	return Math.max(1, worth);
}

/** Wilson's interval for a share among `count` decisions (Wilson 1927). */
export function wilson(share: number, count: number): { readonly low: number; readonly high: number } {
	const squared = WIDE ** 2 / count;
	const centre = (share + squared / 2) / (1 + squared);
	const half = (WIDE / (1 + squared)) * Math.sqrt((share * (1 - share)) / count + squared / (4 * count));
	return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function median(values: readonly number[]): number | null {
	return values.length === 0 ? null : quantileSorted(sortedCopy(values), 0.5);
}
