/** Each repair by itself, measured on the same samples. */

import type { LayerNoise } from '../diagnose/layer-diagnosis.ts';
import type { Quality } from '../diagnose/quality.ts';
import type { Outputs } from '../outputs.ts';
import type { Recipe } from './recipe.ts';

const CLIP_PERCENTILE = 99.99;
/** Layers that are kept float where that is tried: those with the largest shares. */
const KEPT = 3;

interface Trial {
	readonly name: string;
	readonly says: string;
	readonly recipe: Recipe;
}

/** What could be changed about a recipe. `noise`: of the layers, where it is known. */
export function repairsOf(recipe: Recipe, noise: readonly LayerNoise[]): Trial[] {
	const worst = noise
		.toSorted((a, b) => b.lossShare - a.lossShare)
		.slice(0, KEPT)
		.map(({ unit }) => unit.name);
	const trials: (Trial | undefined)[] = [
		recipe.granularity === 'tensor'
			? {
					name: 'scale-per-channel',
					says: 'a scale for each output channel of weights',
					recipe: { ...recipe, granularity: 'channel' },
				}
			: undefined,
		recipe.method === 'percentile' && recipe.percentile <= CLIP_PERCENTILE
			? undefined
			: {
					name: 'clip-ranges',
					says: `ranges that leave out ${(100 - CLIP_PERCENTILE).toFixed(2)} % of the values`,
					recipe: { ...recipe, method: 'percentile', percentile: CLIP_PERCENTILE },
				},
		recipe.method === 'least-squares'
			? undefined
			: { name: 'least-squares-ranges', says: 'ranges of least square error', recipe: { ...recipe, method: 'least-squares' } },
		recipe.equalise
			? undefined
			: { name: 'equalise', says: 'neighbouring layers’ ranges made alike', recipe: { ...recipe, equalise: true } },
		recipe.correctBiases
			? undefined
			: {
					name: 'correct-biases',
					says: 'the mean error of rounded weights taken back in the biases',
					recipe: { ...recipe, correctBiases: true },
				},
		recipe.correctBiases && recipe.method === 'percentile'
			? undefined
			: {
					name: 'clip-and-correct',
					says: 'the clipped ranges and the corrected biases together',
					recipe: { ...recipe, method: 'percentile', percentile: CLIP_PERCENTILE, correctBiases: true },
				},
		worst.length === 0
			? undefined
			: {
					name: 'keep-float',
					says: `${worst.join(', ')} kept in float`,
					recipe: { ...recipe, keptFloat: new Set([...recipe.keptFloat, ...worst]) },
				},
	];
	return trials.filter((trial) => trial !== undefined);
}

export function repairRow({ name, says }: Trial, quality: Quality, before: Quality): Outputs['repairs'][number] {
	const gain =
		quality.logitDecibels === null || before.logitDecibels === null ? null : quality.logitDecibels - before.logitDecibels;
	return { name, says, quality, gainDecibels: gain };
}
