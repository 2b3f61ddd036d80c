/** One cluster at one arrival rate, for comparisons that go to several threads. */
import type { ParallelTask } from '@assay/contract';
import { evaluate } from '../evaluate.ts';
import type { ClusterPlan, Serving } from '../serving.ts';
import type { ObjectiveResult } from '../slo.ts';
import type { RequestTrace } from '../trace/request-trace.ts';

export interface Point {
	readonly serving: Serving;
	readonly plan: ClusterPlan;
	readonly trace: RequestTrace;
}

export interface PointResult {
	readonly objectives: readonly ObjectiveResult[];
	readonly feasible: boolean;
	readonly requests: number;
	readonly unserved: number;
}

export const runPoint: ParallelTask<Point, PointResult> = {
	module: import.meta.url,
	name: 'runPoint',
	async run({ serving, plan, trace }, pause) {
		const { objectives, feasible, simulation } = await evaluate(serving, plan, trace, { pause });
		const unserved = simulation.requests.end.reduce((total, end) => total + (Number.isNaN(end) ? 1 : 0), 0);
		return { objectives, feasible, requests: simulation.requests.count, unserved };
	},
};
