/** Time of an iteration under one setting: stage times, messages on the links of a placement, gradients, the optimizer's step. */
import { collectiveSeconds, type ProtocolLine } from '@assay/machines';
import { streamSeconds } from './compute-rates.ts';
import { heldParameters } from './held-parameters.ts';
import { exposedRoundTrips, type IterationTime, iterationTime } from './iteration-time.ts';
import { type LayerTimes, layerTimes, type MachineRates, type PassTimes, protocolLine, stageTimes } from './stage-times.ts';
import { elementBytes, microBatches, type Setting, type TrainingJob } from './training-job.ts';

/**
 * How a setting lies on nodes: `rows` pipelines of `columns` nodes each; a node holds `stagesPerNode` consecutive stages, and
 * `replicasPerNode` replicas of each. pp = columns x stagesPerNode, dp = rows x replicasPerNode.
 */
export interface Tiling {
	readonly rows: number;
	readonly columns: number;
	readonly stagesPerNode: number;
	readonly replicasPerNode: number;
}

/** Times of a stage's layers, whatever they come from: the model of this system, or a learned one. */
export type StageTimer = (setting: Setting, tiling: Tiling) => PassTimes[];

/** What a setting asks of the links, by which placements are compared. */
export interface LinkLoad {
	/** Bytes across every stage boundary between nodes one after the other in an iteration, both directions. */
	readonly hopBytes: number;
	/** The same from the last stage back to the first. */
	readonly wrapBytes: number;
	/** Bytes on each link of the rings that replicas on different nodes form. */
	readonly ringBytes: number;
	/** Seconds of all that does not depend on the placement: boundaries inside nodes, replicas inside nodes, latencies. */
	readonly pipelineFixedSeconds: number;
	readonly dataParallelFixedSeconds: number;
}

/** The timer of this system's own model, remembering layers it has seen. */
export function modelledTimer(job: TrainingJob, machine: MachineRates): StageTimer {
	const known = new Map<string, LayerTimes>();
	return (setting, tiling) => {
		const { tensorParallel, expertParallel, microBatch, recompute } = setting;
		const outside = expertParallel > tiling.replicasPerNode;
		const key = `${tensorParallel} ${expertParallel} ${microBatch} ${recompute} ${outside}`;
		let times = known.get(key);
		if (times === undefined) {
			const forRank = { ...job, sequenceParallel: job.sequenceParallel && tensorParallel > 1 };
			times = layerTimes(forRank, setting, machine, tiling.replicasPerNode);
			known.set(key, times);
		}
		return stageTimes(times, job.model.layers, setting.pipelineParallel);
	};
}

/** Bytes of a message at a stage boundary, one direction: M_pp, scattered over the tensor-parallel ranks and gathered after. */
export function boundaryBytes(job: TrainingJob, setting: Setting): number {
	const bytes = setting.microBatch * job.sequenceTokens * job.model.hidden * elementBytes(job.precision);
	return bytes / setting.tensorParallel;
}

/** Bytes of gradients on each device of the fullest stage: M_dp, in fp32. */
export function gradientBytes(job: TrainingJob, setting: Setting): number {
	const { shared, experts } = heldParameters(job, setting);
	return 4 * (shared + experts);
}

/** Seconds until a message that was scattered over the tensor-parallel ranks is whole again; sequence parallelism leaves it scattered. */
export function gatherSeconds(job: TrainingJob, setting: Setting, machine: MachineRates): number {
	const { tensorParallel } = setting;
	if (tensorParallel === 1 || job.sequenceParallel) return 0;
	const line = protocolLine(machine, machine.intraNode, tensorParallel);
	return collectiveSeconds('all-gather', boundaryBytes(job, setting) * tensorParallel, tensorParallel, [line]);
}

