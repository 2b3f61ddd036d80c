/**
 * A training run: time of a step from its products, its exposed communication and its optimizer; from that days, energy and money, with
 * the share of the time that failures and saves leave.
 */
import { layerActivationBytes, type RecomputePolicy, type TransformerModel } from '@assay/models';
import type { DeviceRates } from '../device/device-rates.ts';
import { type ClusterNetwork, networkSeconds } from '../network/cluster-network.ts';
import { type ProductTime, productTimes } from '../sizing/product-times.ts';
import type { SizedModel } from '../sizing/sized-model.ts';
import { attentionSeconds } from '../sizing/width-search.ts';

/** How the run is laid out. */
export interface TrainingSetup {
	readonly tokens: number;
	readonly sequenceTokens: number;
	/** Sequences in a micro-batch of one data-parallel rank. */
	readonly microBatch: number;
	/** Sequences in a step. */
	readonly globalBatch: number;
	readonly tensorParallel: number;
	readonly pipelineParallel: number;
	readonly expertParallel: number;
	readonly contextParallel: number;
	/** Optimizer states over data-parallel ranks (ZeRO-1); otherwise each keeps its own. */
	readonly shardOptimizer: boolean;
	readonly recompute: RecomputePolicy;
	/** Share of the gradients' and parameters' traffic that hides behind arithmetic. */
	readonly overlap: number;
	/** Of the achievable rate, what fused attention gets. */
	readonly attentionShare: number;
	/** Passes over the residual stream per layer of operations that only move memory, forward and backward. */
	readonly memoryPasses: number;
	/** Given: arithmetic takes this share of the achievable rate and is not worked out from products. */
	readonly efficiency?: number | undefined;
}

/** What a cluster costs to run. */
export interface RunningCosts {
	readonly devices: number;
	/** All of it; null where unknown. */
	readonly watts: number | null;
	readonly dollarsPerHour: number | null;
}

/** A step's time by what takes it; the parts that show add up to `stepSeconds`. */
export interface StepTime {
	readonly computeSeconds: number;
	readonly memoryPassSeconds: number;
	readonly bubbleSeconds: number;
	readonly tensorSeconds: number;
	readonly expertSeconds: number;
	readonly contextSeconds: number;
	readonly pipelineSeconds: number;
	/** Gradients and parameters in all, and what of it does not hide. */
	readonly dataSeconds: number;
	readonly exposedDataSeconds: number;
	readonly optimizerSeconds: number;
	readonly stepSeconds: number;
}

export interface MemoryUse {
	readonly weightBytes: number;
	readonly gradientBytes: number;
	readonly optimizerBytes: number;
	readonly activationBytes: number;
	readonly totalBytes: number;
}

export interface TrainingPlan {
	readonly step: StepTime;
	readonly products: readonly ProductTime[];
	readonly memory: MemoryUse;
	readonly dataParallel: number;
	readonly microBatches: number;
	readonly flopsPerToken: number;
	readonly tokensPerSecond: number;
	/** Model operations over the peak, and over what large products reach. */
	readonly mfuOfPeak: number;
	readonly mfuOfAchievable: number;
	readonly steps: number;
	/** Without failures, and with them. */
	readonly idealDays: number;
	readonly days: number;
	readonly megawattHours: number | null;
	readonly dollars: number | null;
}

/** Bytes per value of weights and of gradients, and of optimizer state per parameter (fp32 weight, two moments). */
const weightBytes = 2;
const gradientBytes = 4;
const optimizerBytes = 12;

/** Why a layout does not fit the model or the cluster; undefined if it does. */
export function layoutProblem(model: SizedModel, setup: TrainingSetup, devices: number): string | undefined {
	const { tensorParallel: t, pipelineParallel: p, contextParallel: c, expertParallel: e } = setup;
	if (devices % (t * p * c) !== 0) return `${devices} devices are no multiple of tensor x pipeline x context = ${t * p * c}`;
	const data = devices / (t * p * c);
	if (setup.globalBatch % (setup.microBatch * data) !== 0)
		return `a global batch of ${setup.globalBatch} sequences is no multiple of ${data} data-parallel ranks x ${setup.microBatch} in a micro-batch`;
	if (model.layers < p) return `${model.layers} layers are fewer than ${p} pipeline stages`;
	if (model.heads % t !== 0) return `${model.heads} heads are no multiple of the tensor-parallel size ${t}`;
	if (e > 1 && model.experts === null) return 'the model has no experts to spread';
	if (model.experts !== null && model.experts.count % e !== 0)
		return `${model.experts.count} experts are no multiple of the expert-parallel size ${e}`;
	if ((data * c) % e !== 0) return `${data * c} ranks for data and context are no multiple of the expert-parallel size ${e}`;
	if (setup.sequenceTokens % c !== 0) return `${setup.sequenceTokens} tokens are no multiple of ${c} context-parallel ranks`;
	return undefined;
}

