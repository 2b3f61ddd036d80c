/** From profiling rows to memory and times of every setting: the paper's way of estimating. */
import { InputError, type RunContext } from '@assay/contract';
import type { Cluster } from '@assay/machines';
import type { Inputs } from '../inputs.ts';
import { modelledTimer, type StageTimer } from '../setting-time.ts';
import { stageMemory } from '../stage-memory.ts';
import type { MachineRates } from '../stage-times.ts';
import type { Setting, TrainingJob } from '../training-job.ts';
import { type LearnedEstimator, trainEstimator } from './learned-estimator.ts';
import { generatedRows, type ProfileRow, type ProfileShape, readProfile } from './profile-rows.ts';

/** Most nodes of which profiling rows are made up. */
const PROFILED_NODES = 4;

/** Learned memory and times, and where they were learned. */
export interface Learned {
	readonly memory: LearnedEstimator;
	readonly source: string;
	readonly rows: readonly ProfileRow[];
	readonly shapeOf: (setting: Setting) => ProfileShape;
}

/** Reads or makes up profiling rows and trains on them. `progress` is told the share that is done. */
export async function learn(
	estimator: Inputs['estimator'],
	job: TrainingJob,
	cluster: Cluster,
	machine: MachineRates,
	context: RunContext,
	progress: (share: number) => void,
): Promise<{ learned: Learned; timer: StageTimer; bytesOf: (setting: Setting) => number }> {
	const { model } = job;
	let rows: ProfileRow[];
	let source: string;
	if (estimator.profile === undefined) {
		rows = profilingPlan(job, cluster, machine, context);
		source = `${rows.length} rows on up to ${PROFILED_NODES} nodes made up from the formula with 3 % of noise, not measured`;
	} else {
		const file = await context.open(estimator.profile);
		rows = await readProfile(file);
		source = `${rows.length} measured rows of ${file.name}`;
	}
	if (rows.length < 20) {
		throw new InputError({
			path: ['estimator', 'profile'],
			found: `${rows.length} profiling rows`,
			expected: 'at least 20, or estimator.kind formula',
		});
	}
	const options = { epochs: estimator.epochs, networks: estimator.networks, features: 'per device' } as const;
	const train = async (what: 'memoryBytes' | 'forwardSeconds' | 'backwardSeconds', done: number): Promise<LearnedEstimator> => {
		progress(done / 3);
		return trainEstimator(rows, what, options, context.random.fork(`estimator ${what}`), context.pause);
	};
	const memory = await train('memoryBytes', 0);
	const forward = await train('forwardSeconds', 1);
	const backward = await train('backwardSeconds', 2);
	const shapeOf = (setting: Setting): ProfileShape => ({
		devices: setting.tensorParallel * setting.pipelineParallel * setting.dataParallel,
		layers: model.layers,
		hidden: model.hidden,
		heads: model.attention.heads,
		tensorParallel: setting.tensorParallel,
		pipelineParallel: setting.pipelineParallel,
		microBatch: setting.microBatch,
		globalBatch: job.globalBatch,
	});
	// What was profiled knows neither interleaving nor recomputation: the formula's ratio carries over to them.
	const formula = modelledTimer(job, machine);
	const plain = (setting: Setting): Setting => ({ ...setting, virtualStages: 1, recompute: 'none', expertParallel: 1 });
	const slowest = (times: ReturnType<StageTimer>, pass: 'forwardSeconds' | 'backwardSeconds'): number =>
		times.reduce((most, stage) => Math.max(most, stage[pass]), 0);
	return {
		learned: { memory, source, rows, shapeOf },
		bytesOf: (setting) =>
			memory.estimate(shapeOf(setting)).value *
			(stageMemory(job, setting).totalBytes / stageMemory(job, plain(setting)).totalBytes),
		timer: (setting, tiling) => {
			const shape = shapeOf(setting);
			const here = formula(setting, tiling);
			const there = formula(plain(setting), tiling);
			const forwardScale = forward.estimate(shape).value / slowest(there, 'forwardSeconds');
			const backwardScale = backward.estimate(shape).value / slowest(there, 'backwardSeconds');
			return here.map(({ forwardSeconds, backwardSeconds, communicationSeconds }) => ({
				forwardSeconds: forwardSeconds * forwardScale,
				backwardSeconds: backwardSeconds * backwardScale,
				communicationSeconds: communicationSeconds * Math.min(forwardScale, backwardScale),
			}));
		},
	};
}

/** Short runs on one, two and four nodes: the model and shallower ones, the batch and smaller ones, whatever fits into memory. */
export function profilingPlan(
	job: TrainingJob,
	cluster: Cluster,
	machine: MachineRates,
	context: Pick<RunContext, 'random'>,
): ProfileRow[] {
	const { model, globalBatch } = job;
	const share = (value: number, by: number): number => Math.max(1, Math.round(value / by));
	const jobs = [1, 2, 4, 8].map((by): TrainingJob => {
		const layers = share(model.layers, by);
		const shallow = { ...model, layers, experts: model.experts === null ? null : { ...model.experts, denseLayers: [] } };
		return { ...job, model: by === 1 ? model : shallow, globalBatch: share(globalBatch, by) };
	});
	const nodes = [1, 2, PROFILED_NODES].filter((count) => count <= Math.max(1, cluster.nodes));
	return generatedRows(
		jobs,
		nodes.map((count) => count * cluster.devicesPerNode),
		machine,
		cluster.devicesPerNode,
		context.random.fork('profile'),
	).filter((row) => row.memoryBytes <= cluster.device.memory.bytes);
}