/** Loads of a setting on the links. */
export function linkLoad(job: TrainingJob, setting: Setting, tiling: Tiling, machine: MachineRates): LinkLoad {
	const { pipelineParallel: pp, virtualStages: v, dataParallel, expertParallel } = setting;
	const { rows, columns, stagesPerNode, replicasPerNode } = tiling;
	const rounds = exposedRoundTrips(pp, microBatches(job, setting), v);
	const message = boundaryBytes(job, setting);
	// One journey over all virtual stages crosses each boundary v times and the way back to the first stage v - 1 times.
	const crossings = v > 1 ? v : rounds;
	const wraps = v > 1 ? v - 1 : 0;
	const inside = machine.intraNode;
	const gather = gatherSeconds(job, setting, machine);
	const insideMessage = inside.hopSeconds + message / inside.bytesPerSecond + gather;
	const betweenLatency = machine.interNode.hopSeconds + gather;
	const insideBoundaries = columns * (stagesPerNode - 1);
	const wrapSeconds = columns > 1 ? betweenLatency : stagesPerNode > 1 ? insideMessage : 0;
	const pipelineFixedSeconds =
		2 * crossings * (insideBoundaries * insideMessage + (columns - 1) * betweenLatency) + 2 * wraps * wrapSeconds;

	const { shared, experts } = heldParameters(job, setting);
	// With a sharded optimizer weights come back instead of gradients: 2 bytes where gradients have 4.
	const back = job.shardedOptimizer && dataParallel > 1 ? elementBytes(job.precision) / 4 : 1;
	// Replicas that share experts stand side by side, so copies of an expert are ep replicas apart.
	const copiesInside = Math.max(1, replicasPerNode / expertParallel);
	const exchanges = [
		exchange(4 * shared, back, replicasPerNode, rows, machine),
		exchange(4 * experts, back, copiesInside, dataParallel / expertParallel / copiesInside, machine),
	];
	return {
		hopBytes: 2 * crossings * message,
		wrapBytes: columns > 1 ? 2 * wraps * message : 0,
		ringBytes: exchanges.reduce((sum, { ringBytes }) => sum + ringBytes, 0),
		pipelineFixedSeconds,
		dataParallelFixedSeconds: exchanges.reduce((sum, { fixedSeconds }) => sum + fixedSeconds, 0),
	};
}

/**
 * Gradients between copies, `inside` of them on each of `nodes` nodes: reduced inside the node, each device's share around a ring of
 * nodes, and `back` times as much gathered on the way back.
 */
function exchange(
	bytes: number,
	back: number,
	inside: number,
	nodes: number,
	machine: MachineRates,
): { readonly ringBytes: number; readonly fixedSeconds: number } {
	if (bytes === 0) return { ringBytes: 0, fixedSeconds: 0 };
	const line: ProtocolLine[] = [protocolLine(machine, machine.intraNode, inside)];
	const within =
		collectiveSeconds('reduce-scatter', bytes, inside, line) + collectiveSeconds('all-gather', bytes * back, inside, line);
	const ringLatency = nodes > 1 ? protocolLine(machine, machine.interNode, nodes).latencySeconds : 0;
	return { ringBytes: (((1 + back) * (nodes - 1)) / nodes) * (bytes / inside), fixedSeconds: within + ringLatency };
}

/** The optimizer's step: Adam reads and writes 30 bytes a parameter in mixed precision, 28 in fp32. */
export function stepSeconds(job: TrainingJob, setting: Setting, machine: MachineRates): number {
	const { shared, experts } = heldParameters(job, setting);
	const { dataParallel, expertParallel } = setting;
	const updated = job.shardedOptimizer ? shared / dataParallel + experts / (dataParallel / expertParallel) : shared + experts;
	const perParameter = job.precision === 'fp32' ? 28 : 30;
	return streamSeconds(machine.compute, updated * perParameter, 10);
}

/** Seconds on the links of a placement. */
export interface PlacedSeconds {
	readonly pipelineSeconds: number;
	readonly ringSeconds: number;
}

/** Time of an iteration, given what the placement's links cost. */
export function settingTime(
	job: TrainingJob,
	setting: Setting,
	load: LinkLoad,
	placed: PlacedSeconds,
	stages: readonly PassTimes[],
	onceSeconds: number,
): IterationTime {
	const m = microBatches(job, setting);
	const rounds = exposedRoundTrips(setting.pipelineParallel, m, setting.virtualStages);
	const pipeline = placed.pipelineSeconds + load.pipelineFixedSeconds;
	return iterationTime({
		stages,
		microBatches: m,
		virtualStages: setting.virtualStages,
		roundTripSeconds: rounds > 0 ? pipeline / rounds : 0,
		dataParallelSeconds: setting.dataParallel > 1 ? placed.ringSeconds + load.dataParallelFixedSeconds : 0,
		stepSeconds: onceSeconds,
	});
}
