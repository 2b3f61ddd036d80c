/** Why settings that look good did not win. */
import { gibibytes } from '../headline.ts';
import { describeSetting } from '../training-job.ts';
import type { Candidate, PlacedCandidate, SearchProblem } from './search.ts';

const MOST_LINES = 6;

/** Lines about settings that would be faster but do not fit, and about the best of each pipeline degree that fits and lost. */
export function whyNot(problem: SearchProblem, candidates: readonly Candidate[], winner: PlacedCandidate | undefined): string[] {
	if (winner === undefined) return [];
	const total = winner.time.totalSeconds;
	const tooLarge = candidates
		.filter(({ fits, bound }) => !fits && bound.totalSeconds < total)
		.sort((a, b) => a.bound.totalSeconds - b.bound.totalSeconds)
		.slice(0, MOST_LINES)
		.map(
			({ setting, neededBytes, bound }) =>
				`${describeSetting(setting)} would take ${percent(1 - bound.totalSeconds / total)} less time but needs ${gibibytes(neededBytes)} of ${gibibytes(problem.limitBytes)}.`,
		);
	const bestOf = new Map<number, Candidate>();
	for (const candidate of candidates) {
		const known = bestOf.get(candidate.setting.pipelineParallel);
		if (candidate.fits && (known === undefined || candidate.bound.totalSeconds < known.bound.totalSeconds)) {
			bestOf.set(candidate.setting.pipelineParallel, candidate);
		}
	}
	const slower = [...bestOf.values()]
		.filter(({ setting, bound }) => setting.pipelineParallel !== winner.setting.pipelineParallel && bound.totalSeconds > total)
		.sort((a, b) => a.bound.totalSeconds - b.bound.totalSeconds)
		.slice(0, MOST_LINES)
		.map((candidate) => {
			const { setting, bound } = candidate;
			return `pp ${setting.pipelineParallel} (at best ${describeSetting(setting)}) is ${percent(bound.totalSeconds / total - 1)} slower even on the best links: ${largestDifference(candidate, winner)}.`;
		});
	return [...tooLarge, ...slower];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function largestDifference({ bound }: Candidate, { time }: PlacedCandidate): string {
	const parts = [
		['bubble', bound.bubbleSeconds - time.bubbleSeconds],
		['arithmetic', bound.computeSeconds - time.computeSeconds],
		['tensor-parallel communication', bound.tensorParallelSeconds - time.tensorParallelSeconds],
		['messages between stages', bound.pipelineSeconds - time.pipelineSeconds],
		['gradients between replicas', bound.dataParallelSeconds - time.dataParallelSeconds],
	] as const;
	const [name, seconds] = parts.reduce((most, part) => (part[1] > most[1] ? part : most));
	return `${seconds.toPrecision(2)} s more ${name}`;
}
