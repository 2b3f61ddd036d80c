/** Candidates in the form that outputs have. */
import { type Cluster, clusterTotals } from '@assay/machines';
import { trainingFlops } from '@assay/models';
import type { IterationTime } from './iteration-time.ts';
import type { EvaluatedOutput, RankedOutput } from './outputs.ts';
import type { Candidate, PlacedCandidate, SearchProblem } from './search/search.ts';
import { timeInOrder, timeUnplaced } from './search/search.ts';
import { describeSetting, type TrainingJob } from './training-job.ts';

/** A candidate with the iteration of one placement. */
export function evaluatedOutput(job: TrainingJob, cluster: Cluster, candidate: Candidate, time: IterationTime): EvaluatedOutput {
	const { setting, tiling, memory, neededBytes, fits } = candidate;
	const used = setting.pipelineParallel * setting.tensorParallel * setting.dataParallel;
	const { devices, peakOpsPerSecond } = clusterTotals(cluster);
	const peak =
		job.precision === 'fp32'
			? (peakOpsPerSecond.tf32 ?? peakOpsPerSecond.fp32)
			: (peakOpsPerSecond[job.precision] ?? peakOpsPerSecond.bf16 ?? peakOpsPerSecond.fp16);
	const flops = job.globalBatch * trainingFlops(job.model, job.sequenceTokens);
	return {
		label: describeSetting(setting),
		...setting,
		stagesPerNode: tiling.stagesPerNode,
		idleDevices: devices - used,
		time: { ...time },
		memory: { ...memory },
		neededBytes,
		fits,
		tokensPerSecond: (job.globalBatch * job.sequenceTokens) / time.totalSeconds,
		modelFlopsUtilisation: flops / (time.totalSeconds * (peak ?? Number.POSITIVE_INFINITY)),
	};
}

/** A placed candidate, with what chance and no placement would give. */
export function rankedOutput(problem: SearchProblem, cluster: Cluster, placed: PlacedCandidate): RankedOutput {
	const { placement, time } = placed;
	const worst = placement.worstSeconds;
	return {
		...evaluatedOutput(problem.job, cluster, placed, timeInOrder(problem, placed, placement.order)),
		unplacedSeconds: timeUnplaced(problem, placed).totalSeconds,
		worstSeconds: worst === null ? null : time.totalSeconds + (worst - placement.seconds),
	};
}
