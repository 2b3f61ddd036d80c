/** Whether searching for a configuration would pay off for somebody who trains. */
import { type Advise, InputError } from '@assay/contract';
import { type Cluster, subjectMachine } from '@assay/machines';
import { parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import { ratesOf } from './compute-rates.ts';
import { gibibytes } from './headline.ts';
import { type inputs, MOST_SEQUENCES } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { MOST_DEVICES } from './prepare.ts';

/** Tokens of an iteration that large models are trained with: about four million. */
const USUAL_TOKENS = 4 << 20;
/** Longest sequence assumed. */
const USUAL_SEQUENCE = 4096;
/** Memory is called a gain where a device needs less than this share of what it did. */
const WORTHWHILE_MEMORY = 0.9;
/** A smaller speed-up is within what links change from day to day. */
const WORTHWHILE_TIME = 1.005;
/** Devices whose measured iterations the calibration predicts. */
const COMPARED_DEVICES = /^(a100|t4)\b/;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		const { goal } = subject;
		if (goal !== 'train' && goal !== 'fine-tune') return { reason: 'Pipette configures training; nothing is trained here' };
		const found = subjectModel(subject);
		if ('reason' in found) return found;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { model } = found;
		const { cluster } = machine;
		const unfit = unfitness(cluster);
		if (unfit !== undefined) return { reason: unfit };
		const weights = 2 * parameterCount(model).total;
		const memory = cluster.nodes * cluster.devicesPerNode * cluster.device.memory.bytes;
		if (weights > memory) {
			return {
				reason: `the weights of ${model.name} alone (${gibibytes(weights)}) exceed the ${gibibytes(memory)} of ${cluster.name}`,
			};
		}
		const sequenceTokens = Math.min(USUAL_SEQUENCE, model.contextTokens);
		return {
			inputs: {
				model: found.input,
				machine: machine.input,
				training: { globalBatch: usualBatch(sequenceTokens, cluster, goal), sequenceTokens },
				search: { top: 3 },
				placement: { iterations: 10_000, restarts: 1 },
			},
		};
	},
	assess({ ranking, rivals, leanest, model, cluster, counts, links }) {
		const best = ranking[0];
		if (best === undefined) {
			const lacking =
				leanest === null
					? 'no setting divides layers, heads and batch'
					: `the leanest setting (${leanest.label}) needs ${gibibytes(leanest.neededBytes)} a device, ${gibibytes(leanest.missingBytes)} more than ${gibibytes(cluster.limitBytes)}`;
			return { reason: lacking };
		}
		const rule = rivals[0]?.choice ?? null;
		const rest = { costs: costsOn(cluster.nodes), ...uncompared(model, cluster) };
		if (rule === null) {
			return {
				gain: {},
				against: 'Megatron-LM’s rule of thumb, which finds no setting that fits',
				enables: `${best.label} fits, ${gibibytes(best.neededBytes)} a device; the rule of thumb finds nothing within ${gibibytes(cluster.limitBytes)}`,
				...rest,
			};
		}
		const faster = rule.time.totalSeconds / best.time.totalSeconds;
		const leaner = rule.neededBytes / best.neededBytes;
		const memory = leaner * WORTHWHILE_MEMORY > 1;
		if (faster < WORTHWHILE_TIME && !memory) {
			return {
				reason: `Megatron-LM’s rule of thumb (${rule.label}) is already as fast as the best of ${counts.settings} settings`,
			};
		}
		const where = cluster.nodes === 1 ? 'the same node' : `the same cluster, its links ${links.source}`;
		return {
			gain: { throughput: faster, ...(memory && { memory: leaner }) },
			against: `Megatron-LM’s rule of thumb (${rule.label}) on ${where}; gradients are exchanged after backward by both`,
			...rest,
		};
	},
};

/** Why nothing can be configured on a cluster; undefined where something can. */
function unfitness({ name, device, nodes, devicesPerNode }: Cluster): string | undefined {
	const devices = nodes * devicesPerNode;
	if (device.kind !== 'gpu' && device.kind !== 'accelerator') {
		return `Megatron-LM, which it configures, is for GPUs; ${device.name} is a ${device.kind}`;
	}
	if (devices === 1) return `there is nothing to configure on one ${device.name}`;
	if (devices > MOST_DEVICES) return `${name} has ${devices} devices, more than the ${MOST_DEVICES} that it searches`;
	try {
		ratesOf(device, 'bf16');
	} catch (error) {
		if (error instanceof InputError) return `no 16-bit rate is known of ${device.name}`;
		throw error;
	}
	return undefined;
}

/** What it takes; every node is measured with one other in a round, so an odd number of them takes one round more. */
function costsOn(nodes: number) {
	const start = 'start Megatron-LM with the arguments of the run';
	if (nodes === 1) return { effort: start };
	return {
		hardware: `the cluster for ${nodes - 1 + (nodes % 2)} rounds of nccl-tests between pairs of nodes, to measure its links`,
		effort: `measure the links between the nodes once, then ${start} and its rank file`,
	};
}

/** What the calibration's measurements say nothing of. */
function uncompared(model: Outputs['model'], { device, assumptions }: Outputs['cluster']): { readonly unchecked?: string } {
	const parts = [
		...(COMPARED_DEVICES.test(device) ? [] : [`iterations were compared on A100 and T4, not on ${device}`]),
		...(model.hasExperts ? ['none of them was of a model with experts'] : []),
		...assumptions,
	];
	return parts.length === 0 ? {} : { unchecked: parts.join('; ') };
}

/**
 * Sequences of an iteration: about four million tokens for training, a sixteenth for fine-tuning; a multiple of the nodes that divide
 * well, so that replicas have equal shares.
 */
function usualBatch(sequenceTokens: number, cluster: Cluster, goal: 'train' | 'fine-tune'): number {
	const tokens = goal === 'train' ? USUAL_TOKENS : USUAL_TOKENS / 16;
	const devices = smooth(cluster.nodes) * cluster.devicesPerNode;
	const shares = Math.min(Math.round(tokens / sequenceTokens / devices), Math.floor(MOST_SEQUENCES / devices));
	return Math.max(1, shares) * devices;
}

/** The largest number up to `most` without prime factors above 5. */
function smooth(most: number): number {
	for (let number = most; ; number--) {
		let rest = number;
		for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
		if (rest === 1) return number;
	}
}
