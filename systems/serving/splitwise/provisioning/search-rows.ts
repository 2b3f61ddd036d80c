/**
 * The work of a provisioning search that can go to another thread: a block of rows of the grid (numbers of prompt machines) and,
 * in each row, the smallest number of token machines that meets every objective.
 *
 * Monotone pruning: a cluster with fewer machines of either kind than one that misses an objective misses it too, so the
 * smallest number never grows from one row to the next, and a row starts where the one before it ended. Successive halving
 * on the trace's length: of a generated trace, whose load is the same throughout, the first quarter is run first with all
 * limits doubled, and who misses those is dropped. Every run ends as soon as its verdict is certain.
 */
import type { ParallelTask } from '@assay/contract';
import { isFeasible } from '../evaluate.ts';
import type { ClusterPlan, Serving } from '../serving.ts';
import type { Objectives } from '../slo.ts';
import { firstSeconds, type RequestTrace } from '../trace/request-trace.ts';

export interface RowBlock {
	readonly serving: Serving;
	readonly plan: ClusterPlan;
	readonly trace: RequestTrace;
	/** Whether the load is the same throughout the trace. */
	readonly stationary: boolean;
	readonly fromPromptMachines: number;
	readonly toPromptMachines: number;
	/** 0 where nothing is split: then the rows alone are searched. */
	readonly maxTokenMachines: number;
}

/** A cluster that was simulated. */
export interface Trial {
	readonly promptMachines: number;
	readonly tokenMachines: number;
	readonly feasible: boolean;
}

export interface RowBlockResult {
	/** In each row of the block, the fewest token machines that suffice; -1 where none do. */
	readonly fewestTokenMachines: readonly number[];
	readonly trials: readonly Trial[];
}

export const searchRows: ParallelTask<RowBlock, RowBlockResult> = {
	module: import.meta.url,
	name: 'searchRows',
	async run(block, pause) {
		const trials: Trial[] = [];
		const tryCluster = async (promptMachines: number, tokenMachines: number): Promise<boolean> => {
			const feasible = await meets(block, { ...block.plan, promptMachines, tokenMachines }, pause);
			trials.push({ promptMachines, tokenMachines, feasible });
			return feasible;
		};
		const rows = block.toPromptMachines - block.fromPromptMachines + 1;
		const fewestTokenMachines = new Array<number>(rows).fill(-1);
		if (block.maxTokenMachines === 0) {
			const first = await smallest(block.fromPromptMachines, block.toPromptMachines, (machines) => tryCluster(machines, 0));
			for (let row = 0; row < rows; row++)
				if (first >= 0 && block.fromPromptMachines + row >= first) fewestTokenMachines[row] = 0;
			return { fewestTokenMachines, trials };
		}
		// Rows whose every cluster fails come first: the first other one is found by halving.
		const most = block.maxTokenMachines;
		const firstRow = await smallest(block.fromPromptMachines, block.toPromptMachines, (machines) => tryCluster(machines, most));
		if (firstRow < 0) return { fewestTokenMachines, trials };
		let fewest = await smallest(1, most - 1, (machines) => tryCluster(firstRow, machines));
		if (fewest < 0) fewest = most;
		fewestTokenMachines[firstRow - block.fromPromptMachines] = fewest;
		for (let prompts = firstRow + 1; prompts <= block.toPromptMachines; prompts++) {
			while (fewest > 1 && (await tryCluster(prompts, fewest - 1))) fewest--;
			fewestTokenMachines[prompts - block.fromPromptMachines] = fewest;
		}
		return { fewestTokenMachines, trials };
	},
};

/** The smallest whole number from `low` to `high` that passes, if all above one that passes do; -1 if none does. */
export async function smallest(low: number, high: number, passes: (value: number) => Promise<boolean>): Promise<number> {
	if (low > high || !(await passes(high))) return -1;
	let failing = low - 1;
	let passing = high;
	while (passing - failing > 1) {
		const middle = (failing + passing) >> 1;
		if (await passes(middle)) passing = middle;
		else failing = middle;
	}
	return passing;
}

async function meets(block: RowBlock, plan: ClusterPlan, pause: () => Promise<void>): Promise<boolean> {
	if (block.stationary) {
		const last = block.trace.arrivalSeconds[block.trace.arrivalSeconds.length - 1] ?? 0;
		const relaxed = { ...block.serving, objectives: doubled(block.serving.objectives) };
		if (!(await isFeasible(relaxed, plan, firstSeconds(block.trace, last / 4), pause))) return false;
	}
	return isFeasible(block.serving, plan, block.trace, pause);
}

function doubled(objectives: Objectives): Objectives {
	const twice = (limits: Objectives['ttft']) => ({ p50: 2 * limits.p50, p90: 2 * limits.p90, p99: 2 * limits.p99 });
	return { ttft: twice(objectives.ttft), tbt: twice(objectives.tbt), e2e: twice(objectives.e2e) };
}
