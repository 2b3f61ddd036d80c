/**
 * Batch norms, and products and sums with constants of one value a channel, folded into the layer before them: W' = W gamma / sqrt(var +
 * eps), b' = beta + (b - mean) gamma / sqrt(var + eps) (Krishnamoorthi 2018). Must happen before ranges are taken. A norm that
 * follows no layer becomes a convolution of 1 x 1 with one channel a group.
 */
import { type OnnxNode, onnxNode } from '@assay/models/onnx';
import { integer, real } from './attributes.ts';
import {
	elements,
	type FloatModel,
	floatsOf,
	floatWeight,
	readersOf,
	shapeOf,
	type Weight,
	withoutDeadParts,
} from './float-model.ts';

/** y = scale x + shift for each channel. */
interface Affine {
	readonly input: string;
	readonly scale: Float64Array;
	readonly shift: Float64Array;
}

export function foldAffine(model: FloatModel): FloatModel {
	const weights = new Map(model.weights);
	const shapes = new Map(model.shapes);
	const nodes: OnnxNode[] = [];
	/** Place of the node that writes a tensor. */
	const writers = new Map<string, number>();
	const readers = readersOf(model);
	const push = (node: OnnxNode) => {
		for (const name of node.output) writers.set(name, nodes.length);
		nodes.push(node);
	};
	const current = { shapes, weights };
	for (const original of model.nodes) {
		const node = asDense(original, nodes, writers, readers, current) ?? original;
		if (node !== original) {
			nodes[writers.get(original.input.find((name) => writers.has(name)) ?? '') as number] = node;
			for (const name of node.output) writers.set(name, nodes.indexOf(node));
			continue;
		}
		const affine = affineOf(node, current);
		if (affine === undefined) {
			push(node);
			continue;
		}
		const place = writers.get(affine.input);
		const before = place === undefined ? undefined : nodes[place];
		const isAlone = readers.get(affine.input)?.length === 1;
		const folded = before !== undefined && isAlone ? foldInto(before, affine, node.output[0] ?? '', current) : undefined;
		if (folded !== undefined && place !== undefined) {
			for (const weight of folded.weights) weights.set(weight.name, weight);
			nodes[place] = folded.node;
			writers.set(node.output[0] ?? '', place);
			continue;
		}
		if (node.opType !== 'BatchNormalization') {
			push(node);
			continue;
		}
		for (const part of aloneNorm(node, affine, current)) {
			for (const weight of part.weights) weights.set(weight.name, weight);
			if (part.shape !== undefined) shapes.set(part.node.output[0] ?? '', part.shape);
			push(part.node);
		}
	}
	return withoutDeadParts({ ...model, nodes, weights, shapes });
}

type Current = Pick<FloatModel, 'shapes' | 'weights'>;

/** A sum of a matrix product with constant weights and a constant row: one fully connected layer. */
function asDense(
	node: OnnxNode,
	nodes: readonly OnnxNode[],
	writers: ReadonlyMap<string, number>,
	readers: ReturnType<typeof readersOf>,
	{ weights, shapes }: Current,
): OnnxNode | undefined {
	if (node.opType !== 'Add') return undefined;
	const product = node.input.find((name) => nodes[writers.get(name) ?? -1]?.opType === 'MatMul');
	const constant = node.input.find((name) => weights.has(name));
	if (product === undefined || constant === undefined || readers.get(product)?.length !== 1) return undefined;
	const multiply = nodes[writers.get(product) ?? -1];
	const matrix = weights.get(multiply?.input[1] ?? '');
	const row = weights.get(constant);
	const outputs = matrix?.dims[1];
	if (matrix?.dims.length !== 2 || shapes.get(product)?.length !== 2 || row === undefined) return undefined;
	if (elements(row.dims) !== outputs || row.dims.at(-1) !== outputs || row.elementType !== 'float32') return undefined;
	return onnxNode('Gemm', [multiply?.input[0] ?? '', matrix.name, constant], node.output);
}

