/** How settings lie on nodes. */
import type { Tiling } from './setting-time.ts';
import type { Setting } from './training-job.ts';

/**
 * The tiling that Megatron-LM's order of ranks gives on nodes of `devicesPerNode`: tensor-parallel ranks side by side, then
 * replicas, then stages. Undefined where stages or replicas would straddle nodes unevenly.
 */
export function megatronTiling(setting: Setting, devicesPerNode: number): Tiling | undefined {
	const { tensorParallel, dataParallel, pipelineParallel } = setting;
	const groups = devicesPerNode / tensorParallel;
	if (!Number.isInteger(groups)) return undefined;
	if (dataParallel % groups === 0) {
		return { rows: dataParallel / groups, columns: pipelineParallel, stagesPerNode: 1, replicasPerNode: groups };
	}
	const stagesPerNode = Math.min(groups / dataParallel, pipelineParallel);
	if (!Number.isInteger(stagesPerNode) || pipelineParallel % stagesPerNode !== 0) return undefined;
	return { rows: 1, columns: pipelineParallel / stagesPerNode, stagesPerNode, replicasPerNode: dataParallel };
}
