/**
 * The law’s input data, no results: losses that the authors published with their code (held-out C4, by model size, steps of 262,144 tokens, and
 * precision of the products), which the law is fitted to where the user brings no trainings. Notebook `plots.ipynb` of github.com/IST-DASLab/Quartet at 5b9d74c, MIT
 * licence.
 */
import { namedSizes, nonEmbeddingParameters, type SizeName, STEP_TOKENS } from '../recipe/recipe.ts';
import type { TrainingRun } from './loss-law.ts';

type Points = Partial<Readonly<Record<SizeName, readonly (readonly [steps: number, loss: number])[]>>>;

/** Trainings of named sizes, in their order. */
export function runs(points: Points): readonly TrainingRun[] {
	return namedSizes.flatMap((size) =>
		(points[size.name] ?? []).map(([steps, loss]) => ({
			parameters: nonEmbeddingParameters(size),
			tokens: steps * STEP_TOKENS,
			loss,
		})),
	);
}

/** All products in bfloat16. */
export const exactRuns = runs({
	'30M': [
		[2861, 3.41571],
		[5722, 3.29368],
		[11444, 3.20785],
		[22888, 3.147],
		[45776, 3.09895],
		[91552, 3.0609],
		[183105, 3.03114],
	],
	'50M': [
		[4768, 3.24001],
		[9536, 3.14171],
		[19073, 3.0677],
		[38146, 3.01214],
		[76293, 2.97009],
		[152587, 2.93528],
	],
	'100M': [
		[9536, 3.05118],
		[19073, 2.95905],
		[38146, 2.88578],
		[76293, 2.83359],
		[152587, 2.79347],
		[305175, 2.76273],
	],
	'200M': [
		[19073, 2.88419],
		[38146, 2.79835],
		[76293, 2.73594],
	],
	'430M': [[164031, 2.57078]],
	'800M': [[305175, 2.46098]],
});

/** Forward products in MXFP4 by QuEST, backward products in bfloat16. */
export const forwardRuns = runs({
	'30M': [
		[2861, 3.48209],
		[5722, 3.36955],
		[11444, 3.28726],
		[22888, 3.23693],
		[45776, 3.19918],
		[91552, 3.16289],
	],
	'50M': [
		[4768, 3.30821],
		[9536, 3.21191],
		[19073, 3.14552],
		[38146, 3.09955],
		[76293, 3.06232],
		[152587, 3.02732],
	],
	'100M': [
		[9536, 3.11734],
		[19073, 3.0291],
		[38146, 2.9613],
		[76293, 2.9145],
		[152587, 2.87995],
		[305175, 2.84843],
	],
	'200M': [
		[19073, 2.94854],
		[38146, 2.86402],
		[76293, 2.80348],
	],
});

/** Forward products in bfloat16, backward products in MXFP4 by SR AbsMax. */
export const backwardRuns = runs({
	'30M': [
		[2861, 3.4302],
		[5722, 3.30879],
		[11444, 3.22104],
		[22888, 3.15739],
		[45776, 3.11049],
		[91552, 3.0711],
		[183105, 3.04006],
	],
	'50M': [
		[4768, 3.25517],
		[9536, 3.15509],
		[19073, 3.08219],
		[38146, 3.0244],
		[76293, 2.98139],
		[152587, 2.94425],
	],
	'100M': [
		[9536, 3.06675],
		[19073, 2.97427],
		[38146, 2.90044],
		[76293, 2.84596],
		[152587, 2.80412],
		[305175, 2.7713],
	],
	'200M': [
		[19073, 2.89457],
		[38146, 2.80889],
		[76293, 2.74316],
	],
});

/** Both in MXFP4: forward by QuEST, backward by SR AbsMax. */
export const quartetRuns = runs({
	'30M': [
		[2861, 3.50033],
		[5722, 3.38181],
		[11444, 3.29879],
		[22888, 3.24354],
		[45776, 3.20481],
		[91552, 3.16667],
	],
	'50M': [
		[4768, 3.32075],
		[9536, 3.22408],
		[19073, 3.15832],
		[38146, 3.10953],
		[76293, 3.07157],
		[152587, 3.03485],
	],
	'100M': [
		[9536, 3.13147],
		[19073, 3.04042],
		[38146, 2.97248],
		[76293, 2.92403],
		[152587, 2.88647],
		[305175, 2.85331],
	],
	'200M': [
		[19073, 2.96302],
		[38146, 2.87813],
		[76293, 2.81429],
	],
});