/** Plans a run. `goodput` is the share of the time that is useful work. The layout fits (`layoutProblem`). */
export function trainingPlan(
	model: SizedModel,
	setup: TrainingSetup,
	rates: DeviceRates,
	network: ClusterNetwork,
	costs: RunningCosts,
	goodput: number,
	transformer?: TransformerModel,
): TrainingPlan {
	const { tensorParallel: t, pipelineParallel: p, contextParallel: c } = setup;
	const dataParallel = costs.devices / (t * p * c);
	const microBatches = setup.globalBatch / (setup.microBatch * dataParallel);
	const batch = {
		tokens: (setup.microBatch * setup.sequenceTokens) / c,
		sequenceTokens: setup.sequenceTokens,
		tensorParallel: t,
		expertParallel: setup.expertParallel,
	};
	const flopsPerToken = model.trainingFlopsPerToken(setup.sequenceTokens);
	const products = productTimes(model, batch, rates);
	const held = heldParameters(model, setup);
	const step = stepTime(model, setup, rates, network, { products, batch, dataParallel, microBatches, held, flopsPerToken });
	const tokensPerStep = setup.globalBatch * setup.sequenceTokens;
	const tokensPerSecond = tokensPerStep / step.stepSeconds;
	const flopsPerSecond = tokensPerSecond * flopsPerToken;
	const idealSeconds = setup.tokens / tokensPerSecond;
	const seconds = idealSeconds / goodput;
	return {
		step,
		products,
		memory: memoryUse(model, setup, held, dataParallel, microBatches, transformer),
		dataParallel,
		microBatches,
		flopsPerToken,
		tokensPerSecond,
		mfuOfPeak: flopsPerSecond / (costs.devices * rates.peakFlopsPerSecond),
		mfuOfAchievable: flopsPerSecond / (costs.devices * rates.achievableFlopsPerSecond),
		steps: Math.ceil(setup.tokens / tokensPerStep),
		idealDays: idealSeconds / 86_400,
		days: seconds / 86_400,
		megawattHours: costs.watts === null ? null : (costs.watts * seconds) / 3600 / 1e6,
		dollars: costs.dollarsPerHour === null ? null : (costs.dollarsPerHour * seconds) / 3600,
	};
}

/** Parameters on one device: experts over expert-parallel ranks, everything over tensor ranks and stages, the embedding on its stage. */
export function heldParameters(
	model: SizedModel,
	{ tensorParallel, pipelineParallel, expertParallel }: TrainingSetup,
): { readonly dense: number; readonly experts: number } {
	const routed = model.experts === null ? 0 : model.experts.count * model.experts.parameters * model.experts.layers;
	const layers = model.parameters.total - model.parameters.embedding - routed;
	return {
		dense: (layers / pipelineParallel + model.parameters.embedding) / tensorParallel,
		experts: routed / expertParallel / tensorParallel / pipelineParallel,
	};
}

interface StepFacts {
	readonly products: readonly ProductTime[];
	readonly batch: {
		readonly tokens: number;
		readonly sequenceTokens: number;
		readonly tensorParallel: number;
		readonly expertParallel: number;
	};
	readonly dataParallel: number;
	readonly microBatches: number;
	readonly held: { readonly dense: number; readonly experts: number };
	readonly flopsPerToken: number;
}

