/** Every way to spread a job over a cluster that divides what must be divisible, and why the others do not. */
import type { RecomputePolicy } from '@assay/models';
import type { Tiling } from '../setting-time.ts';
import type { Setting, TrainingJob } from '../training-job.ts';

/** What to try. */
export interface SearchSpace {
	readonly tensorParallel: readonly number[];
	readonly microBatches: readonly number[];
	readonly maxVirtualStages: number;
	readonly recompute: readonly RecomputePolicy[];
	/** Share of the nodes that may stay idle where the batch or the stages do not divide all of them. */
	readonly idleShare: number;
}

/** Nodes of equal devices. */
export interface NodeGrid {
	readonly nodes: number;
	readonly devicesPerNode: number;
	/** Place groups of tensor-parallel devices rather than nodes. */
	readonly byDevice: boolean;
}

/** A setting and where it lies. */
export interface TiledSetting {
	readonly setting: Setting;
	readonly tiling: Tiling;
}

/** Reasons why combinations of degrees are no settings. */
export const MISFITS = [
	'the heads do not divide by tp',
	'the nodes do not divide into pp x tp',
	'the batch does not divide by dp x b',
	'interleaving does not divide',
] as const;

/** Why a combination is no setting. */
export type Misfit = (typeof MISFITS)[number];

/** All settings, and how many combinations were none for which reason. */
export function enumerateSettings(
	job: TrainingJob,
	grid: NodeGrid,
	space: SearchSpace,
): { readonly settings: readonly TiledSetting[]; readonly misfits: ReadonlyMap<Misfit, number> } {
	const settings: TiledSetting[] = [];
	const misfits = new Map<Misfit, number>();
	const miss = (reason: Misfit): void => void misfits.set(reason, (misfits.get(reason) ?? 0) + 1);
	const { model, globalBatch } = job;
	const policies = recomputePolicies(job, space.recompute);
	for (const tensorParallel of distinct(space.tensorParallel)) {
		if (tensorParallel > grid.devicesPerNode || grid.devicesPerNode % tensorParallel !== 0) {
			miss('the nodes do not divide into pp x tp');
			continue;
		}
		if (!dividesHeads(job, tensorParallel)) {
			miss('the heads do not divide by tp');
			continue;
		}
		for (const pipelineParallel of divisors(model.layers)) {
			const shapes = tilings(grid, tensorParallel, pipelineParallel);
			if (shapes.length === 0) {
				miss('the nodes do not divide into pp x tp');
				continue;
			}
			for (const shape of shapes) {
				for (const microBatch of distinct(space.microBatches)) {
					const tiling = fewestIdle(shape, unitsOf(grid, tensorParallel), globalBatch, microBatch, space.idleShare);
					if (tiling === undefined) {
						miss('the batch does not divide by dp x b');
						continue;
					}
					const dataParallel = tiling.rows * tiling.replicasPerNode;
					const microBatches = globalBatch / (dataParallel * microBatch);
					for (const virtualStages of divisors(model.layers / pipelineParallel)) {
						if (virtualStages > space.maxVirtualStages) break;
						if (virtualStages > 1 && (pipelineParallel === 1 || microBatches % pipelineParallel !== 0)) {
							miss('interleaving does not divide');
							continue;
						}
						for (const expertParallel of expertDegrees(job, dataParallel)) {
							for (const recompute of policies) {
								const setting = {
									pipelineParallel,
									tensorParallel,
									dataParallel,
									expertParallel,
									microBatch,
									virtualStages,
									recompute,
								};
								settings.push({ setting, tiling });
							}
						}
					}
				}
			}
		}
	}
	return { settings, misfits };
}

/** With a fused kernel nothing is left for selective recomputation to do. */
function recomputePolicies(job: TrainingJob, asked: readonly RecomputePolicy[]): RecomputePolicy[] {
	const policies = asked.map((policy) => (policy === 'selective' && job.kernels === 'flash' ? 'none' : policy));
	return [...new Set(policies)];
}

/** Query heads must divide; key-value heads must divide or be copied, so that each rank has whole ones. */
function dividesHeads({ model }: TrainingJob, tensorParallel: number): boolean {
	const { attention } = model;
	if (attention.heads % tensorParallel !== 0) return false;
	if (attention.kind === 'latent') return true;
	return attention.kvHeads % tensorParallel === 0 || tensorParallel % attention.kvHeads === 0;
}

/** Powers of two up to the replicas that divide the experts. */
function expertDegrees({ model }: TrainingJob, dataParallel: number): number[] {
	if (model.experts === null) return [1];
	const degrees: number[] = [];
	for (let degree = 1; degree <= dataParallel && degree <= 64; degree *= 2) {
		if (dataParallel % degree === 0 && model.experts.count % degree === 0) degrees.push(degree);
	}
	return degrees;
}

type Shape = Omit<Tiling, 'rows'>;

/** Ways to lay stages on nodes: so many consecutive stages a node, the rest of its devices their replicas. */
function tilings(grid: NodeGrid, tensorParallel: number, pipelineParallel: number): Shape[] {
	const groups = grid.devicesPerNode / tensorParallel;
	if (grid.byDevice) {
		return pipelineParallel <= grid.nodes * groups ? [{ columns: pipelineParallel, stagesPerNode: 1, replicasPerNode: 1 }] : [];
	}
	const shapes: Shape[] = [];
	for (const stagesPerNode of divisors(groups)) {
		const columns = pipelineParallel / stagesPerNode;
		if (!Number.isInteger(columns) || columns > grid.nodes) continue;
		shapes.push({ columns, stagesPerNode, replicasPerNode: groups / stagesPerNode });
	}
	return shapes;
}

/** What is placed: nodes, or groups of tensor-parallel devices. */
export function unitsOf(grid: NodeGrid, tensorParallel: number): number {
	return grid.byDevice ? Math.floor((grid.nodes * grid.devicesPerNode) / tensorParallel) : grid.nodes;
}

/** As many pipelines as the units hold and the batch divides by, leaving no more idle than allowed. */
function fewestIdle(shape: Shape, units: number, globalBatch: number, microBatch: number, idleShare: number): Tiling | undefined {
	const { columns, replicasPerNode } = shape;
	for (let rows = Math.floor(units / columns); rows >= 1 && rows * columns >= (1 - idleShare) * units - 1e-9; rows--) {
		if (globalBatch % (rows * replicasPerNode * microBatch) === 0) return { ...shape, rows };
	}
	return undefined;
}

/** Divisors in ascending order. */
export function divisors(value: number): number[] {
	const found: number[] = [];
	for (let d = 1; d <= value; d++) if (value % d === 0) found.push(d);
	return found;
}

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
