/** Whether interleaved offloading would pay off for a model that is to be trained on given machines. */
import type { Advise } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { MIXED_PRECISION_ADAM, parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { ratesOf } from './rates/node-rates.ts';
import { deviceMemory, usableBytes } from './step/device-memory.ts';

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'train' && subject.goal !== 'fine-tune') return { reason: 'it is about the optimizer step of training' };
		const found = subjectModel(subject);
		if ('reason' in found) return found;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { model } = found;
		const { cluster } = machine;
		const { device, host } = cluster;
		if (device.kind === 'cpu') return { reason: 'there is no GPU to bring the optimizer to' };
		const ranks = cluster.nodes * cluster.devicesPerNode;
		const parameters = parameterCount(model).total / ranks;
		const sequenceTokens = Math.min(2048, model.contextTokens);
		const work = { model, ranks, microBatch: 1, sequenceTokens, accumulation: 1 };
		const resident = deviceMemory({ work, parameters, ratio: 0, stride: null, subGroup: 0 }).forwardBackwardBytes;
		if (resident <= usableBytes(device.memory.bytes)) {
			const perParameter = Object.values(MIXED_PRECISION_ADAM).reduce((sum, bytes) => sum + bytes, 0);
			return {
				reason: `the optimizer state fits into the GPUs (${perParameter} bytes for each of ${gigabytes(parameters)}e9 parameters a GPU): nothing has to be offloaded`,
			};
		}
		if (host === null || ratesOf(cluster) === null)
			return { reason: `nothing is known of the host of ${cluster.name}; a machine file can say it` };
		const offloaded = deviceMemory({ work, parameters, ratio: 1, stride: null, subGroup: 1e8 }).forwardBackwardBytes;
		const missing = offloaded - usableBytes(device.memory.bytes);
		if (missing > 0) return { reason: `even with everything offloaded, ${gigabytes(missing)} GB are missing on each GPU` };
		return { inputs: { model: found.input, machine: machine.input, sequenceTokens } };
	},
	assess({ plan }) {
		if (plan === null) return { reason: 'the run planned nothing' };
		const { best, baseline, strategies } = plan;
		if (best === null) {
			const { missingBytes = 0, missingWhere = 'GPU' } = strategies[0] ?? {};
			return { reason: `no setting fits: ${gigabytes(missingBytes)} GB are missing on the ${missingWhere ?? 'GPU'}` };
		}
		const costs = {
			hardware: `${gigabytes(best.hostBytes * plan.ranks)} GB of host memory in all, pinned`,
			effort: 'the authors’ branch of DeepSpeed instead of the released one',
		};
		if (baseline === null)
			return { gain: {}, against: 'the default offloaded update', enables: 'the default update fits nowhere', costs };
		const throughput = baseline.step.total / best.step.total;
		const isEstimated = plan.rates.source.includes('estimated');
		return {
			gain: { throughput, cost: throughput },
			against: `DeepSpeed ZeRO-3 with the default offloaded update at its best ratio, ${Math.round(100 * baseline.ratio)} % offloaded`,
			costs,
			...(isEstimated && { unchecked: 'the rates of this machine are estimated from its memory and links' }),
		};
	},
};

function gigabytes(count: number): string {
	return (count / 1e9).toPrecision(3);
}
