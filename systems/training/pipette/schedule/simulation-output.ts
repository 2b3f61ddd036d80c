/** The winner's iteration, event by event, beside the closed form. */
import type { Outputs } from '../outputs.ts';
import type { PlacedCandidate, SearchProblem } from '../search/search.ts';
import { boundaryBytes, gatherSeconds } from '../setting-time.ts';
import { microBatches } from '../training-job.ts';
import { simulatePipeline } from './pipeline-schedule.ts';

/** Larger schedules are left to the closed form. */
const MOST_JOBS = 60_000;
/** Spans of the Gantt chart. */
const MOST_SPANS = 1600;

/** Simulates the slowest pipeline of a placed setting; null where the schedule is too large. */
export function simulationOutput(problem: SearchProblem, winner: PlacedCandidate): Outputs['simulation'] {
	const { setting, stages, time } = winner;
	const m = microBatches(problem.job, setting);
	if (2 * m * setting.pipelineParallel * setting.virtualStages > MOST_JOBS) return null;
	const run = simulatePipeline({
		stages,
		microBatches: m,
		virtualStages: setting.virtualStages,
		messageSeconds: boundarySeconds(problem, winner),
		dataParallelSeconds: time.dataParallelSeconds,
	});
	const gantt = run.jobs
		.filter(({ kind }) => kind !== 'message')
		.sort((a, b) => a.startSeconds - b.startSeconds || a.stage - b.stage)
		.slice(0, MOST_SPANS)
		.map(({ stage, kind, startSeconds, endSeconds }) => ({
			stage: `stage ${String(stage).padStart(2, '0')}`,
			kind: kind === 'message' ? ('forward' as const) : kind,
			start: startSeconds,
			end: endSeconds,
		}));
	return {
		makespanSeconds: run.makespanSeconds,
		closedFormSeconds: time.totalSeconds - time.stepSeconds,
		meanBusyShare: run.busyShare.reduce((sum, share) => sum + share / run.busyShare.length, 0),
		gantt,
	};
}

/** Seconds of a message over each stage boundary of the slowest pipeline, the way back to the first stage last. */
function boundarySeconds(problem: SearchProblem, { setting, tiling, placement, placementProblem }: PlacedCandidate): number[] {
	const { intraNode, interNode } = problem.machine;
	const { rows, columns, stagesPerNode } = tiling;
	const { secondsPerByte, units } = placementProblem;
	const message = boundaryBytes(problem.job, setting);
	const link = (row: number, from: number, to: number): number =>
		secondsPerByte[
			(placement.order[row * columns + from] as number) * units + (placement.order[row * columns + to] as number)
		] as number;
	let slowest = 0;
	let most = -1;
	for (let row = 0; row < rows; row++) {
		let sum = 0;
		for (let column = 1; column < columns; column++) sum += link(row, column - 1, column);
		if (sum > most) {
			most = sum;
			slowest = row;
		}
	}
	const gather = gatherSeconds(problem.job, setting, problem.machine);
	const inside = intraNode.hopSeconds + message / intraNode.bytesPerSecond + gather;
	return Array.from({ length: setting.pipelineParallel }, (_, stage) => {
		const from = Math.floor(stage / stagesPerNode);
		const to = Math.floor(((stage + 1) % setting.pipelineParallel) / stagesPerNode);
		return from === to ? inside : interNode.hopSeconds + message * link(slowest, from, to) + gather;
	});
}
