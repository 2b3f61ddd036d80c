/** Operators that compute each element of the output from one element of each input, and their values where these are known. */
import type { OnnxElementType } from '../element-type.ts';
import { elementCount, MAX_KNOWN_VALUES, type OutputShape, stretchedValues } from './inferred-tensor.ts';
import { type Operator, type ShapeRule, unknown } from './operator.ts';

/** Same shape and type as the first input. */
export const sameAsFirst: ShapeRule = (operator) => {
	const input = operator.input(0);
	return [unknown(input.elementType, input.shape)];
};

/** Functions of one element, followed on known values. */
const unaryFunctions: Record<string, (a: number) => number> = {
	Abs: Math.abs,
	Ceil: Math.ceil,
	Exp: Math.exp,
	Floor: Math.floor,
	Log: Math.log,
	Neg: (a) => -a,
	Reciprocal: (a) => 1 / a,
	Relu: (a) => Math.max(0, a),
	Round: roundHalfEven,
	Sign: Math.sign,
	Sqrt: Math.sqrt,
	Identity: (a) => a,
};

const followedUnary: ShapeRule = (operator) => {
	const { elementType, shape, values } = operator.input(0);
	const apply = unaryFunctions[operator.node.opType];
	return [
		{ elementType, shape, values: values === null || apply === undefined ? null : computed(elementType, values.map(apply)) },
	];
};

type Binary = (a: number, b: number, whole: boolean) => number;

const binaryFunctions: Record<string, Binary> = {
	Add: (a, b) => a + b,
	Sub: (a, b) => a - b,
	Mul: (a, b) => a * b,
	Div: (a, b, whole) => (whole ? (b === 0 ? Number.NaN : Math.trunc(a / b)) : a / b),
	Pow: (a, b) => a ** b,
	Mod: (a, b, whole) => (whole ? (b === 0 ? Number.NaN : a - b * Math.floor(a / b)) : a % b),
	Min: (a, b) => Math.min(a, b),
	Max: (a, b) => Math.max(a, b),
	Sum: (a, b) => a + b,
	And: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
	Or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
	Xor: (a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0),
	Equal: (a, b) => (a === b ? 1 : 0),
	Greater: (a, b) => (a > b ? 1 : 0),
	GreaterOrEqual: (a, b) => (a >= b ? 1 : 0),
	Less: (a, b) => (a < b ? 1 : 0),
	LessOrEqual: (a, b) => (a <= b ? 1 : 0),
};

