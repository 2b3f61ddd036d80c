/** Operators that make one element of many. */
import type { OnnxElementType } from '../element-type.ts';
import { elementCount, type OutputShape, rowMajorStrides } from './inferred-tensor.ts';
import { type Operator, type ShapeRule, unknown } from './operator.ts';

/** How two known elements are put together; sums and products occur in shape arithmetic. */
const FOLDED: Readonly<Record<string, (a: number, b: number) => number>> = {
	ReduceSum: (a, b) => a + b,
	ReduceProd: (a, b) => a * b,
	ReduceMax: Math.max,
	ReduceMin: Math.min,
};

/** Axes are an attribute or, in later opsets, an input; without any all are reduced, unless `noop_with_empty_axes`. */
const reduction: ShapeRule = (operator) => {
	const data = operator.input(0);
	const rank = data.shape.length;
	const given = operator.ints('axes') ?? operator.knownOptional(1, 'axes');
	const none = given === null || given.length === 0;
	if (none && operator.int('noop_with_empty_axes', 0) === 1) return [unknown(data.elementType, data.shape)];
	const axes = new Set(none ? data.shape.map((_, axis) => axis) : given.map((axis) => operator.axis(axis, rank)));
	const kept = data.shape.map((size, axis) => (axes.has(axis) ? 1 : size));
	const shape = operator.int('keepdims', 1) === 1 ? kept : kept.filter((_, axis) => !axes.has(axis));
	return [{ elementType: data.elementType, shape, values: foldedReduction(operator, data, kept) }];
};

function foldedReduction(operator: Operator, data: OutputShape, kept: readonly number[]): Float64Array | null {
	const join = FOLDED[operator.node.opType];
	if (join === undefined || data.values === null || data.values.length === 0) return null;
	const from = rowMajorStrides(data.shape);
	const to = rowMajorStrides(kept);
	const result = new Float64Array(elementCount(kept));
	const seen = new Uint8Array(result.length);
	for (const [place, value] of data.values.entries()) {
		let target = 0;
		for (const [axis, size] of data.shape.entries())
			if (kept[axis] !== 1) target += (Math.floor(place / (from[axis] as number)) % size) * (to[axis] as number);
		result[target] = seen[target] === 1 ? join(result[target] as number, value) : value;
		seen[target] = 1;
	}
	return result;
}

const place: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const axis = operator.axis(operator.int('axis', 0), data.shape.length);
	const kept = data.shape.map((size, i) => (i === axis ? 1 : size));
	const type: OnnxElementType = 'int64';
	return [unknown(type, operator.int('keepdims', 1) === 1 ? kept : kept.filter((_, i) => i !== axis))];
};

export const reductionRules: Record<string, ShapeRule> = {
	...Object.fromEntries(
		['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((name) => [
			`Reduce${name}`,
			reduction,
		]),
	),
	ArgMax: place,
	ArgMin: place,
};
