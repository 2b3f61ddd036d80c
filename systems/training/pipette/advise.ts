/** Whether searching for a configuration would pay off for somebody who trains. */
import type { Advise } from '@assay/contract';
import { type Cluster, subjectMachine } from '@assay/machines';
import { parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import { gibibytes } from './headline.ts';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Tokens of an iteration that large models are trained with: about four million. */
const USUAL_TOKENS = 4 << 20;
/** Longest sequence assumed. */
const USUAL_SEQUENCE = 4096;
/** Memory is called a gain where a device needs less than this share of what it did. */
const WORTHWHILE_MEMORY = 0.9;
/** A smaller speed-up is within what links change from day to day. */
const WORTHWHILE_TIME = 1.005;

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
		const devices = cluster.nodes * cluster.devicesPerNode;
		if (devices === 1) return { reason: `there is nothing to configure on one ${cluster.device.name}` };
		const weights = 2 * parameterCount(model).total;
		const memory = devices * cluster.device.memory.bytes;
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
	assess({ ranking, rivals, leanest, cluster, counts }) {
		const best = ranking[0];
		if (best === undefined) {
			const lacking =
				leanest === null
					? 'no setting divides layers, heads and batch'
					: `the leanest setting (${leanest.label}) needs ${gibibytes(leanest.neededBytes)} a device, ${gibibytes(leanest.missingBytes)} more than ${gibibytes(cluster.limitBytes)}`;
			return { reason: lacking };
		}
		const rule = rivals[0]?.choice ?? null;
		const costs = {
			hardware: 'an hour or less of the cluster to measure its links',
			effort: 'measure the links between the nodes once, then start Megatron-LM with the arguments and the rank file of the run',
		};
		if (rule === null) {
			return {
				gain: {},
				against: 'Megatron-LM’s rule of thumb, which finds no setting that fits',
				enables: `${best.label} fits, ${gibibytes(best.neededBytes)} a device; the rule of thumb finds nothing within ${gibibytes(cluster.limitBytes)}`,
				costs,
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
		return {
			gain: { throughput: faster, ...(memory && { memory: leaner }) },
			against: `Megatron-LM’s rule of thumb (${rule.label}) on the same cluster and links, workers in the order of the nodes`,
			costs,
		};
	},
};

/**
 * Sequences of an iteration: about four million tokens for training, a sixteenth for fine-tuning; a multiple of the nodes that divide
 * well, so that replicas have equal shares.
 */
function usualBatch(sequenceTokens: number, cluster: Cluster, goal: 'train' | 'fine-tune'): number {
	const tokens = goal === 'train' ? USUAL_TOKENS : USUAL_TOKENS / 16;
	const devices = smooth(cluster.nodes) * cluster.devicesPerNode;
	return Math.max(1, Math.round(tokens / sequenceTokens / devices)) * devices;
}

/** The largest number up to `most` without prime factors above 5. */
function smooth(most: number): number {
	for (let number = most; ; number--) {
		let rest = number;
		for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
		if (rest === 1) return number;
	}
}
