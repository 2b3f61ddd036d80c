/** What a cluster scheduler is: it picks the machines of a request's two phases when the request arrives. */
import type { Random } from '@assay/contract';
import type { Machine } from '../machine-scheduler.ts';
import type { RequestTable } from '../request-table.ts';

/** The phase a machine is meant for; `any` in clusters that do not split. */
export type Role = 'prompt' | 'token' | 'any';

export interface Cluster {
	readonly machines: readonly Machine[];
	/** Role of each machine, by id. */
	readonly roles: readonly Role[];
	readonly requests: RequestTable;
	readonly random: Random;
	/** `mixed-pool`: a prompt machine with waiting tasks takes no request that would bring its pending tokens above this. */
	readonly maxPendingPromptTokens: number;
	/** Told whenever a machine joins (+1) or leaves (-1) the mixed pool. */
	readonly onBorrow: (machine: Machine, change: 1 | -1) => void;
}

export interface ClusterScheduler {
	/** Writes the chosen machines into the request table. A request of one output token needs no token machine: both are the prompt machine. */
	assign(request: number): void;
	/** A machine has run out of work. */
	machineFree(machine: Machine): void;
}

/** The machine with the smallest figure; the first of several. */
export function least(machines: readonly Machine[], figure: (machine: Machine) => number): Machine | undefined {
	let best: Machine | undefined;
	let bestFigure = Number.POSITIVE_INFINITY;
	for (const machine of machines) {
		const value = figure(machine);
		if (best === undefined || value < bestFigure) {
			best = machine;
			bestFigure = value;
		}
	}
	return best;
}

export const pendingTokens = (machine: Machine): number => machine.scheduledTokens;
export const pendingRequests = (machine: Machine): number => machine.pool.length;
export const scheduledMemory = (machine: Machine): number => machine.scheduledBytes;

/** A scheduler that runs both phases of a request on the machine that `pick` names. */
export function together(cluster: Cluster, pick: () => Machine | undefined): ClusterScheduler {
	return {
		assign(request) {
			const id = pick()?.id ?? 0;
			cluster.requests.promptMachine[request] = id;
			cluster.requests.tokenMachine[request] = id;
		},
		machineFree: () => undefined,
	};
}

/** A scheduler that always splits: prompts to machines of the prompt pool, tokens to the token pool. */
export function apart(
	cluster: Cluster,
	pick: (machines: readonly Machine[], phase: 'prompt' | 'token') => Machine | undefined,
): ClusterScheduler {
	const prompts = machinesOf(cluster, 'prompt');
	const tokens = machinesOf(cluster, 'token');
	return {
		assign(request) {
			const prompt = pick(prompts, 'prompt')?.id ?? 0;
			const token = pick(tokens, 'token')?.id ?? 0;
			cluster.requests.promptMachine[request] = prompt;
			cluster.requests.tokenMachine[request] = cluster.requests.hasTokenTask(request) ? token : prompt;
		},
		machineFree: () => undefined,
	};
}

export function machinesOf(cluster: Cluster, role: Role): Machine[] {
	return cluster.machines.filter((machine) => cluster.roles[machine.id] === role);
}
