/** A float TensorFlow Lite file as a model. */
import type { TfliteModel, TfliteTensor } from '@assay/models/tflite';
import { ChannelsLastBuilder } from './channels-last-builder.ts';
import type { FloatModel } from './float-model.ts';
import { outputsFirst } from './weight-order.ts';

/** Raises an InputError that names the operator or tensor for anything that is not float arithmetic known here. */
export function modelFromTflite(file: TfliteModel, fileName: string): FloatModel {
	const builder = new ChannelsLastBuilder(fileName);
	// Converters join the names of all operators that became one; the first is enough beside the number.
	const nameOf = (number: number): string => `${file.tensors[number]?.name.split(';')[0] ?? ''}:${number}`;
	const [input, ...others] = file.inputs;
	const first = input === undefined ? undefined : file.tensors[input];
	if (input === undefined || first === undefined || others.length > 0 || first.elementType !== 'float32')
		throw builder.fail(
			'inputs',
			`${file.inputs.length} inputs (${first?.elementType ?? 'none'})`,
			'one input of float32: the file before quantization',
		);
	builder.input(nameOf(input), first.shape);
	for (const [number, tensor] of file.tensors.entries())
		if (tensor.data !== undefined && tensor.elementType === 'float32')
			builder.constant(nameOf(number), tensor.shape, new Float32Array(new Uint8Array(tensor.data).buffer));
	for (const [index, { operation, inputs, outputs }] of file.nodes.entries()) {
		const place = `operator ${index} (${operation.kind === 'other' ? operation.name : operation.kind})`;
		const at = (position: number): number => {
			const number = inputs[position];
			if (number === undefined) throw builder.fail(place, 'a missing input', 'all inputs of the operator');
			return number;
		};
		const from = nameOf(at(0));
		const target = nameOf(outputs[0] ?? -1);
		const activation = 'activation' in operation ? operation.activation : 'none';
		if (activation === 'sign-bit') throw builder.fail(place, 'a fused sign bit', 'relu, relu6, relu-n1-to-1 or tanh');
		const to = activation === 'none' ? target : `${target}/sums`;
		const bias = inputs[2] === undefined ? undefined : operation.kind === 'add' ? undefined : nameOf(inputs[2]);
		const whole = (position: number): number[] =>
			wholeNumbers(file.tensors[at(position)], () => builder.fail(place, 'a size that is computed', 'constant sizes'));
		switch (operation.kind) {
			case 'convolution':
			case 'depthwise-convolution': {
				const weights = nameOf(at(1));
				const isDepthwise = operation.kind === 'depthwise-convolution';
				const [filters = 0, height = 1, width = 1, channels = 1] = builder.shapeOf(weights);
				const values = builder.valuesOf(weights);
				builder.convolution({
					...operation,
					input: from,
					output: to,
					height,
					width,
					weights: isDepthwise
						? outputsFirst(values, [height * width, channels])
						: outputsFirst(values, [filters, height * width, channels]),
					bias: bias === undefined ? undefined : builder.valuesOf(bias),
					outputs: isDepthwise ? channels : filters,
					groups: isDepthwise ? channels / operation.multiplier : 1,
				});
				break;
			}
			case 'fully-connected': {
				const weights = nameOf(at(1));
				const [rows = 1, columns = 1] = builder.shapeOf(weights);
				builder.dense(
					from,
					to,
					outputsFirst(builder.valuesOf(weights), [rows, columns]),
					bias === undefined ? undefined : builder.valuesOf(bias),
					rows,
				);
				break;
			}
			case 'add':
			case 'multiply':
				builder.binary(operation.kind === 'add' ? 'Add' : 'Mul', [from, nameOf(at(1))], to);
				break;
			case 'average-pool':
			case 'max-pool':
				builder.pool(operation.kind === 'max-pool' ? 'max' : 'average', {
					...operation,
					input: from,
					output: to,
					height: operation.filterHeight,
					width: operation.filterWidth,
				});
				break;
			case 'concatenation':
				builder.concatenate(
					inputs.map((_, position) => nameOf(at(position))),
					to,
					operation.axis,
				);
				break;
			case 'softmax':
				if (operation.beta === 1) builder.activate('softmax', from, to);
				else {
					builder.withNumber('Mul', from, operation.beta, `${to}/scaled`);
					builder.activate('softmax', `${to}/scaled`, to);
				}
				break;
			case 'mean': {
				const axes = whole(1).map((axis) => (axis < 0 ? axis + builder.shapeOf(from).length : axis));
				if (axes.toSorted().join() !== '1,2')
					throw builder.fail(place, `a mean over axes ${axes.join(', ')}`, 'a mean over height and width');
				builder.meanOverImage(from, to, operation.keepDimensions);
				break;
			}
			case 'pad': {
				const pads = whole(1);
				const [top = 0, bottom = 0, left = 0, right = 0] = pads.slice(2, 6);
				if (pads.length !== 8 || [0, 1, 6, 7].some((i) => pads[i] !== 0))
					throw builder.fail(place, `pads ${pads.join(', ')}`, 'pads of height and width');
				builder.pad(from, to, [top, left, bottom, right]);
				break;
			}
			case 'relu':
			case 'relu6':
			case 'hard-swish':
			case 'sigmoid':
				builder.activate(operation.kind, from, to);
				break;
			case 'transpose':
				builder.transpose(from, to, whole(1));
				break;
			case 'reshape':
			case 'squeeze':
				builder.reshape(from, to, file.tensors[outputs[0] ?? -1]?.shape ?? []);
				break;
			default:
				throw builder.fail(
					place,
					'an operator that is not converted',
					'convolutions, fully connected layers, additions, products, pools, means, pads, reshapes, transposes, concatenations, activations and softmax',
				);
		}
		if (activation !== 'none') builder.activate(activation, to, target);
	}
	return builder.model(nameOf(input), file.outputs.map(nameOf));
}

function wholeNumbers(tensor: TfliteTensor | undefined, fail: () => Error): number[] {
	if (tensor?.data === undefined || tensor.elementType !== 'int32') throw fail();
	return Array.from(new Int32Array(new Uint8Array(tensor.data).buffer));
}
