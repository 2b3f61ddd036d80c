/** Normalisations and softmax, and those that runtimes fuse with what stands before them. */
import { sameAsFirst } from './elementwise.ts';
import { type Operator, type ShapeRule, unknown } from './operator.ts';

/** With running statistics, which only training writes. */
const batchNormalisation: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 2);
	const channels = unknown(data.elementType, [data.shape[1] as number]);
	return [unknown(data.elementType, data.shape), channels, channels, channels, channels];
};

/** The output, then mean and inverse deviation of each row. */
const layerNormalisation: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const axis = operator.axis(operator.int('axis', -1), data.shape.length);
	const rows = unknown(
		'float32',
		data.shape.map((size, i) => (i < axis ? size : 1)),
	);
	return [unknown(data.elementType, data.shape), rows, rows];
};

/** The output, mean and inverse deviation, and the sum that was normalised. */
const skipNormalisation: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 2);
	const rows = unknown('float32', [...data.shape.slice(0, -1), 1]);
	const sum = unknown(data.elementType, operator.broadcast([data.shape, operator.input(1).shape]));
	return [sum, rows, rows, sum];
};

/** Sum of two or three embeddings, normalised: the output, lengths from the mask, the sum. */
const embeddingNormalisation: ShapeRule = (operator) => {
	const tokens = operator.inputOfRank(0, 2, 2);
	const table = operator.inputOfRank(2, 2, 2);
	const output = unknown(table.elementType, [...tokens.shape, table.shape[1] as number]);
	return [output, unknown('int32', [tokens.shape[0] as number]), output];
};

const sameAs =
	(index: number): ShapeRule =>
	(operator: Operator) => [unknown(operator.input(index).elementType, operator.input(index).shape)];

export const normalisationRules: Record<string, ShapeRule> = {
	BatchNormalization: batchNormalisation,
	LayerNormalization: layerNormalisation,
	RMSNormalization: sameAsFirst,
	GroupNormalization: sameAsFirst,
	InstanceNormalization: sameAsFirst,
	LpNormalization: sameAsFirst,
	LRN: sameAsFirst,
	MeanVarianceNormalization: sameAsFirst,
	SimplifiedLayerNormalization: layerNormalisation,
};

export const softmaxRules: Record<string, ShapeRule> = { Softmax: sameAsFirst, LogSoftmax: sameAsFirst, Hardmax: sameAsFirst };

export const fusedNormalisationRules: Record<string, ShapeRule> = {
	SkipLayerNormalization: skipNormalisation,
	SkipSimplifiedLayerNormalization: skipNormalisation,
	GroupNorm: sameAs(0),
};

export const embeddingRules: Record<string, ShapeRule> = { EmbedLayerNormalization: embeddingNormalisation };
