/**
 * The models of the paper's evaluation, as its scripts configure them: Llama's architecture with a padded vocabulary of 50,304,
 * sequences of 2,048 tokens. A label does not state the size: "20B" has 15.3 billion parameters, "8.3B" has 9.1.
 */
import { attentionKind, parseTransformerModel, type TransformerModel } from '@assay/models';

/** A model under the paper's label. */
export interface PublishedModel {
	/** Name among the inputs. */
	readonly name: string;
	/** Parameters that the label claims; the paper's updates per second divide this by the time. */
	readonly labelParameters: number;
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly width: number;
	readonly kvHeads: number;
}

/** Sequence length of all runs. */
export const sequenceTokens = 2048;

const vocabulary = 50_304;

export const publishedModels: readonly PublishedModel[] = [
	{ name: 'dos-7b', labelParameters: 7e9, layers: 32, hidden: 4096, heads: 32, width: 11008, kvHeads: 4 },
	{ name: 'dos-8.3b', labelParameters: 8.3e9, layers: 72, hidden: 3072, heads: 32, width: 11008, kvHeads: 4 },
	{ name: 'dos-10b', labelParameters: 10e9, layers: 50, hidden: 4096, heads: 32, width: 12400, kvHeads: 4 },
	{ name: 'dos-13b', labelParameters: 13e9, layers: 40, hidden: 5120, heads: 40, width: 13824, kvHeads: 4 },
	{ name: 'dos-20b', labelParameters: 20e9, layers: 40, hidden: 5120, heads: 64, width: 20480, kvHeads: 4 },
	{ name: 'dos-20b-a100', labelParameters: 20e9, layers: 64, hidden: 4096, heads: 256, width: 16384, kvHeads: 16 },
	{ name: 'dos-30b', labelParameters: 30e9, layers: 60, hidden: 6656, heads: 52, width: 17920, kvHeads: 4 },
	{ name: 'dos-70b', labelParameters: 70e9, layers: 80, hidden: 8192, heads: 64, width: 28672, kvHeads: 4 },
];

/** The published model of that name, or undefined. */
export function findPublishedModel(name: string): PublishedModel | undefined {
	return publishedModels.find((model) => model.name === name.trim().toLowerCase());
}

/** Its full description. */
export function describePublishedModel(model: PublishedModel): TransformerModel {
	const { name, layers, hidden, heads, kvHeads, width } = model;
	return parseTransformerModel({
		name,
		family: 'Llama',
		source: 'scripts of the evaluation, github.com/DataStates/artifacts',
		layers,
		hidden,
		attention: { kind: attentionKind(heads, kvHeads), heads, kvHeads, headDim: hidden / heads },
		feedForward: { kind: 'gated', width },
		vocabulary,
		contextTokens: sequenceTokens,
		outputHead: 'untied',
		position: { kind: 'rotary' },
		norms: { kind: 'rms-norm', perLayer: 2 },
		parametersDtype: 'bf16',
	});
}
