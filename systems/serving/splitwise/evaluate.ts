/** Runs one cluster on one trace and judges it by the objectives. */

import { type ClusterPlan, referenceOf, type Serving, simulationSetup } from './serving.ts';
import { type SimulationHooks, type SimulationResult, simulate } from './simulate.ts';
import { checkObjectives, type LatencyName, type ObjectiveResult, ObjectiveWatch, slowdowns } from './slo.ts';
import type { RequestTrace } from './trace/request-trace.ts';

export interface Evaluation {
	readonly simulation: SimulationResult;
	readonly slowdowns: Readonly<Record<LatencyName, Float64Array>>;
	readonly objectives: readonly ObjectiveResult[];
	readonly feasible: boolean;
}

export async function evaluate(
	serving: Serving,
	plan: ClusterPlan,
	trace: RequestTrace,
	hooks: Omit<SimulationHooks, 'watch'> = {},
): Promise<Evaluation> {
	const longest = longestPrompt(trace);
	const simulation = await simulate(trace, simulationSetup(serving, plan, longest), hooks);
	const columns = slowdowns(simulation.requests, referenceOf(serving, longest));
	const objectives = checkObjectives(columns, serving.objectives);
	return { simulation, slowdowns: columns, objectives, feasible: objectives.every(({ met }) => met) };
}

/**
 * Whether a cluster meets every objective on a trace. The simulation is given up as soon as one is lost for certain, which
 * changes nothing about the verdict.
 */
export async function isFeasible(
	serving: Serving,
	plan: ClusterPlan,
	trace: RequestTrace,
	pause: () => Promise<void>,
): Promise<boolean> {
	if (trace.arrivalSeconds.length === 0) return true;
	const longest = longestPrompt(trace);
	const reference = referenceOf(serving, longest);
	const simulation = await simulate(trace, simulationSetup(serving, plan, longest), {
		pause,
		watch: (requests) => new ObjectiveWatch(requests, reference, serving.objectives),
	});
	if (simulation.stopped) return false;
	return checkObjectives(slowdowns(simulation.requests, reference), serving.objectives).every(({ met }) => met);
}

/** The objective closest to its limit, or furthest beyond it. */
export function tightestObjective(objectives: readonly ObjectiveResult[]): ObjectiveResult | undefined {
	let tightest: ObjectiveResult | undefined;
	for (const one of objectives) {
		if (tightest === undefined || one.slowdown / one.limit > tightest.slowdown / tightest.limit) tightest = one;
	}
	return tightest;
}

export function longestPrompt(trace: RequestTrace): number {
	let longest = 1;
	for (const tokens of trace.promptTokens) if (tokens > longest) longest = tokens;
	return longest;
}
