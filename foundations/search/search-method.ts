/**
 * One way to search for all methods: ask for points, tell how they did. A method keeps no state of its own beside what it was told, so a
 * search goes on after any interruption by telling a new one the same trials again.
 */
import type { Direction } from './pareto-front.ts';
import type { Point, SearchSpace } from './search-space.ts';

/** What is sought. */
export interface Goal {
	/** One direction for each objective: -1 where less is better. */
	readonly directions: readonly Direction[];
}

/** A point to be evaluated, with the share of the full effort (0 to 1] to spend on it. */
export interface Proposal {
	readonly point: Point;
	readonly fidelity: number;
}

/** A proposal and what came of it. */
export interface Trial extends Proposal {
	/** One value for each objective; null if the evaluation failed. */
	readonly objectives: readonly number[] | null;
	/** How far constraints are violated, 0 for none, each on a scale of its own; none unless told. */
	readonly violations?: readonly number[];
}

export interface SearchProblem {
	readonly space: SearchSpace;
	readonly goal: Goal;
	readonly seed: number;
}

export interface SearchMethod {
	readonly name: string;
	/**
	 * What to evaluate next, given all trials so far in the order in which they were proposed; nothing when the search is over. The same
	 * trials give the same proposals.
	 */
	propose(trials: readonly Trial[]): readonly Proposal[];
}

/** Objectives as gains: larger is better. Null for a failed trial or one with a value that is no number. */
export function gainsOf(trial: Trial, { directions }: Goal): readonly number[] | null {
	const gains = trial.objectives?.map((value, index) => value * (directions[index] as number)) ?? null;
	return gains?.every(Number.isFinite) ? gains : null;
}

/** Sum of violations, 0 for a trial that keeps all constraints. */
export function violationOf({ violations = [] }: Trial): number {
	return violations.reduce((sum, violation) => sum + Math.max(0, violation), 0);
}

/**
 * Whether a is better than b with one objective: what failed is worst, what violates constraints less is better, and then the gain
 * decides.
 */
export function isBetter(a: Trial, b: Trial, goal: Goal): boolean {
	const [ours, theirs] = [gainsOf(a, goal), gainsOf(b, goal)];
	if (ours === null || theirs === null) return ours !== null;
	const [mine, yours] = [violationOf(a), violationOf(b)];
	if (mine !== yours) return mine < yours;
	return (ours[0] as number) > (theirs[0] as number);
}
