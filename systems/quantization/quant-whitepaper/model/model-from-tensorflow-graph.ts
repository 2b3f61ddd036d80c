/** A graph of TensorFlow's operators, as TensorFlow.js stores it after its converter has folded and fused what it could, as a model. */
import type { GivenDimensions } from '@assay/models/onnx';
import {
	type GraphNode,
	graphFlag,
	graphIntegers,
	graphReal,
	graphShape,
	graphText,
	graphTexts,
	type TfjsModel,
} from '@assay/models/tfjs';
import { type Activation, ChannelsLastBuilder, type SourcePadding } from './channels-last-builder.ts';
import type { FloatModel } from './float-model.ts';
import { closedShape } from './open-sizes.ts';
import { kernelOutputsFirst, outputsFirst } from './weight-order.ts';

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
	['Relu', 'relu'],
	['Relu6', 'relu6'],
	['Sigmoid', 'sigmoid'],
	['Tanh', 'tanh'],
	['Softmax', 'softmax'],
]);
const PAIRS: ReadonlyMap<string, 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min'> = new Map([
	['Add', 'Add'],
	['AddV2', 'Add'],
	['BiasAdd', 'Add'],
	['Sub', 'Sub'],
	['Mul', 'Mul'],
	['RealDiv', 'Div'],
	['Maximum', 'Max'],
	['Minimum', 'Min'],
]);
const ALIASES = new Set(['Identity', 'StopGradient', 'Snapshot', 'PreventGradient']);

/** Raises an InputError that names the operator. */
export function modelFromTensorflowGraph(
	{ nodes, outputs, weights }: Extract<TfjsModel, { kind: 'graph' }>,
	fileName: string,
	dimensions: GivenDimensions,
): FloatModel {
	const builder = new ChannelsLastBuilder(fileName);
	for (const { name, shape, values } of weights.values()) builder.constant(name, shape, values);
	const inputs = nodes.filter(({ op }) => op === 'Placeholder');
	const [input] = inputs;
	if (input === undefined || inputs.length > 1)
		throw builder.fail('inputs', inputs.map(({ name }) => name).join(', ') || 'none', 'one input');
	builder.input(input.name, closedShape(input.name, graphShape(input, 'shape'), dimensions, fileName));
	for (const node of nodes) if (node !== input) addNode(builder, node);
	const read = new Set(nodes.flatMap((node) => node.inputs));
	const last = nodes.filter(({ name, op }) => !read.has(name) && op !== 'Const').map(({ name }) => name);
	const ends = outputs.length > 0 ? outputs : last;
	for (const name of ends) builder.shapeOf(name);
	return builder.model(input.name, ends);
}

