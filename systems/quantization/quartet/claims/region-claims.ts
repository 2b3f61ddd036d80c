/** Claims on which precision is the best for known models. */
import type { Claim, ClaimContext } from '@assay/contract';
import { bestPair, type PrecisionPair, predictPairs } from '../regions/precision-map.ts';
import { referenceModels } from '../regions/reference-models.ts';
import { rtx5090Speeds } from '../regions/rtx-5090.ts';
import { constantSpeeds, interpolatedSpeeds, type SpeedsOf } from '../regions/speeds.ts';
import { fittedLaw } from './fitted-law.ts';

const ideal = constantSpeeds(2, 2);
const measured = interpolatedSpeeds(rtx5090Speeds);
const WHERE = 'follows from the published law, factors and speeds';

async function predict(context: ClaimContext, speedsOf: SpeedsOf) {
	const { fit, separate } = await fittedLaw(context);
	return referenceModels.map(({ parameters, tokens }) =>
		predictPairs(fit.law, separate, speedsOf(parameters), parameters, tokens),
	);
}

const labels = (
	id: string,
	says: string,
	value: number,
	speedsOf: SpeedsOf,
	pair: PrecisionPair,
	of: readonly number[],
): Claim => ({
	id,
	says,
	published: { value, unit: 'models', where: WHERE },
	evidence: 'simulated',
	tolerance: { absolute: 0.5, because: 'a number of models is right or wrong' },
	effort: 'seconds',
	measure: async (context) => {
		const all = await predict(context, speedsOf);
		return of.filter((index) => bestPair(all[index] ?? []) === pair).length;
	},
});

const loss = (id: string, pair: PrecisionPair, value: number): Claim => ({
	id,
	says: `Llama 3 70B on 15 trillion tokens with ideal speeds, ${pair}: predicted loss.`,
	published: { value, unit: 'nats', where: WHERE },
	evidence: 'simulated',
	tolerance: { absolute: 2e-4, because: 'four decimals are given, and the law is fitted anew' },
	effort: 'seconds',
	measure: async (context) => (await predict(context, ideal))[0]?.find((one) => one.pair === pair)?.loss ?? Number.NaN,
});

export const regionClaims: readonly Claim[] = [
	labels('Q7', 'With ideal speeds all in FP4 is the best for all six named models.', 6, ideal, 'FP4:FP4', [0, 1, 2, 3, 4, 5]),
	loss('Q7-fp8', 'FP8:FP8', 1.8769),
	loss('Q7-forward', 'FP4:FP8', 1.8803),
	loss('Q7-backward', 'FP8:FP4', 1.8691),
	loss('Q7-both', 'FP4:FP4', 1.8668),
	labels(
		'Q8-both',
		'With the speeds of an RTX 5090 all in FP4 is the best for Llama 3 70B, Qwen2.5 72B and Gemma 3 27B.',
		3,
		measured,
		'FP4:FP4',
		[0, 1, 2],
	),
	labels('Q8-forward', 'FP4 forward alone is for Gemma 3 12B and 4B.', 2, measured, 'FP4:FP8', [3, 4]),
	labels('Q8-fp8', 'All in FP8 is for Gemma 3 1B.', 1, measured, 'FP8:FP8', [5]),
];