function affineOf(node: OnnxNode, current: Current): Affine | undefined {
	const { weights } = current;
	if (node.opType === 'BatchNormalization') {
		const [input = '', ...names] = node.input;
		const [gain, offset, mean, variance] = names.map((name) => weights.get(name)).map((one) => one && floatsOf(one));
		if (!gain || !offset || !mean || !variance) return undefined;
		const epsilon = real(node, 'epsilon', 1e-5);
		const scale = Float64Array.from(gain, (one, i) => one / Math.sqrt((variance[i] as number) + epsilon));
		return { input, scale, shift: scale.map((one, i) => (offset[i] as number) - (mean[i] as number) * one) };
	}
	if (!['Add', 'Sub', 'Mul', 'Div'].includes(node.opType)) return undefined;
	const [a = '', b = ''] = node.input;
	const isSecond = weights.has(b);
	if (!isSecond && (!weights.has(a) || node.opType === 'Sub' || node.opType === 'Div')) return undefined;
	const [input, constant] = isSecond ? [a, weights.get(b)] : [b, weights.get(a)];
	if (constant === undefined || weights.has(input) || constant.elementType !== 'float32') return undefined;
	const values = perChannel(shapeOf(current, input), constant);
	if (values === undefined) return undefined;
	const ones = new Float64Array(values.length).fill(1);
	const zeros = new Float64Array(values.length);
	switch (node.opType) {
		case 'Add':
			return { input, scale: ones, shift: values };
		case 'Sub':
			return { input, scale: ones, shift: values.map((value) => -value) };
		case 'Mul':
			return { input, scale: values, shift: zeros };
		default:
			return { input, scale: values.map((value) => 1 / value), shift: zeros };
	}
}

/** A constant that broadcasts along all but the channels (axis 1) of a tensor; undefined for others. */
function perChannel(shape: readonly number[], { dims, ...weight }: Weight): Float64Array | undefined {
	const channels = shape[1];
	if (channels === undefined || dims.length > shape.length) return undefined;
	const values = floatsOf({ dims, ...weight });
	if (values.length === 1) return new Float64Array(channels).fill(values[0] as number);
	const aligned = [...new Array<number>(shape.length - dims.length).fill(1), ...dims];
	const fits = aligned.every((size, axis) => (axis === 1 ? size === channels : size === 1));
	return fits ? Float64Array.from(values) : undefined;
}

function foldInto(
	node: OnnxNode,
	{ scale, shift }: Affine,
	output: string,
	{ weights }: Current,
): { readonly node: OnnxNode; readonly weights: readonly Weight[] } | undefined {
	const isTransposed = node.opType === 'ConvTranspose';
	if (!['Conv', 'ConvTranspose', 'Gemm'].includes(node.opType) || (isTransposed && integer(node, 'group', 1) !== 1))
		return undefined;
	const matrix = weights.get(node.input[1] ?? '');
	const bias = weights.get(node.input[2] ?? '');
	if (matrix === undefined || (bias === undefined && (node.input[2] ?? '') !== '')) return undefined;
	if (node.opType === 'Gemm' && (real(node, 'alpha', 1) !== 1 || real(node, 'beta', 1) !== 1)) return undefined;
	const axis = isTransposed || (node.opType === 'Gemm' && integer(node, 'transB', 0) === 0) ? 1 : 0;
	const outputs = matrix.dims[axis] as number;
	if (outputs !== scale.length || (bias !== undefined && elements(bias.dims) !== outputs)) return undefined;
	const inner = elements(matrix.dims.slice(axis + 1));
	const values = floatsOf(matrix).map((value, at) => value * (scale[Math.floor(at / inner) % outputs] as number));
	const before = bias === undefined ? undefined : floatsOf(bias);
	const sums = Float64Array.from({ length: outputs }, (_, i) => (before?.[i] ?? 0) * (scale[i] as number) + (shift[i] as number));
	const named = [floatWeight(`${output}/weights`, matrix.dims, values), floatWeight(`${output}/bias`, [outputs], sums)];
	return {
		node: { ...node, input: [node.input[0] ?? '', ...named.map(({ name }) => name)], output: [output] },
		weights: named,
	};
}

interface Part {
	readonly node: OnnxNode;
	readonly weights: readonly Weight[];
	readonly shape?: readonly number[];
}

function aloneNorm(node: OnnxNode, { input, scale, shift }: Affine, current: Current): Part[] {
	const [output = ''] = node.output;
	const shape = shapeOf(current, input);
	const channels = scale.length;
	if (shape.length === 4) {
		const named = [
			floatWeight(`${output}/weights`, [channels, 1, 1, 1], scale),
			floatWeight(`${output}/bias`, [channels], shift),
		];
		return [{ node: onnxNode('Conv', [input, ...named.map(({ name }) => name)], [output], { group: channels }), weights: named }];
	}
	const dims = shape.map((_, axis) => (axis === 1 ? channels : 1));
	const [factor, summand] = [floatWeight(`${output}/factor`, dims, scale), floatWeight(`${output}/summand`, dims, shift)];
	const scaled = `${output}/scaled`;
	return [
		{ node: onnxNode('Mul', [input, factor.name], [scaled]), weights: [factor], shape },
		{ node: onnxNode('Add', [scaled, summand.name], [output]), weights: [summand] },
	];
}
