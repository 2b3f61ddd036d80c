/** What a token meets on its way through a decoder: matrices, heads, functions. */
import { InputError } from '@assay/contract';
import { parameterCount, type TransformerModel } from '@assay/models';

export const layerMatrixNames = ['query-key-value', 'projection', 'feed-forward up', 'feed-forward down'] as const;
export type LayerMatrixName = (typeof layerMatrixNames)[number];

export interface MatrixShape {
	readonly inputs: number;
	readonly outputs: number;
}

export interface Decoder {
	readonly name: string;
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly kvHeads: number;
	readonly headDim: number;
	/** The first `layers` layers attend to no more than so many tokens; which ones does not matter to their number. */
	readonly window: { readonly tokens: number; readonly layers: number } | null;
	/** Queries, keys and values are one matrix; gate and up of a gated feed-forward are one too. */
	readonly matrices: Readonly<Record<LayerMatrixName, MatrixShape>>;
	readonly feedForwardWidth: number;
	readonly gated: boolean;
	readonly rmsNorm: boolean;
	readonly normsPerLayer: number;
	readonly finalNorm: boolean;
	readonly embeddingNorm: boolean;
	readonly rotary: boolean;
	readonly vocabulary: number;
	/** Width of the token embedding, and of what the head multiplies. */
	readonly embeddingWidth: number;
	/** The head is the embedding's own table. */
	readonly tied: boolean;
	/** Rows of a table of positions; 0: none. */
	readonly positions: number;
	readonly contextTokens: number;
	/** Biases and norms of a layer, the final norm's share included. */
	readonly functionWords: number;
	readonly parameters: number;
}

/** Raises an `InputError` for what the mapping has no place for: encoders, latent attention, experts. */
export function describeDecoder(model: TransformerModel): Decoder {
	const refuse = (found: string, expected: string): InputError => new InputError({ path: ['model'], found, expected });
	if (!model.causal || model.outputHead === 'pooler')
		throw refuse(`${model.name}, an encoder`, 'a decoder, which generates tokens one by one');
	if (model.experts !== null)
		throw refuse(`${model.name}, a mixture of experts`, 'a dense model: which experts a token meets is not known beforehand');
	const { attention, feedForward, hidden, norms } = model;
	if (attention.kind === 'latent')
		throw refuse(`${model.name}, with latent attention`, 'multi-head, grouped-query or multi-query attention');
	const { heads, kvHeads, headDim, slidingWindow } = attention;
	const gated = feedForward.kind === 'gated';
	const matrices = {
		'query-key-value': { inputs: hidden, outputs: (heads + 2 * kvHeads) * headDim },
		projection: { inputs: heads * headDim, outputs: hidden },
		'feed-forward up': { inputs: hidden, outputs: (gated ? 2 : 1) * feedForward.width },
		'feed-forward down': { inputs: feedForward.width, outputs: hidden },
	};
	const count = parameterCount(model);
	const inMatrices = Object.values(matrices).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
	return {
		name: model.name,
		layers: model.layers,
		hidden,
		heads,
		kvHeads,
		headDim,
		window: slidingWindow,
		matrices,
		feedForwardWidth: feedForward.width,
		gated,
		rmsNorm: norms.kind === 'rms-norm',
		normsPerLayer: norms.perLayer,
		finalNorm: norms.final,
		embeddingNorm: norms.embedding,
		rotary: model.position.kind === 'rotary',
		vocabulary: model.vocabulary,
		embeddingWidth: model.embeddingWidth ?? hidden,
		tied: model.outputHead === 'tied',
		positions: model.position.kind === 'learned' ? model.position.positions : 0,
		contextTokens: model.contextTokens,
		functionWords: Math.ceil((count.attention + count.feedForward + count.norms) / model.layers - inMatrices),
		parameters: count.total,
	};
}

/** Tokens that a layer attends to when the sequence has `tokens`, the new one included. */
export function attendedTokens({ window }: Pick<Decoder, 'window'>, layer: number, tokens: number): number {
	return window !== null && layer < window.layers ? Math.min(tokens, window.tokens) : tokens;
}
