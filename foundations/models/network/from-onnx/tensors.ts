/** Tensors of an inferred graph as tensors of a network. */
import { elementBits, isFloat, type OnnxElementType } from '../../onnx/element-type.ts';
import type { InferredOperator, InferredTensor } from '../../onnx/shapes/index.ts';
import type { Layer, Operation, Tensor } from '../network.ts';

/** Where a file does not say a type. */
const STANDARD_BITS = 32;

export function tensorOf({ name, shape, elementType }: InferredTensor): Tensor {
	return { name, shape, bits: bitsOf(elementType) };
}

function bitsOf(type: OnnxElementType | null): number {
	return type === null ? STANDARD_BITS : elementBits(type);
}

/** Inputs that hang on the data: neither constants nor known from shapes. */
export function isActivation(tensor: InferredTensor | null): tensor is InferredTensor {
	return tensor !== null && !tensor.constant && tensor.values === null;
}

/** The activations that an operator reads, each once. */
export function activations({ operator }: InferredOperator): Tensor[] {
	const read = operator.inputs.filter(isActivation);
	return read.filter((tensor, index) => read.findIndex(({ name }) => name === tensor.name) === index).map(tensorOf);
}

/** The weight that a constant is made of. */
export function weightTensor(tensor: InferredTensor): Tensor {
	const { name, shape, elementType } = tensor.weight ?? tensor;
	return { name, shape, bits: bitsOf(elementType) };
}

/** Real-valued weights among some of the inputs; lists of axes, sizes and the like are none. */
export function weightsAt({ operator }: InferredOperator, indices: readonly number[]): Tensor[] {
	return indices.flatMap((index) => {
		const tensor = operator.optional(index);
		const type = tensor?.elementType ?? null;
		return tensor?.constant && type !== null && isFloat(type) ? [weightTensor(tensor)] : [];
	});
}

/** Constants of any type among some of the inputs, as the operands of quantised operators are. */
export function constantsAt({ operator }: InferredOperator, indices: readonly number[]): Tensor[] {
	return indices.flatMap((index) => {
		const tensor = operator.optional(index);
		return tensor?.constant ? [weightTensor(tensor)] : [];
	});
}

export function outputsOf({ outputs }: InferredOperator): Tensor[] {
	return outputs.flatMap((output) => (output === null ? [] : [tensorOf(output)]));
}

/** One layer for one operator. */
export function namedLayer(inferred: InferredOperator, operation: Operation, weights: readonly Tensor[] = []): Layer {
	return {
		...operation,
		name: inferred.name,
		operator: inferred.operator.node.opType,
		inputs: activations(inferred),
		weights,
		outputs: outputsOf(inferred),
	};
}
