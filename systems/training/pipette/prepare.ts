/** From checked inputs to a search problem: model, cluster, links, and where times and memory come from. */
import { InputError, type RunContext } from '@assay/contract';
import { type Cluster, readMachine } from '@assay/machines';
import { readModel } from '@assay/models';
import { clusterRates } from './cluster-rates.ts';
import { type Learned, learn } from './estimator/learn.ts';
import type { Inputs } from './inputs.ts';
import type { BandwidthMatrix } from './links/bandwidth-matrix.ts';
import { generateMatrix } from './links/generate-matrix.ts';
import { readBandwidths } from './links/read-bandwidths.ts';
import { groupSecondsPerByte, nodeSecondsPerByte } from './links/unit-links.ts';
import type { NodeGrid, TiledSetting } from './search/enumerate-settings.ts';
import type { SearchProblem } from './search/search.ts';
import { modelledTimer } from './setting-time.ts';
import { stageMemory } from './stage-memory.ts';
import type { MachineRates } from './stage-times.ts';
import type { TrainingJob } from './training-job.ts';

/** Longest sequence that is assumed where none is given. */
const USUAL_SEQUENCE = 4096;
/** Most devices of a cluster. */
export const MOST_DEVICES = 65_536;

/** All that a run needs. */
export interface Prepared {
	readonly job: TrainingJob;
	readonly cluster: Cluster;
	readonly grid: NodeGrid;
	readonly hosts: readonly string[];
	readonly matrix: BandwidthMatrix | null;
	readonly linkSource: string;
	readonly problem: SearchProblem;
	readonly learned: Learned | null;
}

/** Reads files and fills in what is left out. Raises `InputError`s. */
export async function prepare(inputs: Inputs, context: RunContext, progress: (share: number) => void): Promise<Prepared> {
	const model = await readModel(inputs.model, context);
	const cluster = await readMachine(inputs.machine, context);
	const devices = cluster.nodes * cluster.devicesPerNode;
	if (devices > MOST_DEVICES) {
		throw new InputError({ path: ['machine', 'name'], found: `${devices} devices`, expected: `at most ${MOST_DEVICES}` });
	}
	const { training } = inputs;
	const job: TrainingJob = {
		model,
		globalBatch: training.globalBatch,
		sequenceTokens: training.sequenceTokens ?? Math.min(USUAL_SEQUENCE, model.contextTokens),
		precision: training.precision,
		kernels: training.kernels,
		dropout: training.dropout,
		sequenceParallel: training.sequenceParallel,
		shardedOptimizer: training.shardedOptimizer,
	};
	const machine = clusterRates(cluster, job.precision);
	const { matrix, linkSource, byDevice } = await readLinks(inputs, cluster, machine, context);
	const grid: NodeGrid = { nodes: cluster.nodes, devicesPerNode: cluster.devicesPerNode, byDevice };
	const learned =
		inputs.estimator.kind === 'formula' ? null : await learn(inputs.estimator, job, cluster, machine, context, progress);
	const limitBytes =
		inputs.memory.limitGigabytes === undefined
			? inputs.memory.usableShare * cluster.device.memory.bytes
			: inputs.memory.limitGigabytes * 1e9;
	return {
		job,
		cluster,
		grid,
		hosts: matrix?.hosts ?? hostNames(cluster.nodes),
		matrix,
		linkSource,
		learned: learned?.learned ?? null,
		problem: {
			job,
			grid,
			machine,
			linksFor: linksOf(matrix, grid, inputs.links.measuredPer, cluster),
			rings: inputs.placement.rings,
			timer: learned?.timer ?? modelledTimer(job, machine),
			memoryOf: ({ setting }: TiledSetting) => {
				const memory = stageMemory(job, setting);
				const neededBytes = learned === null ? memory.totalBytes : learned.bytesOf(setting);
				return { memory, neededBytes };
			},
			limitBytes,
		},
	};
}

/** `node000`, `node001`, ... */
export function hostNames(nodes: number): string[] {
	const digits = String(nodes - 1).length;
	return Array.from({ length: nodes }, (_, node) => `node${String(node).padStart(digits, '0')}`);
}

async function readLinks(
	inputs: Inputs,
	cluster: Cluster,
	machine: MachineRates,
	context: RunContext,
): Promise<{ matrix: BandwidthMatrix | null; linkSource: string; byDevice: boolean }> {
	const { links } = inputs;
	const devices = cluster.nodes * cluster.devicesPerNode;
	if (links.file !== undefined) {
		const file = await context.open(links.file);
		const matrix = await readBandwidths(file);
		const { length } = matrix.hosts;
		if (length !== cluster.nodes && length !== devices) {
			throw new InputError({
				path: [file.name],
				found: `${length} hosts`,
				expected: `the ${cluster.nodes} nodes of ${cluster.name}, or its ${devices} devices`,
			});
		}
		const byDevice = length === devices && devices !== cluster.nodes;
		return { matrix, linkSource: `measured, ${file.name}`, byDevice };
	}
	if (cluster.nodes === 1) return { matrix: null, linkSource: 'one node: no links between nodes', byDevice: false };
	const mean = machine.interNode.bytesPerSecond;
	const matrix = generateMatrix(hostNames(cluster.nodes), mean, links, context.random.fork('links'));
	return { matrix, linkSource: `generated as uneven as published measurements, seed ${context.seed}`, byDevice: false };
}

function linksOf(
	matrix: BandwidthMatrix | null,
	grid: NodeGrid,
	measuredPer: Inputs['links']['measuredPer'],
	cluster: Cluster,
): (tensorParallel: number) => Float64Array {
	if (matrix === null) {
		const none = new Float64Array(1);
		return () => none;
	}
	if (!grid.byDevice) {
		const seconds = nodeSecondsPerByte(matrix, measuredPer === 'node' ? 1 / cluster.devicesPerNode : 1);
		return () => seconds;
	}
	const known = new Map<number, Float64Array>();
	return (tensorParallel) => {
		let seconds = known.get(tensorParallel);
		if (seconds === undefined) {
			seconds = groupSecondsPerByte(matrix, tensorParallel);
			known.set(tensorParallel, seconds);
		}
		return seconds;
	};
}
