/** What a search has seen, and the best of it. */
import { type DesignCost, type Evaluator, type Limits, meetsLimits, penalty } from './evaluate-design.ts';

export interface SeenDesign {
	readonly chosen: Int32Array;
	/** Weighted, in per cent. */
	readonly accuracy: number;
	readonly cost: DesignCost;
	readonly isWithin: boolean;
}

export interface SearchResult {
	readonly best: SeenDesign;
	/** Every design whose cost was computed and is finite, in order. */
	readonly seen: readonly SeenDesign[];
	/** Mean reward of each episode; empty for searches without a controller. */
	readonly rewards: readonly number[];
	/** Episodes that ended without asking for an accuracy, since no hardware met the limits. */
	readonly pruned: number;
}

export interface SearchRecord {
	readonly worst: Limits;
	readonly seen: readonly SeenDesign[];
	/** Costs a design and remembers it. Accuracy is that of its networks. */
	consider(chosen: Int32Array, accuracy: number): SeenDesign;
	penaltyOf(design: SeenDesign): number;
	result(rewards?: readonly number[], pruned?: number): SearchResult;
}

export function createRecord(evaluator: Evaluator, worst: Limits): SearchRecord {
	const seen: SeenDesign[] = [];
	let best: SeenDesign | undefined;
	const penaltyOf = ({ cost }: SeenDesign): number => penalty(cost, evaluator.limits, worst);
	/** Within the limits before beyond them; then the more accurate, and among equals the lower product of energy and latency. */
	const isBetter = (a: SeenDesign, b: SeenDesign): boolean => {
		if (a.isWithin !== b.isWithin) return a.isWithin;
		if (!a.isWithin) return penaltyOf(a) < penaltyOf(b);
		if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
		return a.cost.energy * a.cost.latency < b.cost.energy * b.cost.latency;
	};
	return {
		worst,
		seen,
		penaltyOf,
		consider(chosen, accuracy) {
			const cost = evaluator.cost(chosen);
			const design = { chosen: chosen.slice(), accuracy, cost, isWithin: meetsLimits(cost, evaluator.limits) };
			if (cost.schedule !== null) seen.push(design);
			if (best === undefined || isBetter(design, best)) best = design;
			return design;
		},
		result(rewards = [], pruned = 0) {
			if (best === undefined) throw new RangeError('a search without a design');
			return { best, seen, rewards, pruned };
		},
	};
}
