/** The eight models of the paper's evaluation; those that the zoo lacks under the names that it gives them. */

import type { RunContext } from '@assay/contract';
import { type ModelInput, readHuggingFaceConfig, readModel, resolveModel, type TransformerModel } from '@assay/models';

/** Sizes of GPT-3 by Brown et al. (table 2.1); its XL has 24 heads of 128 there, which do not make 2048, so 16. */
const gpt3Sizes = {
	'gpt3-small': { n_layer: 12, n_embd: 768, n_head: 12 },
	'gpt3-medium': { n_layer: 24, n_embd: 1024, n_head: 16 },
	'gpt3-large': { n_layer: 24, n_embd: 1536, n_head: 16 },
	'gpt3-xl': { n_layer: 24, n_embd: 2048, n_head: 16 },
} as const;

export const paperModelNames = [
	'gpt2',
	'gpt2-medium',
	'gpt2-large',
	'gpt2-xl',
	'gpt3-small',
	'gpt3-medium',
	'gpt3-large',
	'gpt3-xl',
] as const;

/** One of the paper's models, or any that the zoo knows. Raises an `InputError` for an unknown name. */
export function namedModel(name: string): TransformerModel {
	const size = Object.entries(gpt3Sizes).find(([known]) => known === name.trim().toLowerCase());
	if (size === undefined) return resolveModel(name, ['model', 'name']);
	return readHuggingFaceConfig(
		{ model_type: 'gpt2', vocab_size: 50257, n_positions: 2048, torch_dtype: 'bfloat16', ...size[1] },
		size[0],
	);
}

/** The model of a run. */
export async function readSubjectModel(input: ModelInput, context: Pick<RunContext, 'open'>): Promise<TransformerModel> {
	return input.config === undefined ? namedModel(input.name) : readModel(input, context);
}
