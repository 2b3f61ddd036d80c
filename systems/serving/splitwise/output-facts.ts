/** Small conversions from what the simulation finds to what the outputs say. */
import { type Summary, summarize } from '@assay/contract';
import type { ObjectiveOutput, SimulationOutput } from './outputs.ts';
import { type ClusterPlan, clusterTotals, type Serving } from './serving.ts';
import type { ObjectiveResult } from './slo.ts';

/** The number, or null where there is none. */
export function finite(value: number): number | null {
	return Number.isFinite(value) ? value : null;
}

export function summaryFacts(values: ArrayLike<number>): SimulationOutput['latencies']['ttft'] {
	const all: Summary = summarize(values);
	return {
		count: all.count,
		mean: finite(all.mean),
		standardDeviation: finite(all.standardDeviation),
		min: finite(all.min),
		max: finite(all.max),
		p50: finite(all.p50),
		p90: finite(all.p90),
		p95: finite(all.p95),
		p99: finite(all.p99),
		p999: finite(all.p999),
		geometricMean: finite(all.geometricMean),
	};
}

export function roundedObjective({ latency, percentile, slowdown, limit, met }: ObjectiveResult): ObjectiveOutput {
	return { latency, percentile, slowdown: finite(slowdown), limit, met };
}

export function planFacts(serving: Serving, plan: ClusterPlan) {
	return {
		label: plan.label,
		promptType: plan.promptType,
		promptMachines: plan.promptMachines,
		tokenType: plan.tokenType ?? null,
		tokenMachines: plan.tokenMachines,
		policy: plan.policy,
		...clusterTotals(serving, plan),
	};
}

const latencyWords = { ttft: 'time to the first token', tbt: 'time between tokens', e2e: 'time to the last token' } as const;
const percentileWords = { p50: 'median', p90: '90th percentile', p99: '99th percentile' } as const;

/** What happens to the objective closest to its limit, in words that follow "at ... requests". */
export function describeObjective(one: ObjectiveResult, feasible: boolean): string {
	const which = `the ${percentileWords[one.percentile]} of the ${latencyWords[one.latency]}`;
	const slowdown = Number.isFinite(one.slowdown) ? one.slowdown.toFixed(2) : 'without bound';
	return feasible
		? `all objectives still hold; ${which} comes closest (slowdown ${slowdown} of ${one.limit})`
		: `${which} breaks first (slowdown ${slowdown}, limit ${one.limit})`;
}
