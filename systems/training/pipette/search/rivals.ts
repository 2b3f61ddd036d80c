/** What others would choose on the same cluster: the rule of thumb of Megatron-LM, Varuna, AMP. */
import { busFactor } from '@assay/machines';
import { boundaryBytes, gradientBytes } from '../setting-time.ts';
import { megatronTiling } from '../tiling.ts';
import { microBatches } from '../training-job.ts';
import type { Candidate, SearchProblem } from './search.ts';

/**
 * Links inside a node that tensor parallelism is meant for, bytes per second that collectives attain: above PCIe Gen5 x16 (49e9), as NVLink
 * has been from the first (62e9).
 */
const FAST_LINK_BYTES_PER_SECOND = 55e9;
/** Micro-batches per stage that keep the bubble below about a fifth. */
const MICRO_BATCHES_PER_STAGE = 4;

/** A rival's choice; undefined where it finds none. */
export interface RivalChoice {
	readonly rival: "Megatron-LM's rule of thumb" | 'Varuna' | 'AMP';
	readonly how: string;
	readonly candidate: Candidate | undefined;
}

/**
 * Megatron-LM's rule (Narayanan et al., arXiv:2104.04473, takeaways 1 and 2): as little model parallelism as the memory needs, tensor
 * parallelism first, up to a node, then pipeline parallelism (the other way round where a node's devices share no fast links); data
 * parallelism with the rest. Recomputation in full only where nothing fits without. The largest micro-batch that fits and leaves four
 * micro-batches for each stage.
 */
export function megatronChoice({ job, grid, machine }: SearchProblem, candidates: readonly Candidate[]): Candidate | undefined {
	const plain = candidates.filter(
		({ setting, tiling, fits }) =>
			fits && setting.virtualStages === 1 && (grid.byDevice || sameTiling(tiling, megatronTiling(setting, grid.devicesPerNode))),
	);
	const [avoided, preferred] = hasFastNodes(machine)
		? (['pipelineParallel', 'tensorParallel'] as const)
		: (['tensorParallel', 'pipelineParallel'] as const);
	const ordered = [...plain].sort(
		(a, b) =>
			Number(a.setting.recompute === 'full') - Number(b.setting.recompute === 'full') ||
			a.setting[avoided] - b.setting[avoided] ||
			a.setting[preferred] - b.setting[preferred] ||
			a.setting.expertParallel - b.setting.expertParallel ||
			a.setting.microBatch - b.setting.microBatch,
	);
	const least = ordered[0];
	if (least === undefined) return undefined;
	const { pipelineParallel, tensorParallel, expertParallel, recompute } = least.setting;
	return ordered
		.filter(
			({ setting }) =>
				setting.pipelineParallel === pipelineParallel &&
				setting.tensorParallel === tensorParallel &&
				setting.expertParallel === expertParallel &&
				setting.recompute === recompute,
		)
		.reduce((chosen, candidate) => {
			const enough = microBatches(job, candidate.setting) >= MICRO_BATCHES_PER_STAGE * pipelineParallel;
			return enough && candidate.setting.microBatch > chosen.setting.microBatch ? candidate : chosen;
		}, least);
}

/** Varuna (Athlur et al., EuroSys 2022): no tensor parallelism, everything recomputed, the fastest pipeline by equal links. */
export function varunaChoice(candidates: readonly Candidate[]): Candidate | undefined {
	const allowed = candidates.filter(
		({ setting, fits }) => fits && setting.tensorParallel === 1 && setting.virtualStages === 1 && setting.recompute === 'full',
	);
	return fastest(allowed, (candidate) => candidate.bound.totalSeconds);
}

/**
 * AMP (Li et al., 2022): the least of its cost, which knows neither memory nor the exposed round trips: (m - 1 + pp) 3f, one round trip,
 * one flat all-reduce over the slower links.
 */
export function ampRanking(problem: SearchProblem, candidates: readonly Candidate[]): Candidate[] {
	const policies = new Set(candidates.map(({ setting }) => setting.recompute));
	const policy = policies.has('none') ? 'none' : policies.has('selective') ? 'selective' : 'full';
	return candidates
		.filter(({ setting }) => setting.virtualStages === 1 && setting.recompute === policy)
		.map((candidate) => ({ candidate, cost: ampSeconds(problem, candidate) }))
		.sort((a, b) => a.cost - b.cost)
		.map(({ candidate }) => candidate);
}

/** AMP's cost of a candidate, in seconds. */
export function ampSeconds({ job, machine }: SearchProblem, { setting, stages }: Candidate): number {
	const { pipelineParallel: pp, dataParallel } = setting;
	const { intraNode, interNode } = machine;
	let slowest = 0;
	for (const { forwardSeconds } of stages) slowest = Math.max(slowest, forwardSeconds);
	const roundTrip = (2 * (pp - 1) * boundaryBytes(job, setting)) / interNode.bytesPerSecond;
	const slower = Math.min(intraNode.bytesPerSecond, interNode.bytesPerSecond);
	const allReduce = (busFactor('all-reduce', dataParallel) * gradientBytes(job, setting)) / slower;
	return (microBatches(job, setting) - 1 + pp) * 3 * slowest + roundTrip + allReduce;
}

function hasFastNodes({ intraNode }: SearchProblem['machine']): boolean {
	return intraNode.bytesPerSecond >= FAST_LINK_BYTES_PER_SECOND;
}

/** The three rivals' choices. */
export function rivalChoices(problem: SearchProblem, candidates: readonly Candidate[]): RivalChoice[] {
	return [
		{
			rival: "Megatron-LM's rule of thumb",
			how: hasFastNodes(problem.machine)
				? 'tensor parallelism inside a node, pipeline parallelism as needed, the rest data parallel'
				: 'no fast links inside a node: pipeline parallelism, tensor parallelism as needed, the rest data parallel',
			candidate: megatronChoice(problem, candidates),
		},
		{ rival: 'Varuna', how: 'no tensor parallelism, all recomputed', candidate: varunaChoice(candidates) },
		{ rival: 'AMP', how: 'its cost model, without memory', candidate: ampRanking(problem, candidates)[0] },
	];
}

function fastest(candidates: readonly Candidate[], seconds: (candidate: Candidate) => number): Candidate | undefined {
	let best: { candidate: Candidate; seconds: number } | undefined;
	for (const candidate of candidates) {
		const time = seconds(candidate);
		if (best === undefined || time < best.seconds) best = { candidate, seconds: time };
	}
	return best?.candidate;
}

function sameTiling(a: Candidate['tiling'], b: Candidate['tiling'] | undefined): boolean {
	return b !== undefined && a.columns === b.columns && a.stagesPerNode === b.stagesPerNode;
}
