/** Whether wider groups would pay off for somebody who designs an array for a network. */
import type { Advise } from '@assay/contract';
import { subjectNetwork } from '@assay/models/network';
import type { z } from 'zod';
import { isDepthwise } from './convolution.ts';
import type { inputs } from './inputs.ts';
import { layersOfNetwork } from './layers-of-network.ts';
import type { Outputs } from './outputs.ts';

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'design-chip') return { reason: 'DRACO is about networks on an array that is being designed or chosen' };
		const found = subjectNetwork(subject);
		if ('reason' in found) return found;
		const { network, input } = found;
		const hasConvolutions = network.layers.some(({ kind }) => kind === 'convolution');
		if (!hasConvolutions || !layersOfNetwork(network, false).some(isDepthwise))
			return { reason: `${network.name} has no depthwise convolutions to widen` };
		return { inputs: { network: input } };
	},
	assess({ evaluation }) {
		if (evaluation === null) return { reason: 'the run evaluated nothing' };
		const { before, after, array } = evaluation;
		const latency = before.cycles / after.cycles;
		if (latency <= 1) return { reason: 'wider groups do not make it faster on an array of 64 x 64' };
		return {
			gain: { latency, throughput: latency, energy: before.energy / after.energy },
			against: `the unchanged network on the same array of ${array.rows} x ${array.columns}, ${array.dataflow}`,
			costs: {
				quality:
					'the network must be trained again; the paper reports negligible loss on ImageNet, which was not checked, and small trainings here could not tell',
				effort: `${(after.weights / before.weights).toPrecision(3)} times the weights in its convolutions; training`,
			},
			unchecked: 'accuracy after the change, which only training tells; waiting for DRAM, whose bandwidth is not given',
		};
	},
};
