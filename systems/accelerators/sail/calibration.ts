/** How far the plans can be trusted: not far, since no such cache has been built. */
import { type Calibration, calibrationError, createRandom } from '@assay/contract';
import { drawActivations, quantiseByToken } from './patterns/activations.ts';
import { lookupsIn, tallyPatterns } from './patterns/pattern-counts.ts';

/** The one figure of the paper's simulator that does not rest on constants which are not public: cycles that patterns save, %. */
const PUBLISHED_SAVING = 13.8;

export const calibration: Calibration = {
	checks: [
		{
			against:
				'the share of lookups that patterns of activations save, published from the authors’ simulator; times and energies of a cache that computes have not been measured by anybody',
			measure: async ({ pause }) => {
				const activations = quantiseByToken(drawActivations('gaussian', 64, 4096, createRandom(0)), 64, 8);
				const shares: number[] = [];
				for (const group of [3, 4]) {
					const tally = await tallyPatterns(activations, group, 8, pause);
					shares.push((100 * tally.mergedAway) / lookupsIn(tally));
				}
				return calibrationError(shares, [PUBLISHED_SAVING, PUBLISHED_SAVING]);
			},
		},
	],
};
