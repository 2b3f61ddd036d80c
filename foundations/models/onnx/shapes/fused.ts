/** Elementwise operators that onnxruntime fuses, and a few of its own. */
import { sameAsFirst } from './elementwise.ts';
import { type ShapeRule, unknown } from './operator.ts';

/** A sum of two operands and a function of it. */
const biased: ShapeRule = (operator) => {
	const [data, bias] = [operator.input(0), operator.optional(1)];
	const shape = bias === null ? data.shape : operator.broadcast([data.shape, bias.shape]);
	return [unknown(data.elementType, shape)];
};

/** The biased input's first half times a function of its second. */
const biasedGate: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const width = data.shape[data.shape.length - 1] as number;
	return [unknown(data.elementType, [...data.shape.slice(0, -1), width / 2])];
};

export const fusedElementwiseRules: Record<string, ShapeRule> = {
	BiasGelu: biased,
	FastGelu: biased,
	BiasAdd: biased,
	BiasSplitGelu: biasedGate,
	Gelu: sameAsFirst,
	QuickGelu: sameAsFirst,
	RotaryEmbedding: sameAsFirst,
};
