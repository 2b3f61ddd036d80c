/** Whether a cache that computes would pay off for somebody who runs a language model on a processor. */
import type { Advise } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Width that weights are taken to have: what most people run on processors. */
const USUAL_BITS = 4;
const VECTOR_LANES = 16;
const CLOCK_GIGAHERTZ = 2.6;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'design-chip')
			return { reason: 'it is about a cache that computes, which is still to be built: a question of designing hardware' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		if (!model.model.causal) return { reason: `${model.model.name} generates no tokens` };
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { device, nodes, devicesPerNode } = machine.cluster;
		if (device.kind !== 'cpu') return { reason: `it is for processors whose cache computes; ${device.name} is a ${device.kind}` };
		if (nodes * devicesPerNode > 1) return { reason: 'it is for one processor' };
		const bytes = (parameterCount(model.model).total * (USUAL_BITS + 0.5)) / 8;
		if (bytes > device.memory.bytes)
			return { reason: `weights of ${USUAL_BITS} bits (${(bytes / 1e9).toFixed(0)} GB) exceed the memory of ${device.name}` };
		const peak = device.peakOpsPerSecond.fp32;
		if (peak === undefined) return { reason: `no rate for fp32 is known of ${device.name}` };
		const cores = Math.min(1024, Math.max(1, Math.round(peak / (2 * VECTOR_LANES * CLOCK_GIGAHERTZ * 1e9))));
		return {
			inputs: {
				model: model.input,
				weights: { bits: USUAL_BITS },
				processor: {
					cores,
					vectorLanes: VECTOR_LANES,
					clock: CLOCK_GIGAHERTZ,
					bandwidth: device.memory.bandwidthBytesPerSecond / 1e9,
				},
			},
		};
	},
	assess({ plan }) {
		const cores = plan?.baselines[0];
		if (plan === null || cores === undefined) return { reason: 'the run planned nothing' };
		if (cores.speedup <= 1.01) return { reason: 'cores that unpack weights already reach the memory’s bandwidth' };
		return {
			gain: { throughput: cores.speedup, latency: cores.speedup },
			against: `the same processor, its ${cores.name}, one sequence, weights of ${USUAL_BITS} bits`,
			costs: {
				quality: `that of weights of ${USUAL_BITS} bits and activations of 8, for both`,
				hardware: 'a processor that nobody sells: half of its last-level cache as arrays that compute, about 2 % more area',
				effort: 'a runtime that uses its new instruction',
			},
			unchecked:
				'no such cache has been built; the pace of cores is that of one Cortex-A76, scaled to as many cores as the machine’s fp32 rate stands for',
		};
	},
};
