/** What is constant in a graph, and which stored weight a constant is made of. */
import { elementTypeOf, isFloat } from '../element-type.ts';
import type { OnnxInitializer, TensorMessage } from '../graph.ts';
import { elementCount, type InferredTensor, MAX_KNOWN_VALUES, type OutputShape, type StoredWeight } from './inferred-tensor.ts';
import { knownValues } from './known-values.ts';
import type { Operator } from './operator.ts';
import type { OperatorKind } from './registry.ts';

/** A weight of the file. */
export function stored({ name, elementType, dims, data }: OnnxInitializer): InferredTensor {
	const values = data.kind === 'message' && elementCount(dims) <= MAX_KNOWN_VALUES ? knownValues(data.tensor) : null;
	return { name, elementType, shape: dims, values, constant: true, weight: { name, shape: dims, elementType } };
}

/** A weight that stands in a body. */
export function storedMessage(tensor: TensorMessage, name: string): InferredTensor {
	const elementType = elementTypeOf(tensor.dataType) ?? null;
	const shape = tensor.dims.map(Number);
	return { name, elementType, shape, values: knownValues(tensor), constant: true, weight: { name, shape, elementType } };
}

/** Whether an operator's result does not hang on the data that the graph is given, so that a runtime computes it once. */
export function isConstant(operator: Operator, kind: OperatorKind, results: readonly OutputShape[]): boolean {
	const { opType } = operator.node;
	if (opType.startsWith('Random') || opType === 'Bernoulli') return false;
	if (opType === 'Shape' || opType === 'Size') return true;
	if (!operator.inputs.every((input) => input === null || input.constant)) return false;
	// A look-up of known rows in a table of weights stays a look-up: the table is stored whole.
	const table = operator.inputs[0];
	const looksUpRows = kind === 'look-up' && opType === 'Gather' && table?.shape.length === 2 && results[0]?.values === null;
	return !(looksUpRows && table.elementType !== null && isFloat(table.elementType) && operator.input(1).shape.length > 0);
}

/** Operators whose result is their first input in another form, so that what is stored stays that. */
const SAME_WEIGHT = new Set([
	...['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Cast', 'CastLike'],
	...['QuantizeLinear', 'DequantizeLinear'],
]);

/** The stored weight that a constant result is made of. */
export function weightOf(operator: Operator, result: OutputShape, name: string): StoredWeight {
	const before = SAME_WEIGHT.has(operator.node.opType) ? operator.inputs[0]?.weight : null;
	return before ?? { name, shape: result.shape, elementType: result.elementType };
}
