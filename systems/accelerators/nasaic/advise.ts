/** Whether a mixed accelerator would pay off for somebody who designs a chip for a network. */
import type { Advise } from '@assay/contract';
import { InputError } from '@assay/contract';
import { subjectNetwork } from '@assay/models/network';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import { layersOfNetwork } from './networks/layers-of-network.ts';
import type { Outputs } from './outputs.ts';
import { ONE_DATAFLOW } from './run.ts';

/** Latency and energy that never bind: advice is about the mix, not about a budget that nobody named. The area is the paper's. */
const WIDE = 1e14;
const AREA = 4e9;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'design-chip') return { reason: 'NASAIC is about chips that are being designed' };
		const found = subjectNetwork(subject);
		if ('reason' in found) return found;
		try {
			layersOfNetwork(found.network, ['model']);
		} catch (error) {
			if (error instanceof InputError) return { reason: error.message };
			throw error;
		}
		return {
			inputs: {
				task1: { kind: 'network', network: found.input },
				task2: { kind: 'none' },
				limits: { latency: WIDE, energy: WIDE, area: AREA },
				search: { episodes: 30, oneDataflow: true },
			},
		};
	},
	assess({ chip, rivals, design }) {
		const kinds = new Set(chip.map(({ dataflow }) => dataflow));
		if (kinds.size < 2) return { reason: 'the best chip that was found has one dataflow' };
		const rival = rivals.find(({ method }) => method === ONE_DATAFLOW);
		if (rival === undefined) return { reason: 'no chip of one dataflow was searched beside the mixed one' };
		const gain = { energy: rival.energy / design.energy, latency: rival.latency / design.latency };
		if (gain.energy < 1 || gain.latency < 1)
			return { reason: 'no mixed chip was found that is better in energy and latency than the best of one dataflow' };
		return {
			gain,
			against: `the best chip of one dataflow on the same area, of as many that were tried: ${rival.chip}`,
			costs: {
				hardware: `two kinds of arrays on one chip: ${[...kinds].join(' and ')}`,
				effort: 'a compiler that serves both dataflows',
			},
			unchecked: 'the cost model agrees with MAESTRO, another model; nobody has compared these chips with silicon',
		};
	},
};
