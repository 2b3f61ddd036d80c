/** What sorted four-bit keys would bring to somebody who serves a model. */
import type { Advise } from '@assay/contract';
import { subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Longer sequences than this are rare enough not to plan for. */
const LONGEST_TOKENS = 32_768;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'serve' && subject.goal !== 'edge')
			return { reason: 'it is about the cache of keys and values of a model that generates, which only serving has' };
		const found = subjectModel(subject);
		if ('reason' in found) return found;
		const { model, input } = found;
		if (!model.causal) return { reason: `${model.name} generates nothing and caches no keys` };
		const { attention } = model;
		if (attention.kind === 'latent')
			return { reason: `${model.name} caches a latent for all heads, in which there is nothing to sort` };
		if (attention.headDim < 4) return { reason: `heads of ${attention.headDim} channels hold no two blocks` };
		return {
			inputs: {
				model: input,
				contextTokens: Math.min(model.contextTokens, LONGEST_TOKENS),
				generated: { headDim: attention.headDim, outlierPairs: Math.min(3, Math.floor(attention.headDim / 4)) },
			},
		};
	},
	assess({ memory, worstScoreError, format }) {
		const [before, , paper] = memory;
		if (before === undefined || paper === undefined || !(paper.overSixteenBits > 0))
			return { reason: 'the run compared no memory' };
		return {
			gain: { memory: paper.overSixteenBits },
			against: 'the cache of keys and values alone, in 16 bits; weights are as before',
			unchecked: `bytes are exact; that accuracy holds is not known of this model: with drawn outliers the scores’ error is up to ${Number(worstScoreError.toPrecision(2))}. Run it on the model’s weights (source weights) or on captured keys`,
			costs: {
				quality: `keys of ${format.mantissaBits} bits, values of 8; a run on the weights tells which heads need more`,
				hardware: 'products of block floating point: d-Matrix’s chips have them; elsewhere keys are widened as they are read',
				effort: 'weights rewritten once in minutes, and a runtime that turns keys with one table for each head',
			},
		};
	},
};
