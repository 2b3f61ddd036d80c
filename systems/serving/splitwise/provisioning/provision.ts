/** The provisioning search: for every design and arrival rate, the frontier of clusters that meet all objectives and the best ones on it. */
import type { RunContext } from '@assay/contract';
import { isFeasible } from '../evaluate.ts';
import { type ClusterPlan, type ClusterTotals, clusterTotals, type Serving, simulationSetup } from '../serving.ts';
import type { RequestTrace } from '../trace/request-trace.ts';
import { type RowBlock, type RowBlockResult, searchRows } from './search-rows.ts';

/** Rows a thread searches in one go. Fixed, so that the trials are the same for any number of threads. */
const rowsPerBlock = 10;

export interface ProvisionRequest {
	readonly plan: ClusterPlan;
	readonly requestsPerSecond: number;
	readonly trace: RequestTrace;
	readonly stationary: boolean;
	readonly maxPromptMachines: number;
	readonly maxTokenMachines: number;
}

export interface ProvisionedCluster extends ClusterTotals {
	readonly promptMachines: number;
	readonly tokenMachines: number;
}

export interface Provision {
	readonly label: string;
	readonly requestsPerSecond: number;
	/** Fewest token machines for each number of prompt machines that has any. */
	readonly frontier: readonly ProvisionedCluster[];
	readonly cheapest: ProvisionedCluster | undefined;
	readonly leastPower: ProvisionedCluster | undefined;
	readonly fewestMachines: ProvisionedCluster | undefined;
	/** Clusters simulated, and clusters whose verdict followed from theirs. */
	readonly simulated: number;
	readonly implied: number;
}

export async function provision(
	serving: Serving,
	requests: readonly ProvisionRequest[],
	context: Pick<RunContext, 'parallel' | 'pause'>,
	onProgress: (share: number) => void,
): Promise<Provision[]> {
	const blocks: RowBlock[] = [];
	const owner: number[] = [];
	for (const [index, request] of requests.entries()) {
		simulationSetup(serving, { ...request.plan, promptMachines: 1, tokenMachines: 1 }, 1);
		const splits = request.maxTokenMachines > 0;
		const rows = splits ? rowsPerBlock : request.maxPromptMachines;
		for (let from = 1; from <= request.maxPromptMachines; from += rows) {
			blocks.push({
				serving,
				plan: request.plan,
				trace: request.trace,
				stationary: request.stationary,
				fromPromptMachines: from,
				toPromptMachines: Math.min(request.maxPromptMachines, from + rows - 1),
				maxTokenMachines: request.maxTokenMachines,
			});
			owner.push(index);
		}
	}
	let done = 0;
	const results = await context.parallel(searchRows, blocks, () => onProgress(++done / blocks.length));
	const found: Provision[] = [];
	for (const [index, request] of requests.entries()) {
		found.push(
			await gather(
				serving,
				request,
				results.filter((_, block) => owner[block] === index),
				context.pause,
			),
		);
	}
	return found;
}

async function gather(
	serving: Serving,
	request: ProvisionRequest,
	results: readonly RowBlockResult[],
	pause: () => Promise<void>,
): Promise<Provision> {
	const frontier: ProvisionedCluster[] = [];
	for (const [row, tokenMachines] of results.flatMap(({ fewestTokenMachines }) => fewestTokenMachines).entries()) {
		if (tokenMachines < 0) continue;
		const promptMachines = row + 1;
		const totals = clusterTotals(serving, { ...request.plan, promptMachines, tokenMachines });
		frontier.push({ promptMachines, tokenMachines, ...totals });
	}
	const simulated = results.reduce((total, { trials }) => total + trials.length, 0);
	const verdicts = new Map<ProvisionedCluster, boolean>();
	// A frontier point may rest on its neighbour's verdict; the one that is recommended never does.
	const best = async (figure: (cluster: ProvisionedCluster) => number): Promise<ProvisionedCluster | undefined> => {
		for (const cluster of [...frontier].sort((a, b) => figure(a) - figure(b) || a.machines - b.machines)) {
			const { promptMachines, tokenMachines } = cluster;
			let verdict = verdicts.get(cluster);
			verdict ??= await isFeasible(serving, { ...request.plan, promptMachines, tokenMachines }, request.trace, pause);
			verdicts.set(cluster, verdict);
			if (verdict) return cluster;
		}
		return undefined;
	};
	return {
		label: request.plan.label,
		requestsPerSecond: request.requestsPerSecond,
		frontier,
		cheapest: await best(({ dollarsPerHour }) => dollarsPerHour),
		leastPower: await best(({ relativePower }) => relativePower),
		fewestMachines: await best(({ machines }) => machines),
		simulated,
		implied:
			request.maxPromptMachines * Math.max(1, request.maxTokenMachines) -
			new Set(results.flatMap(({ trials }) => trials.map((trial) => `${trial.promptMachines},${trial.tokenMachines}`))).size,
	};
}
