/**
 * How far predictions can be trusted: two sets of published measurements, predicted anew. The published memory figures are no third: they come
 * from the formula that is used here.
 */
import type { Calibration } from '@assay/contract';
import { heldOutPredictions } from './claims/predict-amp.ts';
import { heldOutErrors, timeErrors } from './claims.ts';

export const calibration: Calibration = {
	checks: [
		{
			against:
				'iteration times of four Megatron models (22B to 1T) on 8 to 512 A100, with selective and full recomputation (Korthikanti et al.)',
			measure: async () => timeErrors(),
		},
		{
			against: 'iteration times of 47 settings of GPT-2 on 16 T4, each predicted with constants fitted to the 46 others (AMP)',
			measure: async (context) => heldOutErrors(await context.once('held out', () => heldOutPredictions(context.pause))),
		},
	],
};
