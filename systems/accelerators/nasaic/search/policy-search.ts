/**
 * The paper's search: in each episode the controller names networks and a chip, then more chips for the same networks. If none meets the
 * limits the networks are not evaluated and only the penalty teaches (early pruning); otherwise accuracy counts too.
 */
import type { Random } from '@assay/contract';
import { createPolicy, type Mask } from '../controller/policy.ts';
import { createLearner } from '../controller/reinforce.ts';
import { type DesignSpace, drawEvenly } from './design-space.ts';
import type { Evaluator, Limits } from './evaluate-design.ts';
import { createRecord, type SearchResult, type SeenDesign } from './search-record.ts';

/** Weight of the penalty against an accuracy of 1. */
export const PENALTY_WEIGHT = 10;
const EXPLORED_FOR_WORST = 100;

export interface SearchEffort {
	readonly episodes: number;
	/** Chips for the networks of an episode. */
	readonly tries: number;
}

/** How a search breathes: awaited after each episode with the share that is done and, by the paper's search, the designs seen so far. */
export type OnEpisode = (share: number, seen?: readonly SeenDesign[]) => Promise<void>;

/** Decisions already made, -1 for those still open. */
export type Fixed = Int32Array;

export function allOpen(space: DesignSpace): Fixed {
	return new Int32Array(space.sizes.length).fill(-1);
}

function maskWith({ mask, sizes }: DesignSpace, fixed: Fixed): Mask {
	return (t, chosen, allowed) => {
		const only = fixed[t] as number;
		if (only < 0) return mask(t, chosen, allowed);
		for (let i = 0; i < (sizes[t] as number); i++) allowed[i] = i === only ? 1 : 0;
	};
}

/** Worst finite costs among designs drawn evenly; the paper's bounds of the penalty. */
export function worstCosts(evaluator: Evaluator, random: Random): Limits {
	const chosen = new Int32Array(evaluator.space.sizes.length);
	let worst: Limits = { ...evaluator.limits };
	for (let i = 0; i < EXPLORED_FOR_WORST; i++) {
		drawEvenly(evaluator.space, random, chosen);
		const cost = evaluator.cost(chosen);
		if (cost.schedule === null) continue;
		worst = {
			latency: Math.max(worst.latency, cost.latency),
			energy: Math.max(worst.energy, cost.energy),
			area: Math.max(worst.area, cost.area),
		};
	}
	return worst;
}

/** Searches what `fixed` leaves open. */
export async function policySearch(
	evaluator: Evaluator,
	fixed: Fixed,
	worst: Limits,
	{ episodes, tries }: SearchEffort,
	random: Random,
	onEpisode: OnEpisode,
): Promise<SearchResult> {
	const { space } = evaluator;
	const policy = createPolicy(space.sizes, maskWith(space, fixed), random);
	const learn = createLearner(policy);
	const record = createRecord(evaluator, worst);
	const batch = Array.from({ length: tries }, () => policy.trajectory());
	const rewards: number[] = [];
	let pruned = 0;
	for (let episode = 0; episode < episodes; episode++) {
		let accuracy = 0;
		const designs: SeenDesign[] = [];
		for (const [k, trajectory] of batch.entries()) {
			if (k > 0) trajectory.chosen.set((batch[0] as typeof trajectory).chosen.subarray(0, space.networkDecisions));
			policy.sample(random, trajectory, k === 0 ? 0 : space.networkDecisions);
			if (k === 0) accuracy = evaluator.accuracy(trajectory.chosen);
			designs.push(record.consider(trajectory.chosen, accuracy));
		}
		const isPruned = !designs.some(({ isWithin }) => isWithin);
		if (isPruned) pruned++;
		const earned = designs.map((design) => (isPruned ? 0 : accuracy / 100) - PENALTY_WEIGHT * record.penaltyOf(design));
		learn(batch, earned);
		rewards.push(earned.reduce((sum, reward) => sum + reward, 0) / tries);
		await onEpisode((episode + 1) / episodes, record.seen);
	}
	return record.result(rewards, pruned);
}

/** The networks of highest accuracy that a controller finds when hardware does not matter, as decisions with the hardware left open. */
export async function accuracySearch(
	evaluator: Evaluator,
	{ episodes, tries }: SearchEffort,
	random: Random,
	onEpisode: OnEpisode,
): Promise<Fixed> {
	const { space } = evaluator;
	const policy = createPolicy(space.sizes, space.mask, random);
	const learn = createLearner(policy);
	const batch = Array.from({ length: tries }, () => policy.trajectory());
	const best = allOpen(space);
	let highest = Number.NEGATIVE_INFINITY;
	for (let episode = 0; episode < episodes; episode++) {
		const earned = batch.map((trajectory) => {
			policy.sample(random, trajectory);
			const accuracy = evaluator.accuracy(trajectory.chosen);
			if (accuracy > highest) {
				highest = accuracy;
				best.set(trajectory.chosen.subarray(0, space.networkDecisions));
			}
			return accuracy / 100;
		});
		learn(batch, earned);
		await onEpisode((episode + 1) / episodes);
	}
	return best;
}
