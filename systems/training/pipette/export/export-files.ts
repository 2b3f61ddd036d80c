/** Files that a run leaves: where each rank goes, how to start, the ranking, the links. */
import { csvText, type RunContext } from '@assay/contract';
import { profilingRounds } from '../links/profiling-rounds.ts';
import type { Prepared } from '../prepare.ts';
import type { PlacedCandidate } from '../search/search.ts';
import { describeSetting } from '../training-job.ts';
import { launchScript, profilingScript } from './launch-script.ts';
import { groupRankMap, hostfile, nodeRankMap, openMpiRankfile, type RankPlace, rankMapCsv } from './rank-map.ts';

/** Largest matrix that is written out. */
const MOST_HOSTS = 512;

/** Writes the artifacts of the winner. */
export async function exportFiles(
	prepared: Prepared,
	winner: PlacedCandidate,
	ranking: readonly PlacedCandidate[],
	context: RunContext,
): Promise<void> {
	const { job, grid, matrix, hosts } = prepared;
	const places = rankPlaces(prepared, winner);
	await context.artifact('ranks.csv', rankMapCsv(places), 'text/csv');
	await context.artifact('rankfile', openMpiRankfile(places), 'text/plain');
	await context.artifact('hostfile', hostfile(places), 'text/plain');
	const script = launchScript(job, winner.setting, places, grid.devicesPerNode);
	await context.artifact('launch.sh', script, 'application/x-sh');
	await context.artifact('ranking.csv', rankingCsv(ranking), 'text/csv');
	if (matrix !== null && matrix.hosts.length <= MOST_HOSTS) {
		const n = matrix.hosts.length;
		const bandwidth = matrix.hosts.map((_, i) =>
			matrix.hosts.map((_, j) => (i === j ? 0 : (matrix.bytesPerSecond[i * n + j] as number) / 1e9)),
		);
		await context.artifact('bandwidth.json', JSON.stringify({ gpus: matrix.hosts, bandwidth }), 'application/json');
	}
	if (!grid.byDevice && hosts.length > 1 && hosts.length <= MOST_HOSTS) {
		const measure = profilingScript(hosts, profilingRounds(hosts.length), grid.devicesPerNode);
		await context.artifact('measure-links.sh', measure, 'application/x-sh');
	}
	if (prepared.learned !== null)
		await context.artifact('estimator.json', JSON.stringify(prepared.learned.memory), 'application/json');
}

function rankPlaces({ grid, hosts }: Prepared, { setting, tiling, placement }: PlacedCandidate): RankPlace[] {
	const { rows, columns } = tiling;
	const grids = Array.from({ length: rows }, (_, row) => [...placement.order.slice(row * columns, (row + 1) * columns)]);
	if (!grid.byDevice)
		return nodeRankMap(
			setting,
			tiling,
			grids.map((row) => row.map((unit) => hosts[unit] ?? '')),
		);
	return groupRankMap(setting, grids, (device) => ({
		host: (hosts[device] ?? '').replace(/[:/]\w+$/, ''),
		device: device % grid.devicesPerNode,
	}));
}

function rankingCsv(ranking: readonly PlacedCandidate[]): string {
	return csvText([
		[
			'setting',
			'iteration_s',
			'compute_s',
			'tensor_parallel_s',
			'bubble_s',
			'pipeline_s',
			'data_parallel_s',
			'step_s',
			'memory_bytes',
		],
		...ranking.map(({ setting, time, neededBytes }) => [
			describeSetting(setting),
			time.totalSeconds,
			time.computeSeconds,
			time.tensorParallelSeconds,
			time.bubbleSeconds,
			time.pipelineSeconds,
			time.dataParallelSeconds,
			time.stepSeconds,
			neededBytes,
		]),
	]);
}