function addNode(builder: ChannelsLastBuilder, node: GraphNode): void {
	const { name, op, inputs } = node;
	const fail = (found: string, expected: string) => builder.fail(`${name} (${op})`, found, expected);
	const from = inputs[0] ?? '';
	const at = (position: number): string => {
		const found = inputs[position];
		if (found === undefined) throw fail(`${inputs.length} inputs`, `${position + 1} at least`);
		return found;
	};
	if (op !== 'Const') at(0);
	const whole = (position: number) => Array.from(builder.valuesOf(at(position)));
	if (graphText(node, 'data_format', 'NHWC') !== 'NHWC')
		throw fail(`images as ${graphText(node, 'data_format', 'NHWC')}`, 'NHWC, channels last');
	const activation = ACTIVATIONS.get(op);
	if (activation !== undefined) {
		builder.activate(activation, from, name);
		return;
	}
	const pair = PAIRS.get(op);
	if (pair !== undefined) {
		builder.binary(pair, [from, at(1)], name);
		return;
	}
	if (ALIASES.has(op)) {
		builder.alias(name, from);
		return;
	}
	switch (op) {
		case 'Const':
			if (!builder.isConstant(name)) throw fail('a constant without weights', 'its values among the weights');
			break;
		case 'Conv2D':
		case '_FusedConv2D':
		case 'DepthwiseConv2dNative':
		case 'FusedDepthwiseConv2dNative':
			withFusedParts(builder, node, (to, bias) => convolve(builder, node, at(1), to, bias));
			break;
		case 'MatMul':
		case '_FusedMatMul': {
			const [rows = 1, columns = 1] = builder.shapeOf(at(1));
			const isTurned = graphFlag(node, 'transpose_b');
			if (graphFlag(node, 'transpose_a')) throw fail('a transposed first factor', 'rows of values');
			const values = builder.valuesOf(at(1));
			withFusedParts(builder, node, (to, bias) =>
				builder.dense(from, to, isTurned ? outputsFirst(values, [rows, columns]) : values, bias, isTurned ? rows : columns),
			);
			break;
		}
		case 'FusedBatchNorm':
		case 'FusedBatchNormV2':
		case 'FusedBatchNormV3': {
			if (graphFlag(node, 'is_training')) throw fail('a norm in training', 'one with fixed moments');
			const [gain, offset, mean, variance] = [1, 2, 3, 4].map((position) => builder.valuesOf(at(position))) as [
				Float32Array,
				Float32Array,
				Float32Array,
				Float32Array,
			];
			const epsilon = graphReal(node, 'epsilon', 1e-4);
			const factors = variance.map((value, channel) => (gain[channel] as number) / Math.sqrt(value + epsilon));
			builder.scaleChannels(
				from,
				name,
				factors,
				mean.map((value, channel) => (offset[channel] as number) - value * (factors[channel] as number)),
			);
			break;
		}
		case 'MaxPool':
		case 'AvgPool': {
			const [, height = 1, width = 1] = graphIntegers(node, 'ksize');
			const window = { ...steps(node), height, width, padding: padding(node, fail) };
			builder.pool(op === 'MaxPool' ? 'max' : 'average', { input: from, output: name, ...window });
			break;
		}
		case 'Mean': {
			const axes = whole(1).map((axis) => (axis < 0 ? axis + builder.shapeOf(from).length : axis));
			if (axes.toSorted().join() !== '1,2') throw fail(`a mean over axes ${axes.join(', ')}`, 'a mean over height and width');
			builder.meanOverImage(from, name, graphFlag(node, 'keep_dims'));
			break;
		}
		case 'Pad':
		case 'PadV2': {
			const pads = whole(1);
			const value = inputs[2] === undefined ? 0 : builder.valuesOf(inputs[2])[0];
			const [top = 0, bottom = 0, left = 0, right = 0] = pads.slice(2, 6);
			if (pads.length !== 8 || value !== 0 || [0, 1, 6, 7].some((i) => pads[i] !== 0))
				throw fail(`pads ${pads.join(', ')} of ${value}`, 'zeros around height and width');
			builder.pad(from, name, [top, left, bottom, right]);
			break;
		}
		case 'ConcatV2':
			builder.concatenate(inputs.slice(0, -1), name, whole(inputs.length - 1)[0] ?? -1);
			break;
		case 'Reshape':
			builder.reshape(from, name, whole(1));
			break;
		case 'ExpandDims': {
			const shape = [...builder.shapeOf(from)];
			const axis = whole(1)[0] ?? 0;
			shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
			builder.reshape(from, name, shape);
			break;
		}
		case 'Squeeze': {
			const shape = builder.shapeOf(from);
			const axes = graphIntegers(node, 'squeeze_dims').map((axis) => (axis < 0 ? axis + shape.length : axis));
			builder.reshape(
				from,
				name,
				shape.filter((size, axis) => (axes.length === 0 ? size !== 1 : !axes.includes(axis))),
			);
			break;
		}
		case 'Transpose':
			builder.transpose(from, name, whole(1));
			break;
		case 'LeakyRelu':
			builder.leakyRelu(from, name, graphReal(node, 'alpha', 0.2));
			break;
		case 'ResizeNearestNeighbor': {
			const [, height = 1, width = 1] = builder.shapeOf(from);
			const [rows = 1, columns = 1] = whole(1);
			if (rows % height !== 0 || columns % width !== 0 || graphFlag(node, 'align_corners'))
				throw fail(`${height} x ${width} to ${rows} x ${columns}`, 'whole multiples, corners not aligned');
			builder.repeatPixels(from, name, rows / height, columns / width);
			break;
		}
		default:
			throw fail(
				'an operator that is not converted',
				'convolutions, matrix products, norms, sums, products, pools, means, pads, reshapes, transposes, concatenations and activations',
			);
	}
}

