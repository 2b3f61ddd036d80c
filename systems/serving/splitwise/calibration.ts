/** How far the iteration times can be trusted, with a profile and without one. */
import { type Calibration, calibrationError, createRandom } from '@assay/contract';
import { resolveModel } from '@assay/models';
import { predictHeldOut } from './claims/profile-error.ts';
import { publishedMachineTypes } from './machine-type.ts';
import { PhaseCurves } from './performance/phase-curves.ts';
import { publishedProfile } from './performance/published-profiles.ts';
import { readProfileRows } from './performance/read-profile.ts';
import { rooflineProfile } from './performance/roofline.ts';

/** Context of the profile's single sequence. */
const contextTokens = 128;
const profiledModels = [
	['bloom-176b', 'bloom-176b'],
	['llama2-70b', 'llama-2-70b'],
] as const;

export const calibration: Calibration = {
	checks: [
		{
			against:
				'published medians of two models on three servers: prompt times and the token time of one sequence, estimated by the roofline that stands in where there is no profile',
			measure: async () => {
				const measured: number[] = [];
				const predicted: number[] = [];
				for (const [profileName, modelName] of profiledModels) {
					for (const type of publishedMachineTypes) {
						const profile = publishedProfile(profileName, type.hardware);
						if (profile === undefined) continue;
						const peak = {
							flopsPerSecond: type.gpus * type.peak.flopsPerSecond,
							bytesPerSecond: type.gpus * type.peak.bytesPerSecond,
						};
						const estimate = new PhaseCurves(rooflineProfile(resolveModel(modelName), peak, contextTokens), 'roofline');
						for (const [index, tokens] of profile.batchTokens.entries()) {
							measured.push(profile.promptSeconds[index] ?? 0);
							predicted.push(estimate.promptSeconds(tokens));
						}
						// The smallest batch of the profile's token phase is one sequence; larger ones are not said to be how many.
						measured.push(profile.tokenSeconds[0] ?? 0);
						predicted.push(estimate.tokenSeconds(1));
					}
				}
				return calibrationError(predicted, measured);
			},
		},
		{
			against: 'a fifth of 1,260 published profiling rows, predicted from the other four fifths',
			measure: async (context) => {
				const rows = await readProfileRows(await context.open('llm-phase-profiles-dgx'), context.pause);
				const { predicted, measured } = predictHeldOut(rows, createRandom('splitwise claims').fork('holdout'));
				return calibrationError(predicted, measured);
			},
		},
	],
};
