/** Which rank runs where, in Megatron-LM's numbering: tensor-parallel ranks side by side, then replicas, then stages. */
import { csvText } from '@assay/contract';
import type { Tiling } from '../setting-time.ts';
import type { Setting } from '../training-job.ts';

/** One rank's place. */
export interface RankPlace {
	readonly rank: number;
	readonly stage: number;
	readonly replica: number;
	readonly tensorRank: number;
	readonly host: string;
	/** Device on the host, from 0. */
	readonly device: number;
}

/** Places of all ranks when nodes are placed: `rows[r][c]` is the host of pipeline r and column c. */
export function nodeRankMap(setting: Setting, tiling: Tiling, rows: readonly (readonly string[])[]): RankPlace[] {
	const { tensorParallel, dataParallel, pipelineParallel } = setting;
	const { stagesPerNode, replicasPerNode } = tiling;
	const places: RankPlace[] = [];
	for (let stage = 0; stage < pipelineParallel; stage++) {
		for (let replica = 0; replica < dataParallel; replica++) {
			const host = rows[Math.floor(replica / replicasPerNode)]?.[Math.floor(stage / stagesPerNode)] ?? '';
			const first = ((stage % stagesPerNode) * replicasPerNode + (replica % replicasPerNode)) * tensorParallel;
			for (let tensorRank = 0; tensorRank < tensorParallel; tensorRank++) {
				places.push({ rank: places.length, stage, replica, tensorRank, host, device: first + tensorRank });
			}
		}
	}
	return places;
}

/** Places of all ranks when groups of devices are placed: `rows[r][c]` is the first device's name of replica r and stage c. */
export function groupRankMap(
	setting: Setting,
	rows: readonly (readonly number[])[],
	hostOf: (device: number) => { readonly host: string; readonly device: number },
): RankPlace[] {
	const { tensorParallel, dataParallel, pipelineParallel } = setting;
	const places: RankPlace[] = [];
	for (let stage = 0; stage < pipelineParallel; stage++) {
		for (let replica = 0; replica < dataParallel; replica++) {
			const group = rows[replica]?.[stage] ?? 0;
			for (let tensorRank = 0; tensorRank < tensorParallel; tensorRank++) {
				places.push({ rank: places.length, stage, replica, tensorRank, ...hostOf(group * tensorParallel + tensorRank) });
			}
		}
	}
	return places;
}

/** Whether ranks fill one host after the other, device by device: then the order of the hosts says it all. */
export function fillHostsInTurn(places: readonly RankPlace[]): boolean {
	const seen = new Set<string>();
	return places.every(({ host, device }, rank) => {
		const before = places[rank - 1];
		if (before?.host === host) return device === before.device + 1;
		const isNew = !seen.has(host);
		seen.add(host);
		return isNew && device === 0;
	});
}

/** As a table. */
export function rankMapCsv(places: readonly RankPlace[]): string {
	return csvText([
		['rank', 'stage', 'replica', 'tensor_rank', 'host', 'device'],
		...places.map(({ rank, stage, replica, tensorRank, host, device }) => [rank, stage, replica, tensorRank, host, device]),
	]);
}

/** Open MPI's rankfile, which places every rank by itself (`mpirun --rankfile`). */
export function openMpiRankfile(places: readonly RankPlace[]): string {
	return places.map(({ rank, host, device }) => `rank ${rank}=${host} slot=${device}\n`).join('');
}

/** Hosts in the order in which their first rank comes, with their number of ranks: a hostfile. */
export function hostfile(places: readonly RankPlace[]): string {
	const slots = new Map<string, number>();
	for (const { host } of places) slots.set(host, (slots.get(host) ?? 0) + 1);
	return [...slots].map(([host, count]) => `${host} slots=${count}\n`).join('');
}
