/** Whether saving better would pay off for a model that is to be trained on a cluster. */
import type { Advise, Subject } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { subjectModel } from '@assay/models';
import type { z } from 'zod';
import { MATRIX_FORMATS } from './device/device-rates.ts';
import { figure } from './figure.ts';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'train' && subject.goal !== 'fine-tune')
			return { reason: 'it is about training: checkpoints, failures and widths of a model in training' };
		if (subject.goal === 'fine-tune') return { reason: 'fine-tuning is over before failures and checkpoints matter' };
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { cluster } = machine;
		if (cluster.device.kind !== 'gpu')
			return { reason: `${cluster.device.name} is no GPU, and nothing was measured of how others save and fail` };
		if (cluster.nodes * cluster.devicesPerNode === 1)
			return { reason: 'one device fails too seldom, and has nobody to share the writing of checkpoints with' };
		const format = MATRIX_FORMATS.find((one) => cluster.device.peakOpsPerSecond[one] !== undefined);
		if (format === undefined) return { reason: `no rate of ${cluster.device.name} is known in a format of training` };
		const model = modelOf(subject);
		if ('reason' in model) return model;
		return {
			inputs: {
				mode: 'goodput',
				model: model.input,
				machine: machine.input,
				device: { format },
				failures: { simulatedFailures: 600 },
			},
		};
	},
	assess({ goodput, cluster }) {
		if (goodput === null || cluster === null) return { reason: 'the run compared nothing' };
		const { usual, chosen, mtbfHours } = goodput;
		if (!(usual.goodput > 0 && chosen.goodput > 0)) return { reason: 'at this rate of failures the job never gets anywhere' };
		const gain = chosen.goodput / usual.goodput;
		return {
			// The same devices draw the same power for the same rent, so useful work per joule and per dollar grow with useful work per second.
			gain: { throughput: gain, energy: gain, cost: gain },
			against: `a save every ${figure(Math.round(usual.intervalMinutes))} min that all wait for, written by one node in ten, which is Young’s interval, at ${mtbfHours === null ? 'no failures' : `an assumed failure every ${figure(mtbfHours)} h`} on ${cluster.nodes} node${cluster.nodes === 1 ? '' : 's'} and storage rates that are assumed`,
			unchecked:
				'useful work rests on rates of failure and of storage that are assumed; nobody published it for a cluster to compare with',
			costs: {
				hardware: 'host memory for a copy of the checkpoint, and storage that takes writes from all nodes at once',
				effort: 'asynchronous, distributed saving in the training framework, and a restart that needs no hands',
			},
		};
	},
};

function modelOf(subject: Subject): { readonly input: z.input<typeof inputs>['model'] } | { readonly reason: string } {
	if (typeof subject.model === 'string' && subject.model.trim().toLowerCase() === 'zaya1') return { input: { name: 'zaya1' } };
	const found = subjectModel(subject);
	if ('reason' in found) return found;
	if (!found.model.causal) return { reason: `${found.model.name} is an encoder, and the plan is for models that generate` };
	return { input: found.input };
}
