/** Whether training in MXFP4 would pay off for a model that is to be trained on a machine. */
import type { Advise } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Tokens for each parameter that models of these years are trained on, between the compute-optimal 20 and Llama 3's 200 to 1900. */
const USUAL_RATIO = 200;
/** A smaller speed-up is within what the law's fit leaves open. */
const WORTHWHILE = 1.02;
/** Largest model that the law was fitted to. */
const COVERED_PARAMETERS = 822_151_168;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'train')
			return { reason: 'Quartet trains from the beginning; the law says nothing of fine-tuning or serving' };
		const found = subjectModel(subject);
		if ('reason' in found) return found;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { device } = machine.cluster;
		const { fp4, fp8 } = device.peakOpsPerSecond;
		if (fp4 === undefined) return { reason: `${device.name} has no 4-bit floating-point units` };
		if (fp8 === undefined) return { reason: `no 8-bit rate is known of ${device.name} to compare with` };
		const faster = fp4 / fp8;
		if (faster <= 1) return { reason: `4-bit products are no faster than 8-bit ones on ${device.name}` };
		const { activePerToken } = parameterCount(found.model);
		return {
			inputs: {
				model: found.input,
				tokens: Math.min(9e15, Math.max(1e6, USUAL_RATIO * activePerToken)),
				speeds: { source: 'given', forward: Math.min(100, faster), backward: Math.min(100, faster) },
				law: { bootstrap: 0 },
			},
		};
	},
	assess({ plan }) {
		if (plan === null) return { reason: 'the run predicted nothing' };
		const pair = plan.pairs.find((one) => one.pair === 'FP4:FP4');
		const speed = pair?.equalLossSpeed ?? null;
		if (speed === null) return { reason: 'all in FP4 never reaches the loss that FP8 reaches on these tokens' };
		if (!(speed >= WORTHWHILE))
			return {
				reason: `all in FP4 takes ${speed > 0 ? `${(1 / speed).toPrecision(3)} times` : 'far more than'} the time of FP8 to the same loss`,
			};
		return {
			gain: { throughput: speed },
			against: `training with 8-bit products to the same loss; the 4-bit model has ${plan.speeds.forward.toPrecision(3)} times the parameters, for the same cost to serve`,
			costs: {
				quality: 'none at the same loss; at the same size and tokens the loss is higher',
				hardware: 'processors that multiply MXFP4, and kernels that fuse rotation and quantisation (qutlass)',
				effort: 'replace the linear layers of the trainer; keep float32 master weights',
			},
			unchecked: `the speed is the ratio of peak rates, which measured kernels do not reach${
				plan.subject.parameters > COVERED_PARAMETERS
					? '; the largest model that was trained to fit the law has 0.8 billion parameters'
					: ''
			}; 8-bit training is taken for exact, and ${USUAL_RATIO} tokens a parameter are assumed`,
		};
	},
};