function stepTime(
	model: SizedModel,
	setup: TrainingSetup,
	rates: DeviceRates,
	network: ClusterNetwork,
	facts: StepFacts,
): StepTime {
	const { batch, microBatches, dataParallel, held } = facts;
	const { tensorParallel: t, pipelineParallel: p, contextParallel: c, expertParallel: e } = setup;
	const recomputed = setup.recompute === 'full' ? 4 / 3 : 1;
	const products = facts.products.reduce(
		(sum, { totalSeconds, pass }) => sum + totalSeconds * (pass === 'forward' && setup.recompute === 'full' ? 2 : 1),
		0,
	);
	const attention = attentionSeconds(model, batch, rates, setup.attentionShare) * recomputed;
	const given = setup.efficiency;
	const perMicroBatch =
		given === undefined
			? (products + attention) / p
			: (facts.flopsPerToken * batch.tokens) / t / p / (given * rates.achievableFlopsPerSecond);
	const residual = weightBytes * model.hidden * batch.tokens;
	const memoryPass =
		given === undefined ? (setup.memoryPasses * residual * model.layers * recomputed) / p / rates.streamBytesPerSecond : 0;

	// Tensor parallelism: two all-reduces of the residual stream forward and two backward in each layer.
	const tensor = 4 * networkSeconds(network, 'all-reduce', residual, t) * (model.layers / p);
	// Experts: tokens go to their expert and back, forward and backward.
	const expert =
		model.experts === null
			? 0
			: 4 * networkSeconds(network, 'all-to-all', residual * model.experts.activePerToken, e) * (model.experts.layers / p);
	// Context: keys and values of all are gathered forward, their gradients scattered back.
	const keysAndValues = (model.cacheBytesPerToken / model.layers) * setup.microBatch * setup.sequenceTokens;
	const context = 2 * networkSeconds(network, 'all-gather', keysAndValues, c) * (model.layers / p);
	const pipeline = p === 1 ? 0 : 2 * networkSeconds(network, 'send-receive', residual / t, network.devicesPerNode + 1);
	const each = perMicroBatch + memoryPass + tensor + expert + context + pipeline;
	const bubble = (p - 1) * each;

	// Gradients are summed once a step: dense ones over all data and context ranks, experts over those that hold the same.
	const replicas = dataParallel * c;
	const data = [
		[held.dense, replicas],
		[held.experts, replicas / e],
	] as const;
	const dataSeconds = data.reduce((sum, [parameters, ranks]) => {
		if (!setup.shardOptimizer) return sum + networkSeconds(network, 'all-reduce', gradientBytes * parameters, ranks);
		const scatter = networkSeconds(network, 'reduce-scatter', gradientBytes * parameters, ranks);
		return sum + scatter + networkSeconds(network, 'all-gather', weightBytes * parameters, ranks);
	}, 0);
	// What hides must find arithmetic to hide behind: the last backward pass, or the next forward.
	const exposed = Math.max(dataSeconds * (1 - setup.overlap), dataSeconds - microBatches * (perMicroBatch + memoryPass));
	const shards = setup.shardOptimizer ? [replicas, replicas / e] : [1, 1];
	const updated = held.dense / (shards[0] as number) + held.experts / (shards[1] as number);
	// Reads and writes master weights and moments, reads gradients, writes weights.
	const optimizer = (updated * (2 * optimizerBytes + gradientBytes + weightBytes)) / rates.streamBytesPerSecond;
	return {
		computeSeconds: microBatches * perMicroBatch,
		memoryPassSeconds: microBatches * memoryPass,
		bubbleSeconds: bubble,
		tensorSeconds: microBatches * tensor,
		expertSeconds: microBatches * expert,
		contextSeconds: microBatches * context,
		pipelineSeconds: microBatches * pipeline,
		dataSeconds,
		exposedDataSeconds: exposed,
		optimizerSeconds: optimizer,
		stepSeconds: microBatches * each + bubble + exposed + optimizer,
	};
}

function memoryUse(
	model: SizedModel,
	setup: TrainingSetup,
	held: { readonly dense: number; readonly experts: number },
	dataParallel: number,
	microBatches: number,
	transformer: TransformerModel | undefined,
): MemoryUse {
	const parameters = held.dense + held.experts;
	const replicas = dataParallel * setup.contextParallel;
	const shards = setup.shardOptimizer ? [replicas, replicas / setup.expertParallel] : [1, 1];
	const optimizer = optimizerBytes * (held.dense / (shards[0] as number) + held.experts / (shards[1] as number));
	const inFlight = Math.min(setup.pipelineParallel, microBatches);
	const perLayer = layerActivations(model, setup, transformer);
	const activationBytes = ((perLayer * model.layers) / setup.pipelineParallel) * inFlight;
	return {
		weightBytes: weightBytes * parameters,
		gradientBytes: gradientBytes * parameters,
		optimizerBytes: optimizer,
		activationBytes,
		totalBytes: (weightBytes + gradientBytes) * parameters + optimizer + activationBytes,
	};
}

/** Bytes that a layer keeps for backward on one device. */
function layerActivations(model: SizedModel, setup: TrainingSetup, transformer: TransformerModel | undefined): number {
	const sequenceTokens = setup.sequenceTokens / setup.contextParallel;
	if (transformer !== undefined) {
		return layerActivationBytes(transformer, {
			sequenceTokens,
			microBatch: setup.microBatch,
			tensorParallel: setup.tensorParallel,
			recompute: setup.recompute,
			sequenceParallel: setup.tensorParallel > 1,
			dropout: false,
			fusedAttention: true,
		});
	}
	// Input and output of every product that a token meets in the layer, the residual stream in 32 bits at both sublayers.
	const tokens = setup.microBatch * sequenceTokens;
	const input = 4 * model.hidden;
	if (setup.recompute === 'full') return tokens * input;
	const perToken = model.products
		.filter(({ layers }) => layers > 1)
		.reduce((sum, { inputs, outputs, active }) => sum + 2 * active * (inputs + outputs), 2 * input);
	return (tokens * perToken) / setup.tensorParallel;
}

/** Days of a run whose arithmetic takes a given share of the achievable rate and in which nothing else takes time. */
export function daysAtShare(
	tokens: number,
	flopsPerToken: number,
	devices: number,
	achievableFlopsPerSecond: number,
	share: number,
): number {
	return (tokens * flopsPerToken) / (devices * achievableFlopsPerSecond * share) / 86_400;
}
