/** Operators that make tensors out of nothing, or out of a shape. */
import { elementTypeOf, type OnnxElementType } from '../element-type.ts';
import { elementCount, MAX_KNOWN_VALUES, type OutputShape } from './inferred-tensor.ts';
import { knownValues } from './known-values.ts';
import { type Operator, type ShapeRule, unknown } from './operator.ts';

const scalar = (elementType: OnnxElementType, value: number): readonly OutputShape[] => [
	{ elementType, shape: [], values: Float64Array.of(value) },
];
const list = (elementType: OnnxElementType, values: readonly number[]): readonly OutputShape[] => [
	{ elementType, shape: [values.length], values: values.length > MAX_KNOWN_VALUES ? null : Float64Array.from(values) },
];

const constant: ShapeRule = (operator) => {
	const tensor = operator.tensor('value');
	if (tensor !== null)
		return [{ elementType: elementTypeOf(tensor.dataType) ?? null, shape: tensor.dims.map(Number), values: knownValues(tensor) }];
	if (operator.has('value_int')) return scalar('int64', operator.int('value_int'));
	if (operator.has('value_float')) return scalar('float32', operator.float('value_float', 0));
	const ints = operator.ints('value_ints');
	if (ints !== null) return list('int64', ints);
	const floats = operator.floats('value_floats');
	if (floats !== null) return list('float32', floats);
	if (operator.has('value_string')) return [unknown('string', [])];
	throw operator.fail('no dense value', 'one of value, value_int, value_ints, value_float, value_floats, value_string');
};

const constantOfShape: ShapeRule = (operator) => {
	const shape = operator.input(0).shape.includes(0) ? [] : operator.known(0, 'the shape');
	const tensor = operator.tensor('value');
	const count = elementCount(shape);
	const value = tensor === null ? 0 : knownValues(tensor)?.[0];
	const values = value === undefined || !(count <= MAX_KNOWN_VALUES) ? null : new Float64Array(Math.max(0, count)).fill(value);
	return [{ elementType: tensor === null ? 'float32' : (elementTypeOf(tensor.dataType) ?? null), shape, values }];
};

const shapeOf: ShapeRule = (operator) => {
	const { shape } = operator.input(0);
	return list('int64', shape.slice(operator.int('start', 0), operator.has('end') ? operator.int('end') : undefined));
};

const size: ShapeRule = (operator) => scalar('int64', elementCount(operator.input(0).shape));

const range: ShapeRule = (operator) => {
	const [start, limit, step] = [0, 1, 2].map((index) => operator.known(index, 'the limits')[0] ?? Number.NaN) as [
		number,
		number,
		number,
	];
	const count = Math.max(0, Math.ceil((limit - start) / step));
	if (!Number.isFinite(count)) throw operator.fail(`${start} to ${limit} by ${step}`, 'a range that ends');
	const values = count > MAX_KNOWN_VALUES ? null : Float64Array.from({ length: count }, (_, i) => start + i * step);
	return [{ elementType: operator.input(0).elementType, shape: [count], values }];
};

const eyeLike: ShapeRule = (operator) => {
	const input = operator.input(0);
	return [unknown(operator.type('dtype', input.elementType), input.shape)];
};

const randomOfShape: ShapeRule = (operator) => [unknown(operator.type('dtype', 'float32'), operator.ints('shape') ?? [])];

function randomLike(operator: Operator): readonly OutputShape[] {
	const input = operator.input(0);
	return [unknown(operator.type('dtype', input.elementType), input.shape)];
}

export const constantRules: Record<string, ShapeRule> = {
	Constant: constant,
	ConstantOfShape: constantOfShape,
	Shape: shapeOf,
	Size: size,
	Range: range,
	EyeLike: eyeLike,
	RandomNormal: randomOfShape,
	RandomUniform: randomOfShape,
	RandomNormalLike: randomLike,
	RandomUniformLike: randomLike,
	Bernoulli: randomLike,
};
