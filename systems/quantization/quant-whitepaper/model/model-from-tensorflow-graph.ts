/** A graph of TensorFlow's operators, as TensorFlow.js stores it after its converter has folded and fused what it could, as a model. */
import type { GivenDimensions } from '@assay/models/onnx';
import { type GraphNode, graphFlag, graphIntegers, graphReal, graphShape, graphText, type TfjsModel } from '@assay/models/tfjs';
import { ChannelsLastBuilder } from './channels-last-builder.ts';
import type { FloatModel } from './float-model.ts';
import { closedShape } from './open-sizes.ts';
import { ACTIVATIONS, convolve, padding, steps, withFusedParts } from './tensorflow-graph-products.ts';
import { outputsFirst } from './weight-order.ts';

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
