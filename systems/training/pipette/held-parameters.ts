/** Parameters on each device of the fullest stage, by how many replicas hold the same ones. */
import { expertStageParameters, parameterCount, stageParameters } from '@assay/models';
import type { Setting, TrainingJob } from './training-job.ts';

/** What a device holds. */
export interface HeldParameters {
	/** The same on all dp replicas: everything but routed experts. */
	readonly shared: number;
	/** Routed experts: the same on dp / ep replicas. */
	readonly experts: number;
}

/** A stage's layers with the embedding; the head lies elsewhere unless there is one stage. */
export function heldParameters({ model }: Pick<TrainingJob, 'model'>, setting: Setting): HeldParameters {
	const { tensorParallel, pipelineParallel } = setting;
	const count = parameterCount(model);
	const unevenness = (Math.ceil(model.layers / pipelineParallel) * pipelineParallel) / model.layers;
	const experts = expertStageParameters(model, setting) * unevenness;
	const layers = stageParameters(model, setting) * unevenness - experts;
	const outside = count.embedding + count.position + (pipelineParallel === 1 ? count.head : 0);
	return { shared: layers + outside / tensorParallel, experts };
}