/** What the converter has joined to a product: a bias, then an activation. */
function withFusedParts(
	builder: ChannelsLastBuilder,
	node: GraphNode,
	product: (output: string, bias: Float32Array | undefined) => void,
): void {
	const { name, op, inputs } = node;
	const fused = graphTexts(node, 'fused_ops').filter((part) => part !== 'NoOp');
	const [first] = fused;
	const hasBias = first === 'BiasAdd';
	const after = hasBias ? fused.slice(1) : fused;
	const activation = after.length === 0 ? 'none' : ACTIVATIONS.get(after[0] ?? '');
	const isLeaky = after[0] === 'LeakyRelu';
	if (after.length > 1 || (activation === undefined && !isLeaky))
		throw builder.fail(`${name} (${op})`, `${fused.join(', ')} joined to it`, 'a bias, and one of relu, relu6, sigmoid, tanh');
	const bias = hasBias ? builder.valuesOf(inputs[2] ?? '') : undefined;
	const sums = activation === 'none' ? name : `${name}/sums`;
	product(sums, bias);
	if (isLeaky) builder.leakyRelu(sums, name, graphReal(node, 'leakyrelu_alpha', 0.2));
	else if (activation !== undefined && activation !== 'none') builder.activate(activation, sums, name);
}

function convolve(
	builder: ChannelsLastBuilder,
	node: GraphNode,
	kernel: string,
	output: string,
	bias: Float32Array | undefined,
): void {
	const [height = 1, width = 1, inputs = 1, each = 1] = builder.shapeOf(kernel);
	const values = builder.valuesOf(kernel);
	const input = node.inputs[0] ?? '';
	const isDepthwise = node.op.includes('Depthwise');
	const [, dilationHeight = 1, dilationWidth = 1] = graphIntegers(node, 'dilations');
	builder.convolution({
		input,
		output,
		height,
		width,
		...steps(node),
		dilationHeight,
		dilationWidth,
		padding: padding(node, (found, expected) => builder.fail(node.name, found, expected)),
		weights: isDepthwise
			? outputsFirst(values, [height * width, inputs * each])
			: kernelOutputsFirst(values, [height * width, inputs, each]),
		bias,
		outputs: isDepthwise ? inputs * each : each,
		groups: isDepthwise ? inputs : (builder.shapeOf(input)[3] ?? 1) / inputs,
	});
}

function steps(node: GraphNode): { readonly strideHeight: number; readonly strideWidth: number } {
	const [, strideHeight = 1, strideWidth = 1] = graphIntegers(node, 'strides');
	return { strideHeight, strideWidth };
}

function padding(node: GraphNode, fail: (found: string, expected: string) => Error): SourcePadding {
	const kind = graphText(node, 'padding', 'VALID');
	switch (kind) {
		case 'SAME':
			return 'same';
		case 'VALID':
			return 'valid';
		case 'EXPLICIT': {
			const [, , top = 0, bottom = 0, left = 0, right = 0] = graphIntegers(node, 'explicit_paddings');
			return [top, left, bottom, right];
		}
		default:
			throw fail(`the padding ${kind}`, 'SAME, VALID or EXPLICIT');
	}
}
