/** A small MobileNet for digits, and what was learnt of it as an ONNX-like model. */
import type { NetworkPlan, TrainedNetwork } from '@assay/learning';
import { type OnnxNode, onnxNode } from '@assay/models/onnx';
import { type FloatModel, floatWeight, type Weight } from '../model/float-model.ts';
import { LEAST_OPERATOR_SET } from '../model/raise-operator-set.ts';
import { DIGIT_CLASSES, DIGIT_SIDE } from './read-digits.ts';

const FIRST = 16;
/** Outputs and stride of each separable convolution. */
const SEPARABLE = [
	[32, 1],
	[64, 2],
	[64, 1],
	[128, 2],
] as const;

export function digitPlan(batch: number): NetworkPlan {
	let inputs = FIRST;
	const separable = SEPARABLE.flatMap(([outputs, stride]) => {
		const pair = [
			{ outputs: inputs, kernel: 3, stride, groups: inputs },
			{ outputs, kernel: 1, stride: 1, groups: 1 },
		];
		inputs = outputs;
		return pair;
	});
	return {
		batch,
		side: DIGIT_SIDE,
		channels: 1,
		classes: DIGIT_CLASSES,
		convolutions: [{ outputs: FIRST, kernel: 3, stride: 2, groups: 1 }, ...separable],
	};
}

/** Convolutions with their norms apart, as exporters write them. */
export function digitModel({ convolutions, linear, bias, epsilon }: TrainedNetwork): FloatModel {
	const weights = new Map<string, Weight>();
	const shapes = new Map<string, readonly number[]>([['image', [1, 1, DIGIT_SIDE, DIGIT_SIDE]]]);
	const nodes: OnnxNode[] = [];
	const keep = (name: string, dims: readonly number[], values: Float32Array): string => {
		weights.set(name, floatWeight(name, dims, values));
		return name;
	};
	const add = (node: OnnxNode, shape: readonly number[]): string => {
		nodes.push(node);
		const [output = ''] = node.output;
		shapes.set(output, shape);
		return output;
	};
	let [from, side, channels] = ['image', DIGIT_SIDE, 1];
	for (const [index, layer] of convolutions.entries()) {
		const { outputs, kernel, stride, groups } = layer;
		const name = groups > 1 ? `depthwise${index}` : index === 0 ? 'first' : `pointwise${index}`;
		side = Math.ceil(side / stride);
		const shape = [1, outputs, side, side];
		const pad = (kernel - 1) / 2;
		const matrix = keep(`${name}.weights`, [outputs, channels / groups, kernel, kernel], layer.weights);
		const sums = add(
			onnxNode('Conv', [from, matrix], [`${name}.sums`], {
				group: groups,
				kernel_shape: [kernel, kernel],
				strides: [stride, stride],
				pads: [pad, pad, pad, pad],
			}),
			shape,
		);
		const moments = (['gain', 'offset', 'mean', 'variance'] as const).map((what) =>
			keep(`${name}.${what}`, [outputs], layer[what]),
		);
		const normed = add(onnxNode('BatchNormalization', [sums, ...moments], [name], { epsilon: { float: epsilon } }), shape);
		from = add(onnxNode('Relu', [normed], [`${name}.rectified`]), shape);
		channels = outputs;
	}
	const pooled = add(onnxNode('GlobalAveragePool', [from], ['pooled']), [1, channels, 1, 1]);
	const flat = add(onnxNode('Flatten', [pooled], ['flat']), [1, channels]);
	keep('classes.weights', [DIGIT_CLASSES, channels], linear);
	keep('classes.bias', [DIGIT_CLASSES], bias);
	add(onnxNode('Gemm', [flat, 'classes.weights', 'classes.bias'], ['classes'], { transB: 1 }), [1, DIGIT_CLASSES]);
	return {
		name: 'digits',
		nodes,
		weights,
		input: 'image',
		outputs: ['classes'],
		shapes,
		otherTypes: new Map(),
		opset: LEAST_OPERATOR_SET,
		imageOrder: 'channels-first',
	};
}
