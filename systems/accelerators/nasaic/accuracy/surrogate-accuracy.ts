/**
 * A surrogate for training: accuracy rises with the number of weights and saturates, and badly balanced widths cost a little. It is fitted
 * to two published figures of each task, the smallest network's and the best one's, and knows nothing else of the data.
 */
import type { Backbone } from '../networks/backbone.ts';
import { weightCount } from '../networks/task-network.ts';

/** In per cent, or hundredths of intersection over union. */
export interface AccuracyAnchors {
	readonly smallest: number;
	readonly best: number;
}

/** Doublings of the weights after which the distance to the best has fallen to 1/e. */
const DOUBLINGS = 3;
/** Share of the span lost for each doubling by which a stage is narrower than the one before it, or more than twice as wide. */
const IMBALANCE_COST = 0.01;

export const SURROGATE_FORMULA = `accuracy = smallest + (best - smallest) · s / s_best, s = 1 - exp(-log2(weights / fewest weights) / ${DOUBLINGS}) - ${IMBALANCE_COST} · imbalance, where imbalance counts the doublings by which a stage is narrower than the one before or more than twice as wide`;

/** Accuracy of a choice of values of the backbone. */
export function surrogateAccuracy(
	backbone: Backbone,
	{ smallest, best }: AccuracyAnchors,
): (values: readonly number[]) => number {
	const corner = (pick: (options: readonly number[]) => number): number[] =>
		backbone.decisions.map(({ options }) => pick(options));
	const fewest = weightCount(backbone.build(corner((options) => Math.min(...options))).layers);
	const score = (values: readonly number[]): number =>
		1 -
		Math.exp(-Math.log2(weightCount(backbone.build(values).layers) / fewest) / DOUBLINGS) -
		IMBALANCE_COST * imbalance(backbone.widths(values));
	let highest = Number.NEGATIVE_INFINITY;
	for (const values of allChoices(backbone)) highest = Math.max(highest, score(values));
	return (values) => smallest + ((best - smallest) * score(values)) / highest;
}

function imbalance(widths: readonly number[]): number {
	let sum = 0;
	for (let i = 1; i < widths.length; i++) {
		const doublings = Math.log2((widths[i] as number) / (widths[i - 1] as number));
		sum += Math.max(0, -doublings, doublings - 1);
	}
	return sum;
}

/** Every choice of a backbone; thousands at most. */
function* allChoices({ decisions }: Backbone): Generator<number[]> {
	const at = decisions.map(() => 0);
	for (;;) {
		yield decisions.map(({ options }, i) => options[at[i] as number] as number);
		let i = at.length - 1;
		while (i >= 0 && at[i] === (decisions[i]?.options.length ?? 0) - 1) at[i--] = 0;
		if (i < 0) return;
		at[i] = (at[i] as number) + 1;
	}
}
