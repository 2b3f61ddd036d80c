/** How far the law can be trusted: against losses that it was not fitted to. */
import { type Calibration, calibrationError } from '@assay/contract';
import { fitEfficiency } from './law/fit-efficiency.ts';
import { fitLaw } from './law/fit-law.ts';
import { predictLoss, type TrainingRun } from './law/loss-law.ts';
import { backwardRuns, exactRuns, forwardRuns, quartetRuns } from './law/published-runs.ts';

/** The largest of the smaller models; the three larger ones are predicted. */
const SMALL = 103e6;
const lossesOf = (runs: readonly TrainingRun[]) => runs.map(({ loss }) => loss);

export const calibration: Calibration = {
	checks: [
		{
			against:
				'5 losses of 200M to 800M parameters in bfloat16, published by the authors, predicted by a law fitted to their 30M to 100M models alone',
			measure: async ({ pause }) => {
				const { law } = await fitLaw(
					exactRuns.filter(({ parameters }) => parameters < SMALL),
					{ pause },
				);
				const larger = exactRuns.filter(({ parameters }) => parameters >= SMALL);
				return calibrationError(
					larger.map(({ parameters, tokens }) => predictLoss(law, parameters, tokens)),
					lossesOf(larger),
				);
			},
		},
		{
			against:
				'21 losses of 30M to 200M parameters with all products in MXFP4, published by the authors; the factors were fitted to trainings with only forward or only backward products in MXFP4',
			measure: async ({ pause }) => {
				const { law } = await fitLaw(exactRuns, { pause });
				const efficiency = {
					parameters: fitEfficiency(law, forwardRuns, 'parameters').parameters,
					tokens: fitEfficiency(law, backwardRuns, 'tokens').tokens,
				};
				return calibrationError(
					quartetRuns.map(({ parameters, tokens }) => predictLoss(law, parameters, tokens, efficiency)),
					lossesOf(quartetRuns),
				);
			},
		},
	],
};
