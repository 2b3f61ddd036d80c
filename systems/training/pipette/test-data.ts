/** What the tests share. Nothing here is part of the system. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import { resolveModel } from '@assay/models';
import { clusterRates } from './cluster-rates.ts';
import { generateMatrix, PUBLISHED_SPREAD } from './links/generate-matrix.ts';
import { nodeSecondsPerByte } from './links/unit-links.ts';
import { hostNames } from './prepare.ts';
import type { SearchProblem } from './search/search.ts';
import { modelledTimer } from './setting-time.ts';
import { stageMemory } from './stage-memory.ts';
import type { MachineRates } from './stage-times.ts';
import type { TrainingJob } from './training-job.ts';

const folder = process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'pipette');

/** Why tests against published data are skipped; undefined where they are not. */
export const dataMissing = folder !== undefined && existsSync(folder) ? undefined : 'needs ASSAY_DATA with the folder pipette';

export async function dataText(name: string): Promise<string> {
	return readFile(join(folder ?? '', name), 'utf8');
}

export const pause = async (): Promise<void> => undefined;

/** Links between nodes with the published statistics. */
export function randomLinks(nodes: number, seed: number, bytesPerSecond = 18.75e9): Float64Array {
	return nodeSecondsPerByte(generateMatrix(hostNames(nodes), bytesPerSecond, PUBLISHED_SPREAD, createRandom(seed)), 1);
}

/** A job in bf16 with fused attention. */
export function jobFor(model: string, globalBatch: number, changes: Partial<TrainingJob> = {}): TrainingJob {
	const shape = resolveModel(model);
	return {
		model: shape,
		globalBatch,
		sequenceTokens: Math.min(4096, shape.contextTokens),
		precision: 'bf16',
		kernels: 'flash',
		dropout: false,
		sequenceParallel: true,
		shardedOptimizer: true,
		...changes,
	};
}

/** A search problem on a cluster of the catalogue with random links. */
export function problemFor(
	job: TrainingJob,
	machineName: string,
	changes: { seed?: number; machine?: MachineRates; limitBytes?: number } = {},
): SearchProblem {
	const cluster = resolveMachine(machineName);
	const machine = changes.machine ?? clusterRates(cluster, job.precision);
	const links =
		cluster.nodes > 1 ? randomLinks(cluster.nodes, changes.seed ?? 1, machine.interNode.bytesPerSecond) : new Float64Array(1);
	return {
		job,
		grid: { nodes: cluster.nodes, devicesPerNode: cluster.devicesPerNode, byDevice: false },
		machine,
		linksFor: () => links,
		rings: 'all stages',
		timer: modelledTimer(job, machine),
		memoryOf: ({ setting }) => {
			const memory = stageMemory(job, setting);
			return { memory, neededBytes: memory.totalBytes };
		},
		limitBytes: changes.limitBytes ?? 0.92 * cluster.device.memory.bytes,
	};
}
