/** Predictions for the published runs of Megatron models, as any run of this system would make them. */
import { resolveMachine } from '@assay/machines';
import { parseTransformerModel, type TransformerModel } from '@assay/models';
import { clusterRates } from '../cluster-rates.ts';
import { linkLoad, modelledTimer, settingTime, stepSeconds, type Tiling } from '../setting-time.ts';
import { publishedMemory } from '../stage-memory.ts';
import type { Setting, TrainingJob } from '../training-job.ts';
import type { PublishedRun } from './published-runs.ts';

const SEQUENCE_TOKENS = 2048;
const GIBIBYTE = 2 ** 30;

/** A GPT as those papers use it. */
export function gptModel(
	name: string,
	shape: { layers: number; hidden: number; heads: number; vocabulary: number; sequenceTokens: number },
): TransformerModel {
	const { layers, hidden, heads, vocabulary, sequenceTokens } = shape;
	return parseTransformerModel({
		name,
		family: 'GPT',
		source: 'published shape',
		layers,
		hidden,
		attention: { kind: 'multi-head', heads, kvHeads: heads, headDim: hidden / heads, queryKeyValueBias: true, outputBias: true },
		feedForward: { kind: 'plain', width: 4 * hidden, bias: true },
		vocabulary,
		contextTokens: sequenceTokens,
		outputHead: 'tied',
		position: { kind: 'learned', positions: sequenceTokens },
		norms: { kind: 'layer-norm', perLayer: 2 },
		parametersDtype: 'fp16',
	});
}

function jobOf(run: PublishedRun): TrainingJob {
	return {
		model: gptModel(run.model, { ...run, vocabulary: 51200, sequenceTokens: SEQUENCE_TOKENS }),
		globalBatch: run.globalBatch,
		sequenceTokens: SEQUENCE_TOKENS,
		precision: 'fp16',
		kernels: 'fused',
		dropout: true,
		sequenceParallel: run.sequenceParallel,
		shardedOptimizer: false,
	};
}

function settingOf(run: PublishedRun): Setting {
	const { tensorParallel, pipelineParallel, microBatch, virtualStages, recompute } = run;
	return { tensorParallel, pipelineParallel, dataParallel: 1, expertParallel: 1, microBatch, virtualStages, recompute };
}

/** Predicted seconds of an iteration on DGX A100 nodes, one stage a node, all links at the attained share of their ports. */
export function predictedSeconds(run: PublishedRun): number {
	const job = jobOf(run);
	const setting = settingOf(run);
	const machine = clusterRates(resolveMachine(`${Math.max(2, run.pipelineParallel)}xdgx-a100`), job.precision);
	const tiling: Tiling = { rows: 1, columns: run.pipelineParallel, stagesPerNode: 1, replicasPerNode: 1 };
	const load = linkLoad(job, setting, tiling, machine);
	const perByte = 1 / machine.interNode.bytesPerSecond;
	const hops = run.pipelineParallel - 1;
	const placed = { pipelineSeconds: perByte * (hops * load.hopBytes + load.wrapBytes), ringSeconds: 0 };
	const stages = modelledTimer(job, machine)(setting, tiling);
	return settingTime(job, setting, load, placed, stages, stepSeconds(job, setting, machine)).totalSeconds;
}

/** Predicted GiB per device: parameters with gradients and optimizer state, and activations. */
export function predictedMemory(run: PublishedRun): {
	readonly parametersGibibytes: number;
	readonly activationsGibibytes: number;
} {
	const { parametersAndOptimizerBytes, activationBytes } = publishedMemory(jobOf(run), settingOf(run));
	return {
		parametersGibibytes: parametersAndOptimizerBytes / GIBIBYTE,
		activationsGibibytes: activationBytes / GIBIBYTE,
	};
}
