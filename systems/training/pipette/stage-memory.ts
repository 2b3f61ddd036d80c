/**
 * Memory of one device on the two stages that can be the fullest: the first, where most micro-batches are in flight and the
 * embedding lies, and the last, which has the logits. Classes follow Megatron-LM's mixed precision with Adam.
 */
import {
	expertStageParameters,
	layerActivationBytes,
	MIXED_PRECISION_ADAM,
	optimizerStateBytes,
	parameterCount,
	stageParameters,
	type TrainingBytes,
	type TrainingLayout,
	trainingMemory,
} from '@assay/models';
import { layersOfStages } from './stage-times.ts';
import { elementBytes, microBatches, type Setting, type TrainingJob } from './training-job.ts';

/** fp32 weights and gradients, and Adam's two moments. */
const FULL_PRECISION_ADAM: TrainingBytes = { weight: 4, gradient: 4, optimizer: 8 };

/** Bytes per device by class, of the fuller of the first and the last stage. */
export interface StageMemory {
	readonly stage: 'first' | 'last';
	readonly weightBytes: number;
	readonly gradientBytes: number;
	readonly optimizerBytes: number;
	readonly activationBytes: number;
	/** Logits, their fp32 copy, the softmax and the gradient; only on the last stage. */
	readonly logitBytes: number;
	/** One layer at work: what is recomputed, or the gradients of what is kept. */
	readonly workingBytes: number;
	readonly totalBytes: number;
}

/** Bytes per parameter by class in a precision. */
export function trainingBytes(job: Pick<TrainingJob, 'precision'>): TrainingBytes {
	return job.precision === 'fp32' ? FULL_PRECISION_ADAM : MIXED_PRECISION_ADAM;
}

/** A job's setting in the words of the shared memory model. */
export function trainingLayout(job: TrainingJob, setting: Setting): TrainingLayout {
	return {
		sequenceTokens: job.sequenceTokens,
		microBatch: setting.microBatch,
		tensorParallel: setting.tensorParallel,
		recompute: setting.recompute,
		sequenceParallel: job.sequenceParallel && setting.tensorParallel > 1,
		dropout: job.dropout,
		fusedAttention: job.kernels === 'flash',
		pipelineParallel: setting.pipelineParallel,
		virtualStages: setting.virtualStages,
		expertParallel: setting.expertParallel,
		optimizerShards: job.shardedOptimizer ? setting.dataParallel : 1,
		microBatches: microBatches(job, setting),
		bytes: trainingBytes(job),
	};
}

/** Memory of the fuller stage. */
export function stageMemory(job: TrainingJob, setting: Setting): StageMemory {
	const first = firstStage(job, setting);
	const last = lastStage(job, setting);
	return last.totalBytes > first.totalBytes ? last : first;
}

type Classes = Omit<StageMemory, 'totalBytes'>;

const summed = (classes: Classes): StageMemory => ({
	...classes,
	totalBytes:
		classes.weightBytes +
		classes.gradientBytes +
		classes.optimizerBytes +
		classes.activationBytes +
		classes.logitBytes +
		classes.workingBytes,
});

function firstStage(job: TrainingJob, setting: Setting): StageMemory {
	const layout = trainingLayout(job, setting);
	const memory = trainingMemory(job.model, layout);
	// Where the stages do not divide the layers, the first has one more.
	const uneven =
		((layersOfStages(job.model.layers, setting.pipelineParallel)[0] as number) * setting.pipelineParallel) / job.model.layers;
	const bytes = layout.bytes;
	const layers = stageParameters(job.model, layout);
	const held = layers * uneven + (memory.parameters - layers);
	const experts = expertStageParameters(job.model, layout) * uneven;
	return summed({
		stage: 'first',
		weightBytes: held * bytes.weight,
		gradientBytes: held * bytes.gradient,
		optimizerBytes: optimizerStateBytes(held, experts, layout),
		activationBytes: (memory.activationBytes / layerActivationBytes(job.model, layout)) * keptPerLayer(job, layout) * uneven,
		logitBytes: setting.pipelineParallel === 1 ? logitBytes(job, setting) : 0,
		workingBytes: workingBytes(job, layout),
	});
}

