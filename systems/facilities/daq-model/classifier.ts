/**
 * Classifiers: what share of irrelevant and of relevant events a node turns away when it must keep one event in `ratio`.
 *
 * Each compares an event's score with a threshold t, the quantile of the mixture of both kinds at the reduction
 * r = 1 - 1/ratio: (n0 F0(t) + n1 F1(t)) / n = r. For sampled scores F is a staircase. The exact solution is the weighted
 * quantile of the pooled samples; where the quantile falls on a step (many events share a score), the events on it are
 * kept at random, so that the target is met exactly. The published code instead runs an unbracketed minimiser on
 * |F(t) - r|, which is flat almost everywhere: in some seeds it stops beyond the largest irrelevant score, and the node
 * seems perfect (precision 1) and keeps too little. Mode `published` reproduces that.
 */
import { minimizeBounded, minimizeUnbracketed } from './minimize.ts';
import { normalCumulative } from './normal.ts';
import { countAtMost, countBelow, type Scores } from './scores.ts';

/** `exact`: weighted quantiles and fractional event counts; `published`: the published solver and whole events. */
export type Mode = 'exact' | 'published';

/** The 2x2 error matrix, given by its first row: shares of each kind that are rejected. */
export interface Decision {
	/** Share of irrelevant events rejected (true negative rate). */
	readonly rejectedIrrelevant: number;
	/** Share of relevant events rejected (false negative rate). */
	readonly rejectedRelevant: number;
	/** Score up to which events are rejected; null where nothing is classified. */
	readonly threshold: number | null;
}

/** No threshold meets the target: even the lowest one rejects more than asked. */
export interface Infeasible {
	/** Keeping one event in less than this is impossible. */
	readonly smallestRatio: number;
}

export interface Classifier {
	/** False for a node that only passes events on. */
	readonly classifies: boolean;
	/** Rejects the share `reduction` of a mixture of irrelevant and relevant events. */
	decide(irrelevant: number, relevant: number, reduction: number): Decision | Infeasible;
}

/** Rejects nothing. */
export const passEverything: Decision = { rejectedIrrelevant: 0, rejectedRelevant: 0, threshold: null };

/** The classifier published as Dummy: passes everything whatever its ratio. */
export const dummyClassifier: Classifier = { classifies: false, decide: () => passEverything };

/** Scores are standard normal for irrelevant events, normal with mean `skill` and the given deviation for relevant ones. */
export function gaussianClassifier(skill: number, deviation: number, mode: Mode): Classifier {
	return {
		classifies: true,
		decide: (irrelevant, relevant, reduction) => {
			const total = irrelevant + relevant;
			if (total === 0 || reduction === 0) return passEverything;
			const rejected = (threshold: number): number =>
				(irrelevant * normalCumulative(threshold) + relevant * normalCumulative(threshold, skill, deviation)) / total;
			const threshold =
				mode === 'published'
					? minimizeBounded((x) => Math.abs(reduction - rejected(x)), 0, 20).x
					: bisect(rejected, reduction, Math.min(-40, skill - 40 * deviation), Math.max(40, skill + 40 * deviation));
			return {
				rejectedIrrelevant: normalCumulative(threshold),
				rejectedRelevant: normalCumulative(threshold, skill, deviation),
				threshold,
			};
		},
	};
}

/** Where a rising function takes a value, to the last bit. */
function bisect(rising: (x: number) => number, value: number, from: number, to: number): number {
	let low = from;
	let high = to;
	for (let i = 0; i < 200; i++) {
		const middle = (low + high) / 2;
		if (middle === low || middle === high) break;
		if (rising(middle) < value) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

/** A classifier from sampled scores; `boost` is added to the score of every relevant event. */
export function sampledClassifier(scores: Scores, boost: number, mode: Mode): Classifier {
	return {
		classifies: true,
		decide: (irrelevant, relevant, reduction) => {
			if (irrelevant + relevant === 0 || reduction === 0) return passEverything;
			return mode === 'published'
				? publishedThreshold(scores, boost, irrelevant, relevant, reduction)
				: exactThreshold(scores, boost, irrelevant, relevant, reduction);
		},
	};
}

function exactThreshold(
	{ irrelevant: low, relevant: high }: Scores,
	boost: number,
	irrelevant: number,
	relevant: number,
	reduction: number,
): Decision | Infeasible {
	const weightLow = irrelevant / low.length;
	const weightHigh = relevant / high.length;
	const target = reduction * (irrelevant + relevant);
	const rejected = (score: number): number => weightLow * countAtMost(low, score) + weightHigh * countAtMost(high, score, boost);
	const threshold = Math.min(smallestReaching(low, 0, rejected, target), smallestReaching(high, boost, rejected, target));
	const lowBelow = countBelow(low, threshold);
	const highBelow = countBelow(high, threshold, boost);
	const lowOn = countAtMost(low, threshold) - lowBelow;
	const highOn = countAtMost(high, threshold, boost) - highBelow;
	const below = weightLow * lowBelow + weightHigh * highBelow;
	const on = weightLow * lowOn + weightHigh * highOn;
	if (lowBelow + highBelow === 0) return { smallestRatio: 1 / Math.max(0, 1 - on / (irrelevant + relevant)) };
	const share = on === 0 ? 0 : Math.min(1, Math.max(0, (target - below) / on));
	return {
		rejectedIrrelevant: (lowBelow + share * lowOn) / low.length,
		rejectedRelevant: (highBelow + share * highOn) / high.length,
		threshold,
	};
}

/** The smallest score of a sample, raised by `shift`, up to which the target is rejected; infinity if none. */
function smallestReaching(sorted: Float64Array, shift: number, rejected: (score: number) => number, target: number): number {
	let from = 0;
	let to = sorted.length;
	while (from < to) {
		const middle = (from + to) >>> 1;
		if (rejected((sorted[middle] as number) + shift) >= target) to = middle;
		else from = middle + 1;
	}
	return from < sorted.length ? (sorted[from] as number) + shift : Number.POSITIVE_INFINITY;
}

function publishedThreshold(
	{ irrelevant: low, relevant: high }: Scores,
	boost: number,
	irrelevant: number,
	relevant: number,
	reduction: number,
): Decision {
	const rejectedLow = (score: number): number => countAtMost(low, score) / low.length;
	const rejectedHigh = (score: number): number => countAtMost(high, score, boost) / high.length;
	const total = irrelevant + relevant;
	const { x: threshold } = minimizeUnbracketed((score) =>
		Math.abs(reduction - (irrelevant * rejectedLow(score) + relevant * rejectedHigh(score)) / total),
	);
	return { rejectedIrrelevant: rejectedLow(threshold), rejectedRelevant: rejectedHigh(threshold), threshold };
}
