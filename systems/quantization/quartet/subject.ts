/** The model whose training is planned: a number of parameters, a Llama-2-style shape, or a model with its linear layers. */
import { InputError, type RunContext } from '@assay/contract';
import { parameterCount, readModel } from '@assay/models';
import type { Inputs } from './inputs.ts';
import { hiddenWidth, nonEmbeddingParameters } from './recipe/recipe.ts';

export interface Subject {
	readonly name: string;
	/** Without embedding and head. */
	readonly parameters: number;
	/** Inputs of all linear layers that backward needs, in values for each token; null where only a number of parameters is known. */
	readonly keptPerToken: number | null;
	readonly notes: readonly string[];
}

/** Raises an InputError for half a shape, and for models and files as `readModel` does. */
export async function resolveSubject({ size, model: input }: Inputs, context: Pick<RunContext, 'open'>): Promise<Subject> {
	const { parameters, layers, width } = size;
	if (parameters !== undefined) return { name: 'a model of your size', parameters, keptPerToken: null, notes: [] };
	if (layers !== undefined || width !== undefined) {
		if (layers === undefined || width === undefined)
			throw new InputError({
				path: ['size', layers === undefined ? 'layers' : 'width'],
				found: 'nothing',
				expected: 'both layers and width, or neither',
				nearest: layers === undefined ? '1' : '32',
			});
		return {
			name: `${layers} blocks of width ${width}`,
			parameters: nonEmbeddingParameters({ layers, width }),
			keptPerToken: layers * (3 * width + hiddenWidth(width)),
			notes: [],
		};
	}
	const model = await readModel(input, context);
	const { total, embedding, position, head } = parameterCount(model);
	const active = model.experts === null ? 1 : parameterCount(model).activePerToken / total;
	const feedForward = model.experts === null ? model.feedForward.width : model.experts.activePerToken * model.experts.width;
	return {
		name: model.name,
		parameters: (total - embedding - position - head) * active,
		keptPerToken: model.layers * (3 * model.hidden + feedForward),
		notes:
			model.experts === null
				? []
				: [`${model.name} has experts; the law knows dense models alone, and is given the parameters that a token visits.`],
	};
}
