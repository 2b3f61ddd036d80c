/** Whether streaming from drives would pay off for a model that is to be trained or fine-tuned. */
import { type Advise, InputError } from '@assay/contract';
import { clusterTotals, subjectMachine } from '@assay/machines';
import { parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import { inputs } from './inputs.ts';
import { describeMachine } from './machine.ts';
import type { Outputs, PlanOutput } from './outputs.ts';

/** Weights, gradients and Adam's state. */
const STATE_BYTES_PER_PARAMETER = 16;
/** Beyond so many GPUs nobody would leave all but one idle, unless even they and the host have no room. */
const MOST_GPUS = 4;

/** Systems that work on several GPUs at once. */
const SPREAD_OVER_GPUS = ['all-gpu', 'zero-offload', 'zero-infinity'];
/** A usual length, the same that other advice on training assumes. */
const USUAL_SEQUENCE_TOKENS = 2048;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'train' && subject.goal !== 'fine-tune') return { reason: 'Fuyou is about training on a single GPU' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { cluster } = machine;
		const gpus = cluster.nodes * cluster.devicesPerNode;
		const state = STATE_BYTES_PER_PARAMETER * parameterCount(model.model).total;
		if (state <= 0.8 * clusterTotals(cluster).memoryBytes) {
			return {
				reason: `weights, gradients and optimizer state (${(state / 1e9).toFixed(0)} GB) fit into GPU memory (${(clusterTotals(cluster).memoryBytes / 1e9).toFixed(0)} GB); offloading would only slow it down`,
			};
		}
		const reachable = clusterTotals(cluster).memoryBytes + cluster.nodes * (cluster.host?.memoryBytes ?? 0);
		if (cluster.nodes > 1 || (gpus > MOST_GPUS && state <= reachable))
			return { reason: `it trains on one GPU; the machine has ${gpus}, among which state is better spread` };
		try {
			describeMachine(cluster, inputs.parse({}).workstation, undefined);
		} catch (error) {
			if (error instanceof InputError) return { reason: error.message };
			throw error;
		}
		const sequenceTokens = Math.min(USUAL_SEQUENCE_TOKENS, model.model.contextTokens);
		// Eight sequences and little else around the plan, so that advice comes at once.
		return {
			inputs: {
				model: model.input,
				machine: machine.input,
				batch: 8,
				sequenceTokens,
				search: { mostDrives: 1, mostBatch: 1, memorySizes: [cluster.host === null ? 128 : cluster.host.memoryBytes / 1e9] },
			},
		};
	},
	assess({ plan }) {
		if (plan === null) return { reason: 'the run planned nothing' };
		const ours = plan.policies.find(({ policy }) => policy === 'fuyou');
		const best = ours?.largestBatchTokensPerSecond ?? null;
		if (ours === undefined || best === null)
			return { reason: `not even one sequence fits: ${ours?.binding ?? 'memory'} is short` };
		const rival = strongestRival(plan, plan.machine.gpus > 1 ? SPREAD_OVER_GPUS : undefined);
		const costs = {
			quality: 'none: every update is applied before the next step, as in plain training',
			hardware: `${plan.machine.drives} NVMe drives with ${((14 * plan.model.trainedParameters) / 1e12).toFixed(1)} TB for weights and optimizer state, rewritten at every step`,
			effort:
				'a training engine that streams from drives, such as LoHan; DeepSpeed runs the baseline with the configuration file of this run',
		};
		if (rival === null) {
			const lacking = plan.policies.find(({ policy }) => policy === 'zero-infinity')?.binding ?? 'memory';
			return { gain: {}, against: 'ZeRO-Infinity on the same GPU and drives', enables: `ZeRO-Infinity lacks ${lacking}`, costs };
		}
		if (plan.machine.gpus > 1)
			return { reason: `it trains on one GPU; ${rival.title} fits too and can use all ${plan.machine.gpus}` };
		const gain = best / rival.tokensPerSecond;
		if (gain <= 1) return { reason: `${rival.title} fits and is as fast on this machine` };
		return { gain: { throughput: gain }, against: `${rival.title} on the same GPU and host, each at its largest batch`, costs };
	},
};

/** The fastest of the other systems that fit. One that works on gradients of the step before trains something else and does not count. */
function strongestRival({ policies }: PlanOutput, among?: readonly string[]): { title: string; tokensPerSecond: number } | null {
	let strongest: { title: string; tokensPerSecond: number } | null = null;
	for (const { policy, title, largestBatchTokensPerSecond: tokensPerSecond } of policies) {
		if (policy === 'fuyou' || policy === 'zero-offload-delayed' || tokensPerSecond === null) continue;
		if (among !== undefined && !among.includes(policy)) continue;
		if (strongest === null || tokensPerSecond > strongest.tokensPerSecond) strongest = { title, tokensPerSecond };
	}
	return strongest;
}
