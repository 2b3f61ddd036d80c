/** Matrix products, quantised and fused ones included. */
import type { OnnxElementType } from '../element-type.ts';
import type { InferredTensor } from './inferred-tensor.ts';
import { type Operator, type ShapeRule, shapeText, unknown } from './operator.ts';

/** Where the two operands stand among the inputs. */
export const OPERAND_INPUTS: Readonly<Record<string, readonly [number, number]>> = {
	MatMul: [0, 1],
	Gemm: [0, 1],
	MatMulInteger: [0, 1],
	QLinearMatMul: [0, 3],
	FusedMatMul: [0, 1],
	TransposeMatMul: [0, 1],
	FusedGemm: [0, 1],
	QGemm: [0, 3],
	MatMulIntegerToFloat: [0, 1],
	DynamicQuantizeMatMul: [0, 1],
};

/** `batch` products of an m by k with a k by n matrix. */
export interface ProductShape {
	readonly first: InferredTensor;
	readonly second: InferredTensor;
	/** What the batches of both operands stretch to. */
	readonly batch: readonly number[];
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly output: readonly number[];
}

/** NumPy's rules: a vector stands for a matrix of one row or one column, which is then dropped; leading axes broadcast. */
export function productShape(operator: Operator): ProductShape {
	const [firstInput, secondInput] = OPERAND_INPUTS[operator.node.opType] ?? [0, 1];
	const first = operator.inputOfRank(firstInput, 1);
	const second = operator.inputOfRank(secondInput, 1);
	if (operator.int('transBatchA', 0) !== 0 || operator.int('transBatchB', 0) !== 0)
		throw operator.fail('batches that are transposed', 'transBatchA and transBatchB of 0');
	const a = first.shape.length === 1 ? [1, ...first.shape] : transposedLast(first.shape, operator.int('transA', 0) !== 0);
	const b = second.shape.length === 1 ? [...second.shape, 1] : transposedLast(second.shape, operator.int('transB', 0) !== 0);
	const [m, k] = a.slice(-2) as [number, number];
	const [inner, n] = b.slice(-2) as [number, number];
	if (k !== inner)
		throw operator.fail(`shapes ${shapeText(first.shape)} and ${shapeText(second.shape)}`, 'the same inner dimension');
	const batch = operator.broadcast([a.slice(0, -2), b.slice(0, -2)]);
	const output = [...batch, ...(first.shape.length === 1 ? [] : [m]), ...(second.shape.length === 1 ? [] : [n])];
	return { first, second, batch, m, n, k, output };
}

function transposedLast(shape: readonly number[], transposed: boolean): number[] {
	if (!transposed) return [...shape];
	return [...shape.slice(0, -2), ...shape.slice(-2).reverse()];
}

const product =
	(typeOf: (operator: Operator) => OnnxElementType | null): ShapeRule =>
	(operator) => [unknown(typeOf(operator), productShape(operator).output)];

const likeInput = (operator: Operator) => operator.input(0).elementType;

/** Weights of a few bits each, packed in blocks; the attributes say the matrix. */
const packedWeights: ShapeRule = (operator) => {
	const data = operator.inputOfRank(0, 1);
	const k = data.shape[data.shape.length - 1];
	if (k !== operator.int('K')) throw operator.fail(`rows of ${k}`, `rows of K (${operator.int('K')})`);
	return [unknown(data.elementType, [...data.shape.slice(0, -1), operator.int('N')])];
};

export const matrixProductRules: Record<string, ShapeRule> = {
	MatMul: product(likeInput),
	Gemm: product(likeInput),
	MatMulInteger: product(() => 'int32'),
	QLinearMatMul: product((operator) => operator.input(7).elementType),
};

export const fusedMatrixProductRules: Record<string, ShapeRule> = {
	FusedMatMul: product(likeInput),
	TransposeMatMul: product(likeInput),
	FusedGemm: product(likeInput),
	QGemm: product((operator) => operator.optional(8)?.elementType ?? 'float32'),
	MatMulIntegerToFloat: product((operator) => operator.input(2).elementType),
	DynamicQuantizeMatMul: product(likeInput),
	MatMulNBits: packedWeights,
};
