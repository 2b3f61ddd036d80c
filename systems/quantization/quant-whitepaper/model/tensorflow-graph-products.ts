/** Products of a graph of TensorFlow's operators: convolutions with their windows, and what the converter has joined to a product. */
import { type GraphNode, graphIntegers, graphReal, graphText, graphTexts } from '@assay/models/tfjs';
import type { Activation, ChannelsLastBuilder, SourcePadding } from './channels-last-builder.ts';
import { kernelOutputsFirst, outputsFirst } from './weight-order.ts';

export const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
	['Relu', 'relu'],
	['Relu6', 'relu6'],
	['Sigmoid', 'sigmoid'],
	['Tanh', 'tanh'],
	['Softmax', 'softmax'],
]);

/** What the converter has joined to a product: a bias, then an activation. */
export function withFusedParts(
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

export function convolve(
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

export function steps(node: GraphNode): { readonly strideHeight: number; readonly strideWidth: number } {
	const [, strideHeight = 1, strideWidth = 1] = graphIntegers(node, 'strides');
	return { strideHeight, strideWidth };
}

export function padding(node: GraphNode, fail: (found: string, expected: string) => Error): SourcePadding {
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
