/** Conversions between real and quantised numbers, and elementwise operators on quantised numbers. */

import { sameAsFirst } from './elementwise.ts';
import { concatenated } from './layout.ts';
import { type ShapeRule, unknown } from './operator.ts';

/** The zero point says the type, else an attribute, else it is uint8. */
const quantise: ShapeRule = (operator) => {
	const data = operator.input(0);
	const type = operator.optional(2)?.elementType ?? operator.type('output_dtype', 'uint8');
	return [unknown(type, data.shape)];
};

const dequantise: ShapeRule = (operator) => {
	const { shape, values } = operator.input(0);
	const scale = operator.input(1);
	const zero = operator.optional(2);
	const [s, z] = [scale.values?.[0], zero === null ? 0 : zero.values?.[0]];
	const perTensor = scale.shape.length === 0 && s !== undefined && z !== undefined;
	return [
		{
			elementType: operator.type('output_dtype', scale.elementType),
			shape,
			values: values !== null && perTensor ? values.map((one) => Math.fround((one - z) * s)) : null,
		},
	];
};

/** Quantised values, their scale and their zero point. */
const dynamicQuantise: ShapeRule = (operator) => [
	unknown('uint8', operator.input(0).shape),
	unknown('float32', []),
	unknown('uint8', []),
];

/** Two operands with scale and zero point each. */
const quantisedBinary: ShapeRule = (operator) => {
	const [a, b] = [operator.input(0), operator.input(3)];
	return [unknown(a.elementType, operator.broadcast([a.shape, b.shape]))];
};

/** After the output's scale and zero point come triples: operand, scale, zero point. */
const quantisedConcat: ShapeRule = (operator) => {
	const parts = operator.inputs.flatMap((_, index) => (index >= 2 && (index - 2) % 3 === 0 ? [operator.input(index)] : []));
	const { elementType, shape } = concatenated(operator, parts, operator.int('axis'));
	return [unknown(elementType, shape)];
};

export const quantisationRules: Record<string, ShapeRule> = {
	QuantizeLinear: quantise,
	DequantizeLinear: dequantise,
	DynamicQuantizeLinear: dynamicQuantise,
};

export const quantisedElementwiseRules: Record<string, ShapeRule> = {
	QuantizeLinear: quantise,
	DequantizeLinear: dequantise,
	QLinearAdd: quantisedBinary,
	QLinearMul: quantisedBinary,
	QLinearSigmoid: sameAsFirst,
	QLinearLeakyRelu: sameAsFirst,
};

export const quantisedSoftmaxRules: Record<string, ShapeRule> = { QLinearSoftmax: sameAsFirst };
export const quantisedLayoutRules: Record<string, ShapeRule> = { QLinearConcat: quantisedConcat };
