/**
 * Keeps layers in float until so many decisions stay: those with the largest share of the noise at the logits first. It is judged on the samples that give
 * the ranges, so that the others measure what it is worth.
 */
import { InputError, type RunContext } from '@assay/contract';
import { diagnoseLayers } from '../diagnose/layer-diagnosis.ts';
import { qualityOf, type Reference } from '../diagnose/quality.ts';
import type { Inputs } from '../inputs.ts';
import type { FloatModel } from '../model/float-model.ts';
import type { Outputs } from '../outputs.ts';
import { floatLayer } from '../quantize/quantized-network.ts';
import { observation, writeQdq } from '../quantize/write-qdq.ts';
import type { Quantized, Recipe, RecipeBook } from './recipe.ts';

/** Samples that layers are ranked with. */
const RANKED_WITH = 3;
/** How much more layers the next try keeps. */
const GROWTH = 1.5;
/** With more of the weights in float, 8 bits hardly pay. */
const MOST_FLOAT = 0.5;

export interface KeptFloat {
	readonly recipe: Recipe;
	readonly search: NonNullable<Outputs['search']>;
}

/** Undefined where no target is set. `reference`: the samples that give the ranges. Raises an InputError where there is nothing to search. */
export async function keepFloat(
	book: RecipeBook,
	recipe: Recipe,
	model: FloatModel,
	reference: () => Promise<Reference>,
	{ repairs, policy, training }: Pick<Inputs, 'repairs' | 'policy' | 'training'>,
	context: RunContext,
): Promise<KeptFloat | undefined> {
	if (repairs.target === 0) return undefined;
	if (policy.scheme !== 'static' || training.steps > 0)
		throw new InputError({
			path: ['repairs', 'target'],
			found: `${repairs.target} with ${training.steps > 0 ? 'training' : `the scheme ${policy.scheme}`}`,
			expected: 'the scheme static without training, whose layers can stay float one by one',
		});
	const target = repairs.target / 100;
	const exact = await reference();
	const agreementOf = async ({ network }: Quantized): Promise<number> => {
		const { name, options } = observation(network, exact.tensor);
		return (await qualityOf(writeQdq(network, options), name, model, exact, context)).agreement;
	};
	const plain = await book.quantize(recipe);
	const few = { ...exact, samples: exact.samples.slice(0, RANKED_WITH), logits: exact.logits.slice(0, RANKED_WITH) };
	const noise = await diagnoseLayers(plain.network, few, context, () => undefined);
	const ranked = noise
		.toSorted((a, b) => b.lossShare - a.lossShare)
		.map(({ unit }) => ({ name: unit.name, weights: floatLayer(plain.network.model, unit).weights.length }));
	const all = ranked.reduce((sum, { weights }) => sum + weights, 0);
	const tried: { kept: string[]; floatShare: number; agreement: number }[] = [];
	for (let count = 0; count <= ranked.length; count = Math.max(count + 1, Math.floor(count * GROWTH))) {
		const kept = ranked.slice(0, count);
		const floatShare = kept.reduce((sum, { weights }) => sum + weights, 0) / Math.max(1, all);
		if (floatShare > MOST_FLOAT) break;
		const names = kept.map(({ name }) => name);
		const agreement = await agreementOf(await book.quantize({ ...recipe, keptFloat: new Set([...recipe.keptFloat, ...names]) }));
		tried.push({ kept: names, floatShare, agreement });
		if (agreement >= target) break;
	}
	// Of those that are as good, the one with the fewest layers.
	const best = tried.reduce((one, other) => (other.agreement > one.agreement ? other : one));
	return {
		recipe: { ...recipe, keptFloat: new Set([...recipe.keptFloat, ...best.kept]) },
		search: {
			target,
			isReached: best.agreement >= target,
			kept: best.kept,
			tried: tried.map(({ kept, floatShare, agreement }) => ({ layers: kept.length, floatShare, agreement })),
		},
	};
}