function lastStage(job: TrainingJob, setting: Setting): StageMemory {
	const { model } = job;
	const layout = trainingLayout(job, setting);
	const count = parameterCount(model);
	// A tied head keeps its copy of the embedding on the last stage.
	const head = model.outputHead === 'tied' ? count.embedding : count.head;
	const own = setting.pipelineParallel === 1 ? count.embedding + count.position + count.head : head;
	const held = stageParameters(model, layout) + own / setting.tensorParallel;
	// Interleaved, all v - 1 earlier passes of p micro-batches are in flight on the last device, and one of the last.
	const { virtualStages: v, pipelineParallel: p } = setting;
	const inFlight = v > 1 ? Math.min(layout.microBatches, ((v - 1) * p + 1) / v) : 1;
	const layers = layersOfStages(model.layers, p)[p - 1] as number;
	const { bytes } = layout;
	return summed({
		stage: 'last',
		weightBytes: held * bytes.weight,
		gradientBytes: held * bytes.gradient,
		optimizerBytes: optimizerStateBytes(held, expertStageParameters(model, layout), layout),
		activationBytes: keptPerLayer(job, layout) * layers * inFlight,
		logitBytes: logitBytes(job, setting),
		workingBytes: workingBytes(job, layout),
	});
}

/**
 * Activations that one layer keeps. Softmax in fp32 by kernels of its own keeps its result in fp32, 2 bytes a score more than the fused
 * kernel.
 */
function keptPerLayer(job: TrainingJob, layout: TrainingLayout): number {
	const unfused = job.kernels === 'unfused' && layout.recompute === 'none';
	const { sequenceTokens, microBatch, tensorParallel } = layout;
	const wider = unfused ? (2 * job.model.attention.heads * sequenceTokens ** 2 * microBatch) / tensorParallel : 0;
	return (layerActivationBytes(job.model, layout) + wider) * (elementBytes(job.precision) / 2);
}

/**
 * Per logit: its own bytes, an fp32 copy, the softmax that is kept, and the gradient; a loss by kernels of its own copies the fp32
 * logits once more. Encoders without logits have none.
 */
function logitBytes(job: TrainingJob, setting: Setting): number {
	const { model } = job;
	if (model.outputHead === 'pooler') return 0;
	const perLogit = 2 * elementBytes(job.precision) + (job.kernels === 'unfused' ? 12 : 8);
	return (setting.microBatch * job.sequenceTokens * model.vocabulary * perLogit) / setting.tensorParallel;
}

/** Fully recomputed layers come to life one at a time; otherwise a layer's gradients take about what its input does, twice. */
function workingBytes(job: TrainingJob, layout: TrainingLayout): number {
	const scale = elementBytes(job.precision) / 2;
	if (layout.recompute === 'full') return scale * layerActivationBytes(job.model, { ...layout, recompute: 'none' });
	return scale * 2 * layerActivationBytes(job.model, { ...layout, recompute: 'full' });
}

/**
 * The published formula, exact for GPT: 18 bytes for each of the 12 h² weights of a layer, and activations of the layers alone.
 * Bytes per device on the first stage.
 */
export function publishedMemory(
	job: TrainingJob,
	setting: Setting,
): { readonly parametersAndOptimizerBytes: number; readonly activationBytes: number } {
	const { model } = job;
	const { tensorParallel: t, pipelineParallel: p } = setting;
	return {
		parametersAndOptimizerBytes: (18 * 12 * model.hidden ** 2 * model.layers) / (t * p),
		activationBytes: trainingMemory(model, trainingLayout(job, setting)).activationBytes,
	};
}
