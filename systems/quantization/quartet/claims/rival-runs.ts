/**
 * Losses of other ways to train in four bits, as the authors of Quartet published them with their code: held-out C4, steps of 262,144 tokens.
 * Claims fit factors to them as to trainings of a user's own; no run reads them. Notebook `plots.ipynb` of
 * github.com/IST-DASLab/Quartet at 5b9d74c, MIT licence.
 */
import type { TrainingRun } from '../law/loss-law.ts';
import { runs } from '../law/published-runs.ts';

/** Steps of the five trainings of 30 million parameters and of the three of 50 million. */
const SMALL_STEPS = [2861, 5722, 11_444, 22_888, 45_776] as const;
const LARGE_STEPS = [4768, 9536, 19_073] as const;

function eight(small: readonly number[], large: readonly number[]): readonly TrainingRun[] {
	return runs({
		'30M': SMALL_STEPS.map((steps, index) => [steps, small[index] as number]),
		'50M': LARGE_STEPS.map((steps, index) => [steps, large[index] as number]),
	});
}

/** Forward and backward products in four bits. */
export const rivalRuns = {
	'LUQ-INT4': eight([3.729, 3.684, 3.658, 3.432, 3.399], [3.712, 3.668, 3.639]),
	'LUQ-FP4': eight([4.806, 4.906, 4.88, 4.842, 4.799], [4.778, 4.86, 4.858]),
	'Jetfire-FP4': eight([7.033, 6.941, 6.759, 6.621, 6.581], [6.939, 6.932, 6.496]),
	'HALO-FP4': eight([6.649, 7.04, 6.551, 6.501, 5.381], [6.565, 6.888, 6.526]),
} as const;

/** Backward products by PMA alone: one training, typed into the cell that fits it. */
export const pmaRuns = runs({ '30M': [[91_552, 3.07244]] });
