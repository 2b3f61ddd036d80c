/** How far the plans can be trusted: not far, since no such cache has been built. */
import { type Calibration, calibrationError, createRandom } from '@assay/contract';
import { drawActivations, quantiseByToken } from './patterns/activations.ts';
import { countPatterns } from './patterns/pattern-counts.ts';

/** The one figure of the paper's simulator that does not rest on constants which are not public: cycles that patterns save, %. */
const PUBLISHED_SAVING = 13.8;

export const calibration: Calibration = {
	checks: [
		{
			against:
				'the share of lookups that patterns of activations save, published from the authors’ simulator; times and energies of a cache that computes have not been measured by anybody',
			measure: async () => {
				const activations = quantiseByToken(drawActivations('gaussian', 64, 4096, createRandom(0)), 64, 8);
				const shares = [3, 4].map((group) => {
					const shape = { group, weightBits: 4, activationBits: 8, scaleGroup: 128, tokens: 1 };
					const { mergedAway, lookups } = countPatterns(activations, shape);
					return (100 * mergedAway) / lookups;
				});
				return calibrationError(shares, [PUBLISHED_SAVING, PUBLISHED_SAVING]);
			},
		},
	],
};