const TRUTHS = new Set(['And', 'Or', 'Xor', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

/** Any number of operands, stretched to one shape. */
const broadcasting: ShapeRule = (operator) => {
	const operands = operator.inputs.map((_, index) => operator.input(index));
	const first = operator.input(0);
	const shape = operator.broadcast(operands.map((one) => one.shape));
	const elementType = TRUTHS.has(operator.node.opType) ? 'bool' : first.elementType;
	return [{ elementType, shape, values: foldedOperands(operator, operands, shape, first.elementType, elementType) }];
};

function foldedOperands(
	operator: Operator,
	operands: readonly OutputShape[],
	shape: readonly number[],
	operandType: OnnxElementType | null,
	resultType: OnnxElementType | null,
): Float64Array | null {
	const apply = binaryFunctions[operator.node.opType];
	if (apply === undefined || elementCount(shape) > MAX_KNOWN_VALUES) return null;
	// Mod with fmod 1 keeps the dividend's sign, as % does.
	const whole = isWhole(operandType) && operator.int('fmod', 0) === 0;
	let result: Float64Array | null = null;
	for (const operand of operands) {
		const values = stretchedValues(operand, shape);
		if (values === null) return null;
		result =
			result === null
				? values
				: computed(
						resultType,
						result.map((a, i) => apply(a, values[i] as number, whole)),
					);
		if (result === null) return null;
	}
	return result;
}

/** Rounds results to what the type holds; null where a whole number does not exist (a division by zero). */
function computed(type: OnnxElementType | null, values: Float64Array): Float64Array | null {
	if (type === 'float32') return values.map(Math.fround);
	return isWhole(type) && values.some((one) => Number.isNaN(one)) ? null : values;
}

function isWhole(type: OnnxElementType | null): boolean {
	return type !== null && /^u?int|^bool$/.test(type);
}

function roundHalfEven(value: number): number {
	const rounded = Math.round(value);
	return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const select: ShapeRule = (operator) => {
	const [condition, chosen, other] = [operator.input(0), operator.input(1), operator.input(2)];
	const shape = operator.broadcast([condition.shape, chosen.shape, other.shape]);
	if (elementCount(shape) > MAX_KNOWN_VALUES) return [unknown(chosen.elementType, shape)];
	const [c, a, b] = [condition, chosen, other].map((one) => stretchedValues(one, shape));
	if (!c || !a || !b) return [unknown(chosen.elementType, shape)];
	return [{ elementType: chosen.elementType, shape, values: c.map((yes, i) => (yes !== 0 ? a[i] : b[i]) as number) }];
};

const not: ShapeRule = (operator) => {
	const { shape, values } = operator.input(0);
	return [{ elementType: 'bool', shape, values: values?.map((one) => (one === 0 ? 1 : 0)) ?? null }];
};

const truth: ShapeRule = (operator) => [unknown('bool', operator.input(0).shape)];

/** Conversions keep values that both types can hold. */
const cast: ShapeRule = (operator) => {
	const { shape, values } = operator.input(0);
	const elementType = operator.node.opType === 'CastLike' ? operator.input(1).elementType : operator.type('to', null);
	if (elementType === 'bool') return [{ elementType, shape, values: values?.map((one) => (one !== 0 ? 1 : 0)) ?? null }];
	if (isWhole(elementType)) return [{ elementType, shape, values: values?.map(Math.trunc) ?? null }];
	return [{ elementType, shape, values: values === null ? null : computed(elementType, values) }];
};

/** Before opset 11 the limits are attributes. */
const clip: ShapeRule = (operator) => {
	const { elementType, shape, values } = operator.input(0);
	const limit = (index: number, name: string, standard: number): number | undefined => {
		const tensor = operator.optional(index);
		return tensor === null ? operator.float(name, standard) : tensor.values?.[0];
	};
	const low = limit(1, 'min', Number.NEGATIVE_INFINITY);
	const high = limit(2, 'max', Number.POSITIVE_INFINITY);
	const known = values !== null && low !== undefined && high !== undefined;
	return [{ elementType, shape, values: known ? values.map((one) => Math.min(high, Math.max(low, one))) : null }];
};

const dropout: ShapeRule = (operator) => {
	const { elementType, shape, values } = operator.input(0);
	return [{ elementType, shape, values }, unknown('bool', shape)];
};

const named = (names: string, rule: ShapeRule): Record<string, ShapeRule> =>
	Object.fromEntries(names.split(' ').map((name) => [name, rule]));

export const elementwiseRules: Record<string, ShapeRule> = {
	...named(Object.keys(unaryFunctions).join(' '), followedUnary),
	...named(`${Object.keys(binaryFunctions).join(' ')} Mean PRelu BitShift BitwiseAnd BitwiseOr BitwiseXor`, broadcasting),
	...named(
		'Acos Acosh Asin Asinh Atan Atanh BitwiseNot Celu Cos Cosh CumSum Elu Erf Gelu HardSigmoid HardSwish LeakyRelu Mish Selu ' +
			'Shrink Sigmoid Sin Sinh Softplus Softsign Swish Tan Tanh ThresholdedRelu Trilu',
		sameAsFirst,
	),
	...named('IsInf IsNaN', truth),
	...named('Cast CastLike', cast),
	Not: not,
	Where: select,
	Clip: clip,
	Dropout: dropout,
};
