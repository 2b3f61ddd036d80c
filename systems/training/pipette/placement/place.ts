/** The best placement found for a problem: exactly for few units, else the best of several annealing runs and the greedy one. */
import type { RunContext } from '@assay/contract';
import { type AnnealItem, type AnnealResult, annealTask } from './anneal.ts';
import { exactPlacement, MOST_EXACT_UNITS } from './exact.ts';
import { greedyOrder } from './greedy.ts';
import { type PlacementProblem, placementSeconds, rankOrder } from './placement-problem.ts';

/** How long to look. */
export interface PlacementEffort {
	readonly iterations: number;
	readonly restarts: number;
}

/** A placement and what others cost. */
export interface Placement {
	readonly order: Int32Array;
	readonly seconds: number;
	/** The dearest placement met; null where none was drawn by chance. */
	readonly worstSeconds: number | null;
	readonly exact: boolean;
	readonly trace: readonly { readonly restart: number; readonly step: number; readonly seconds: number }[];
}

/** Places several problems at once; their annealing runs share the threads. `name` makes the seeds. */
export async function placeAll(
	problems: readonly { readonly problem: PlacementProblem; readonly name: string }[],
	effort: PlacementEffort,
	context: Pick<RunContext, 'parallel' | 'pause' | 'seed'>,
): Promise<Placement[]> {
	const items: AnnealItem[] = [];
	const owners: number[] = [];
	for (const [index, { problem, name }] of problems.entries()) {
		if (problem.units <= MOST_EXACT_UNITS || isTrivial(problem)) continue;
		for (let restart = 0; restart < effort.restarts; restart++) {
			items.push({ problem, iterations: effort.iterations, seed: `placement ${context.seed} ${name} ${restart}` });
			owners.push(index);
		}
	}
	const results = await context.parallel(annealTask, items);
	const placements: Placement[] = [];
	for (const [index, { problem }] of problems.entries()) {
		await context.pause();
		placements.push(
			best(
				problem,
				results.filter((_, item) => owners[item] === index),
			),
		);
	}
	return placements;
}

/** Nothing to choose: every placement costs the same. */
function isTrivial({ hopBytes, wrapBytes, ringBytes, columns, rows }: PlacementProblem): boolean {
	return (columns === 1 || hopBytes + wrapBytes === 0) && (rows === 1 || ringBytes === 0);
}

function best(problem: PlacementProblem, annealed: readonly AnnealResult[]): Placement {
	const unplaced = rankOrder(problem);
	const unplacedSeconds = placementSeconds(problem, unplaced);
	if (isTrivial(problem)) return { order: unplaced, seconds: unplacedSeconds, worstSeconds: null, exact: true, trace: [] };
	if (annealed.length === 0) {
		const { order, seconds } = exactPlacement(problem);
		return { order, seconds, worstSeconds: null, exact: true, trace: [] };
	}
	const greedy = greedyOrder(problem);
	let order = unplaced;
	let seconds = unplacedSeconds;
	for (const candidate of [{ order: greedy, seconds: placementSeconds(problem, greedy) }, ...annealed]) {
		if (candidate.seconds < seconds) ({ order, seconds } = candidate);
	}
	return {
		order,
		seconds,
		worstSeconds: Math.max(unplacedSeconds, ...annealed.map((one) => one.worstSeconds)),
		exact: false,
		trace: annealed.flatMap(({ trace }, restart) => trace.map((point) => ({ restart, ...point }))),
	};
}
