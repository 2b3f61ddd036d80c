/**
 * Splitwise's own scheduler: a prompt pool, a token pool, and between them a mixed pool of borrowed machines. Each phase
 * goes to the least loaded machine of its pool, then of the mixed pool; when neither has room, a machine of the opposite pool
 * is borrowed. A borrowed machine goes home when it has nothing left to do.
 */
import type { Machine } from '../machine-scheduler.ts';
import { type Cluster, type ClusterScheduler, least, machinesOf, pendingTokens, scheduledMemory } from './cluster-scheduler.ts';

export function mixedPool(cluster: Cluster): ClusterScheduler {
	const { requests } = cluster;
	const prompts = machinesOf(cluster, 'prompt');
	const tokens = machinesOf(cluster, 'token');
	const mixed: Machine[] = [];

	const findPrompt = (machines: readonly Machine[], request: number): Machine | undefined => {
		const best = least(machines, pendingTokens);
		if (best === undefined) return undefined;
		const after = best.scheduledTokens + (requests.promptTokens[request] as number);
		return best.pending.length > 0 && after > cluster.maxPendingPromptTokens ? undefined : best;
	};
	const findToken = (machines: readonly Machine[], request: number): Machine | undefined => {
		const best = least(machines, scheduledMemory);
		if (best === undefined) return undefined;
		return best.scheduledBytes + requests.totalBytes(request) >= best.capacityBytes ? undefined : best;
	};
	const borrow = (pool: Machine[], machine: Machine | undefined): Machine | undefined => {
		if (machine === undefined) return undefined;
		pool.splice(pool.indexOf(machine), 1);
		mixed.push(machine);
		cluster.onBorrow(machine, 1);
		return machine;
	};

	return {
		assign(request) {
			const splits = requests.hasTokenTask(request);
			let prompt = findPrompt(prompts, request) ?? findPrompt(mixed, request);
			let token = splits ? (findToken(tokens, request) ?? findToken(mixed, request)) : undefined;
			prompt ??= borrow(tokens, least(tokens, pendingTokens));
			if (splits) token ??= borrow(prompts, least(prompts, scheduledMemory));
			else token = prompt;
			if (prompt === undefined || token === undefined) {
				prompt = least([...prompts, ...mixed, ...tokens], pendingTokens);
				token = prompt;
			}
			requests.promptMachine[request] = prompt?.id ?? 0;
			requests.tokenMachine[request] = token?.id ?? 0;
		},
		machineFree(machine) {
			const place = mixed.indexOf(machine);
			if (place < 0) return;
			mixed.splice(place, 1);
			(cluster.roles[machine.id] === 'token' ? tokens : prompts).push(machine);
			cluster.onBorrow(machine, -1);
		},
	};
}
