/**
 * The search: every setting is timed with the best link there is, which bounds what any placement can give; settings are then placed
 * in the order of their bounds, until no bound is below the last of the best ones found. Only settings that can win are ever annealed.
 */
import type { RunContext } from '@assay/contract';
import type { IterationTime } from '../iteration-time.ts';
import { type Placement, type PlacementEffort, placeAll } from '../placement/place.ts';
import { type PlacementProblem, placementBound, placementParts, rankOrder } from '../placement/placement-problem.ts';
import { type LinkLoad, linkLoad, type StageTimer, settingTime, stepSeconds } from '../setting-time.ts';
import type { StageMemory } from '../stage-memory.ts';
import type { MachineRates, PassTimes } from '../stage-times.ts';
import { describeSetting, type TrainingJob } from '../training-job.ts';
import { type NodeGrid, type TiledSetting, unitsOf } from './enumerate-settings.ts';

/** Candidates whose placements are sought together. */
const BATCH = 4;
/** Settings timed between two chances to stop. */
const SETTINGS_PER_PAUSE = 200;

/** A job on a cluster with its links. */
export interface SearchProblem {
	readonly job: TrainingJob;
	readonly grid: NodeGrid;
	readonly machine: MachineRates;
	/** Seconds per byte between the units placed for a tensor-parallel degree. */
	readonly linksFor: (tensorParallel: number) => Float64Array;
	readonly rings: PlacementProblem['rings'];
	readonly timer: StageTimer;
	readonly memoryOf: (tiled: TiledSetting) => { readonly memory: StageMemory; readonly neededBytes: number };
	readonly limitBytes: number;
}

/** A setting with all that does not depend on its placement. */
export interface Candidate extends TiledSetting {
	readonly memory: StageMemory;
	/** What decides whether it fits: by formula, or as learned. */
	readonly neededBytes: number;
	readonly fits: boolean;
	readonly stages: readonly PassTimes[];
	readonly load: LinkLoad;
	readonly placementProblem: PlacementProblem;
	/** The iteration if every link were as good as the best. */
	readonly bound: IterationTime;
}

/** A candidate in its place. */
export interface PlacedCandidate extends Candidate {
	readonly placement: Placement;
	readonly time: IterationTime;
}

/** What a search found. */
export interface SearchResult {
	/** The best settings, each in its best placement. */
	readonly ranking: readonly PlacedCandidate[];
	/** Candidates that were placed. */
	readonly placed: number;
}

/** Times and memory of every setting. */
export async function evaluateSettings(
	problem: SearchProblem,
	settings: readonly TiledSetting[],
	pause: () => Promise<void>,
): Promise<Candidate[]> {
	const bestLinks = new Map<number, number>();
	const candidates: Candidate[] = [];
	for (const [index, tiled] of settings.entries()) {
		if (index % SETTINGS_PER_PAUSE === 0) await pause();
		candidates.push(evaluateSetting(problem, tiled, bestLinks));
	}
	return candidates;
}

/** Times and memory of one setting. `bestLinks` remembers the best link of each tensor-parallel degree. */
export function evaluateSetting(
	problem: SearchProblem,
	tiled: TiledSetting,
	bestLinks: Map<number, number> = new Map(),
): Candidate {
	const { job, machine } = problem;
	const { setting, tiling } = tiled;
	const { memory, neededBytes } = problem.memoryOf(tiled);
	const stages = problem.timer(setting, tiling);
	const load = linkLoad(job, setting, tiling, machine);
	const placementProblem: PlacementProblem = {
		units: unitsOf(problem.grid, setting.tensorParallel),
		rows: tiling.rows,
		columns: tiling.columns,
		secondsPerByte: problem.linksFor(setting.tensorParallel),
		hopBytes: load.hopBytes,
		wrapBytes: load.wrapBytes,
		ringBytes: load.ringBytes,
		rings: problem.rings,
	};
	let best = bestLinks.get(setting.tensorParallel);
	if (best === undefined) {
		best = placementBound({ ...placementProblem, rows: 1, columns: 2, hopBytes: 1, wrapBytes: 0 });
		bestLinks.set(setting.tensorParallel, best);
	}
	const placed = {
		pipelineSeconds: best * ((tiling.columns - 1) * load.hopBytes + load.wrapBytes),
		ringSeconds: best * load.ringBytes,
	};
	const bound = settingTime(job, setting, load, placed, stages, stepSeconds(job, setting, machine));
	return { ...tiled, memory, neededBytes, fits: neededBytes <= problem.limitBytes, stages, load, placementProblem, bound };
}

/** The iteration of a candidate whose units lie in `order`. */
export function timeInOrder(problem: SearchProblem, candidate: Candidate, order: ArrayLike<number>): IterationTime {
	const { setting, load, stages, placementProblem } = candidate;
	const placed = placementParts(placementProblem, order);
	return settingTime(problem.job, setting, load, placed, stages, stepSeconds(problem.job, setting, problem.machine));
}

/** The iteration of a candidate whose ranks go to the units as they are numbered. */
export function timeUnplaced(problem: SearchProblem, candidate: Candidate): IterationTime {
	return timeInOrder(problem, candidate, rankOrder(candidate.placementProblem));
}

/** The `top` fastest of the candidates that fit. */
export async function searchPlacements(
	problem: SearchProblem,
	candidates: readonly Candidate[],
	top: number,
	effort: PlacementEffort,
	context: Pick<RunContext, 'parallel' | 'pause' | 'seed'>,
	progress: (placed: number) => void = () => undefined,
): Promise<SearchResult> {
	const fitting = candidates.filter((candidate) => candidate.fits).sort((a, b) => a.bound.totalSeconds - b.bound.totalSeconds);
	let ranking: PlacedCandidate[] = [];
	let placed = 0;
	while (placed < fitting.length) {
		const worst = ranking[top - 1]?.time.totalSeconds ?? Number.POSITIVE_INFINITY;
		const batch = fitting.slice(placed, placed + BATCH).filter((candidate) => candidate.bound.totalSeconds < worst);
		if (batch.length === 0) break;
		const placements = await placeAll(
			batch.map(({ placementProblem, setting }) => ({ problem: placementProblem, name: describeSetting(setting) })),
			effort,
			context,
		);
		for (const [index, candidate] of batch.entries()) {
			const placement = placements[index] as Placement;
			ranking.push({ ...candidate, placement, time: timeInOrder(problem, candidate, placement.order) });
		}
		ranking = ranking.sort((a, b) => a.time.totalSeconds - b.time.totalSeconds).slice(0, top);
		placed += batch.length;
		progress(placed);
	}
	return { ranking, placed };
}
