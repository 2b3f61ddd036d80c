/** A regression tree of fixed depth over binned factors: each split is the one that lowers the squared error most. */
import { type BinnedFactors, MOST_BINS } from './binned-factors.ts';

/** Nodes in the order of a heap: the children of node n are 2n + 1 and 2n + 2. */
export interface RegressionTree {
	/** Factor that a node splits on; -1 for a leaf. */
	readonly factor: Int16Array;
	/** Runs in bins up to this go left. */
	readonly bin: Uint8Array;
	readonly value: Float64Array;
}

/** Least runs of a leaf. */
const LEAF_RUNS = 4;

/** Fits a tree to the targets of some runs. O(runs × factors × depth). */
export function fitTree(data: BinnedFactors, targets: Float64Array, chosen: Uint32Array, depth: number): RegressionTree {
	const { bins } = data;
	const nodes = 2 ** (depth + 1) - 1;
	const tree = { factor: new Int16Array(nodes).fill(-1), bin: new Uint8Array(nodes), value: new Float64Array(nodes) };
	const sums = new Float64Array(MOST_BINS);
	const counts = new Uint32Array(MOST_BINS);
	const split = (node: number, runs: Uint32Array): void => {
		let total = 0;
		for (let index = 0; index < runs.length; index++) total += targets[runs[index] as number] as number;
		tree.value[node] = total / runs.length;
		if (2 * node + 2 >= nodes || runs.length < 2 * LEAF_RUNS) return;
		// What a split gains is the rise of the sum of squared sums over counts.
		let best = (total * total) / runs.length + 1e-12 * Math.abs(total);
		let [bestFactor, bestBin, leftRuns] = [-1, 0, 0];
		for (let factor = 0; factor < data.factors; factor++) {
			const from = factor * data.runs;
			sums.fill(0);
			counts.fill(0);
			for (let index = 0; index < runs.length; index++) {
				const run = runs[index] as number;
				const bin = bins[from + run] as number;
				sums[bin] = (sums[bin] as number) + (targets[run] as number);
				counts[bin] = (counts[bin] as number) + 1;
			}
			let [left, count] = [0, 0];
			for (let bin = 0; bin < MOST_BINS - 1; bin++) {
				if (counts[bin] === 0) continue;
				left += sums[bin] as number;
				count += counts[bin] as number;
				const rest = runs.length - count;
				if (rest < LEAF_RUNS) break;
				if (count < LEAF_RUNS) continue;
				const score = (left * left) / count + (total - left) ** 2 / rest;
				if (score <= best) continue;
				best = score;
				[bestFactor, bestBin, leftRuns] = [factor, bin, count];
			}
		}
		if (bestFactor < 0) return;
		tree.factor[node] = bestFactor;
		tree.bin[node] = bestBin;
		const [left, right] = [new Uint32Array(leftRuns), new Uint32Array(runs.length - leftRuns)];
		let [l, r] = [0, 0];
		for (let index = 0; index < runs.length; index++) {
			const run = runs[index] as number;
			if ((bins[bestFactor * data.runs + run] as number) <= bestBin) left[l++] = run;
			else right[r++] = run;
		}
		split(2 * node + 1, left);
		split(2 * node + 2, right);
	};
	split(0, chosen);
	return tree;
}

/** What a tree says of a run; its bin in factor `swapped` is that of run `other`. */
export function treeValue(tree: RegressionTree, data: BinnedFactors, run: number, swapped: number, other: number): number {
	let node = 0;
	for (let factor = tree.factor[0] as number; factor >= 0; factor = tree.factor[node] as number) {
		const bin = data.bins[factor * data.runs + (factor === swapped ? other : run)] as number;
		node = 2 * node + (bin <= (tree.bin[node] as number) ? 1 : 2);
	}
	return tree.value[node] as number;
}
