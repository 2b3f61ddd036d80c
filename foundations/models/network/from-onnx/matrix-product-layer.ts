/** Matrix products of an ONNX graph. */
import {
	einsumShape,
	elementCount,
	type InferredOperator,
	type InferredTensor,
	OPERAND_INPUTS,
	productShape,
} from '../../onnx/shapes/index.ts';
import { type Layer, type MatrixProduct, product, type Tensor } from '../network.ts';
import { constantsAt, namedLayer, weightTensor } from './tensors.ts';

/** Where an operator has a bias. */
const BIAS_INPUTS: Readonly<Record<string, number>> = {
	Gemm: 2,
	FusedGemm: 2,
	QGemm: 6,
	MatMulIntegerToFloat: 6,
	DynamicQuantizeMatMul: 4,
};

export function matrixProductLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const { opType } = operator.node;
	if (opType === 'MatMulNBits') return packedProductLayer(inferred);
	const { first, second, batch, m, n, k } = productShape(operator);
	const bias = BIAS_INPUTS[opType];
	const weights = constantsAt(inferred, [...(OPERAND_INPUTS[opType] ?? []), ...(bias === undefined ? [] : [bias])]);
	return namedLayer(inferred, weightSecond(first, second, product(batch), { m, n, k }), weights);
}

/** Puts a weight second, and all that is multiplied with the same weight into one product. */
function weightSecond(
	first: InferredTensor,
	second: InferredTensor,
	batch: number,
	{ m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
): MatrixProduct {
	const held = second.constant ? second : first.constant ? first : null;
	if (held === null) return { kind: 'matrix-product', batch, m, n, k, secondOperand: 'activation', mask: null };
	const [rows, columns] = held === second ? [m, n] : [n, m];
	const matrices = product(held.shape.slice(0, -2));
	const shared = matrices === 0 ? 0 : batch / matrices;
	return { kind: 'matrix-product', batch: matrices, m: rows * shared, n: columns, k, secondOperand: 'weight', mask: null };
}

/** Weights of a few bits in blocks: as many elements as the matrix has, each so many bits wide; and a scale a block. */
function packedProductLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const [n, k] = [operator.int('N'), operator.int('K')];
	const m = elementCount(operator.input(0).shape.slice(0, -1));
	const packed = operator.input(1);
	const matrix: Tensor = { ...weightTensor(packed), shape: [n, k], bits: operator.int('bits', 4) };
	const operation = {
		kind: 'matrix-product',
		batch: 1,
		m,
		n,
		k,
		secondOperand: packed.constant ? 'weight' : 'activation',
		mask: null,
	} as const;
	return namedLayer(inferred, operation, packed.constant ? [matrix, ...constantsAt(inferred, [2, 5])] : []);
}

/**
 * An equation of two operands is a product where a label of both is not in the output, or where each has labels of its own; otherwise
 * it is elementwise. An equation of one operand moves or sums. Raises an `InputError` for more operands.
 */
export function einsumLayer(inferred: InferredOperator): Layer {
	const { operator } = inferred;
	const { operands, output, sizes } = einsumShape(operator);
	const [a, b, more] = operands;
	if (a === undefined || more !== undefined)
		throw operator.fail(`an equation of ${operands.length} operands`, 'one or two operands');
	if (b === undefined)
		return namedLayer(inferred, { kind: a.every((label) => output.includes(label)) ? 'data-movement' : 'reduction' });
	const volume = (labels: Iterable<string>) => product([...new Set(labels)].map((label) => sizes.get(label) ?? 1));
	const [inA, inB, inOutput] = [new Set(a), new Set(b), new Set(output)];
	const batch = volume(a.filter((label) => inB.has(label) && inOutput.has(label)));
	const m = volume(a.filter((label) => !inB.has(label) && inOutput.has(label)));
	const n = volume(b.filter((label) => !inA.has(label) && inOutput.has(label)));
	const k = volume([...a, ...b].filter((label) => !inOutput.has(label)));
	if (k === 1 && (m === 1 || n === 1)) return namedLayer(inferred, { kind: 'elementwise' }, constantsAt(inferred, [0, 1]));
	const [first, second] = [operator.input(0), operator.input(1)];
	const swapped = first.constant && !second.constant;
	const secondOperand = first.constant || second.constant ? 'weight' : 'activation';
	const operation = {
		kind: 'matrix-product',
		batch,
		m: swapped ? n : m,
		n: swapped ? m : n,
		k,
		secondOperand,
		mask: null,
	} as const;
	return namedLayer(inferred, operation, constantsAt(inferred, [0, 1]));
}
