/** Gradient boosting with squared error (Friedman 2001 and 2002): each tree is fitted to what those before it have left over, on a random part of the runs. */
import type { Random } from '@assay/contract';
import type { BinnedFactors } from './binned-factors.ts';
import { fitTree, type RegressionTree, treeValue } from './regression-tree.ts';

export interface BoostedTrees {
	readonly base: number;
	readonly trees: readonly RegressionTree[];
}

const TREES = 150;
const DEPTH = 4;
const LEARNING_RATE = 0.1;
/** Share of the runs that each tree sees. */
const PART = 0.7;

export function fitBoostedTrees(data: BinnedFactors, outputs: Float64Array, known: Uint32Array, random: Random): BoostedTrees {
	let base = 0;
	for (const run of known) base += (outputs[run] as number) / known.length;
	const left = outputs.map((output) => output - base);
	const trees: RegressionTree[] = [];
	const order = known.slice();
	for (let index = 0; index < TREES; index++) {
		random.shuffle(order);
		const tree = fitTree(data, left, order.slice(0, Math.max(2, Math.round(PART * order.length))), DEPTH);
		for (let place = 0; place < known.length; place++) {
			const run = known[place] as number;
			left[run] = (left[run] as number) - LEARNING_RATE * treeValue(tree, data, run, -1, run);
		}
		trees.push(tree);
	}
	return { base, trees };
}

/** What the trees say of a run, were its value of factor `swapped` that of run `other`; -1 swaps none. */
export function predict({ base, trees }: BoostedTrees, data: BinnedFactors, run: number, swapped = -1, other = run): number {
	let sum = 0;
	for (let index = 0; index < trees.length; index++) sum += treeValue(trees[index] as RegressionTree, data, run, swapped, other);
	return base + LEARNING_RATE * sum;
}
