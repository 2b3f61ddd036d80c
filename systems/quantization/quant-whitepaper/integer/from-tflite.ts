/**
 * An int8 TensorFlow Lite model as an integer network. Its images are [batch, height, width, channels] and become [batch, channels,
 * height, width]; weights are turned likewise.
 */
import { InputError } from '@assay/contract';
import type { FusedActivation, TfliteModel, TfliteTensor } from '@assay/models/tflite';
import { type IntegerNetwork, type IntegerStep, type IntegerTensor, ONE_PIXEL, type Quantization } from './integer-network.ts';
import { channelsFirst, dimensions, outputsFirst, tapsLast, type Wrong, window } from './tflite-layout.ts';

/** Raises an InputError that names the operator or tensor for anything that is not int8 arithmetic known here. */
export function integerNetworkFromTflite(model: TfliteModel, fileName: string): IntegerNetwork {
	const wrong = (place: string, found: string, expected: string) => new InputError({ path: [fileName, place], found, expected });
	const tensors = new Map<string, IntegerTensor>();
	const nameOf = (number: number): string => `${number}:${model.tensors[number]?.name ?? ''}`;
	const tensorAt = (number: number | undefined, place: string): TfliteTensor => {
		const tensor = number === undefined ? undefined : model.tensors[number];
		if (tensor === undefined) throw wrong(place, 'a missing input', 'all inputs of the operator');
		return tensor;
	};
	/** Registers an 8-bit tensor and returns its name. */
	const use = (number: number | undefined, place: string): string => {
		const tensor = tensorAt(number, place);
		const quantization = quantizationOf(tensor);
		if (tensor.elementType !== 'int8' || quantization === undefined)
			throw wrong(
				tensor.name,
				`${tensor.elementType}${quantization === undefined ? ' without one scale' : ''}`,
				'int8 with a scale',
			);
		const name = nameOf(number as number);
		tensors.set(name, { name, shape: channelsFirst(tensor.shape), ...quantization });
		return name;
	};
	const steps: IntegerStep[] = [];
	for (const [index, { operation, inputs, outputs }] of model.nodes.entries()) {
		const place = `operator ${index} (${operation.kind === 'other' ? operation.name : operation.kind})`;
		const [first, second, third] = inputs;
		const output = use(outputs[0], place);
		const input = use(first, place);
		const to = quantizationOf(tensorAt(outputs[0], place)) as Quantization;
		const range = (activation: FusedActivation) => activationRange(activation, to, place, wrong);
		const image = tensorAt(first, place).shape;
		switch (operation.kind) {
			case 'convolution':
			case 'depthwise-convolution': {
				const weights = weightsAt(second, place);
				const isDepthwise = operation.kind === 'depthwise-convolution';
				const [filters, height, width, channels] = dimensions(weights.tensor.shape, place, wrong);
				const outputsCount = isDepthwise ? channels : filters;
				steps.push({
					kind: 'convolution',
					input,
					output,
					groups: isDepthwise ? channels / operation.multiplier : 1,
					height,
					width,
					...window(operation, image, height, width),
					dilationHeight: operation.dilationHeight,
					dilationWidth: operation.dilationWidth,
					weights: isDepthwise ? outputsFirst(weights.values, height * width) : tapsLast(weights.values, filters, height * width),
					outputs: outputsCount,
					...sums(weights.tensor, third, outputsCount, isDepthwise ? 3 : 0, place),
					...range(operation.activation),
				});
				break;
			}
			case 'fully-connected': {
				const weights = weightsAt(second, place);
				const [outputsCount = 0, inputsCount = 0] = weights.tensor.shape;
				const flat = `${input}#flat`;
				tensors.set(flat, { ...(tensors.get(input) as IntegerTensor), name: flat, shape: [image[0] ?? 1, inputsCount] });
				if (image.slice(1, -1).some((size) => size !== 1))
					throw wrong(place, `an image of [${image.join(', ')}]`, 'one pixel a channel');
				steps.push({ kind: 'reshape', input, output: flat });
				steps.push({
					kind: 'convolution',
					input: flat,
					output,
					...ONE_PIXEL,
					weights: weights.values,
					outputs: outputsCount,
					...sums(weights.tensor, third, outputsCount, 0, place),
					...range(operation.activation),
				});
				break;
			}
			case 'add':
			case 'multiply': {
				const kind = operation.kind === 'add' ? 'addition' : 'product';
				steps.push({ kind, left: input, right: use(second, place), output, ...range(operation.activation) });
				break;
			}
			case 'average-pool':
			case 'max-pool': {
				const { filterHeight, filterWidth } = operation;
				steps.push({
					kind: operation.kind,
					input,
					output,
					height: filterHeight,
					width: filterWidth,
					...window(operation, image, filterHeight, filterWidth),
					...range(operation.activation),
				});
				break;
			}
			case 'softmax':
				steps.push({ kind: 'softmax', input, output, beta: operation.beta });
				break;
			case 'reshape': {
				const shape = tensorAt(outputs[0], place).shape;
				const turns = (sizes: readonly number[]) =>
					sizes.length === 4 && (sizes[1] ?? 1) * (sizes[2] ?? 1) > 1 && (sizes[3] ?? 1) > 1;
				if (turns(image) || turns(shape))
					throw wrong(
						place,
						`[${image.join(', ')}] to [${shape.join(', ')}]`,
						'a reshape that leaves pixels and channels in order',
					);
				steps.push({ kind: 'reshape', input, output });
				break;
			}
			default:
				throw wrong(
					place,
					'an operator without an integer kernel',
					'convolutions, additions, products, pools, softmax and reshapes',
				);
		}
	}

	function weightsAt(number: number | undefined, place: string): { readonly tensor: TfliteTensor; readonly values: Int8Array } {
		const tensor = tensorAt(number, place);
		return { tensor, values: new Int8Array(constantBytes(tensor, 'int8', wrong)) };
	}

	/** Bias and weight scales of so many outputs. */
	function sums(weights: TfliteTensor, bias: number | undefined, outputs: number, axis: number, place: string) {
		const { quantization } = weights;
		if (quantization === undefined || quantization.zeroPoints.some((zero) => zero !== 0))
			throw wrong(weights.name, 'weights without scales, or with zero points', 'symmetric weights');
		const { scales } = quantization;
		if (scales.length !== 1 && (scales.length !== outputs || quantization.axis !== axis))
			throw wrong(
				weights.name,
				`${scales.length} scales along axis ${quantization.axis}`,
				`one, or ${outputs} along axis ${axis}`,
			);
		return {
			bias: bias === undefined ? new Int32Array(outputs) : new Int32Array(constantBytes(tensorAt(bias, place), 'int32', wrong)),
			weightScales: Float32Array.from({ length: outputs }, (_, i) => scales[scales.length === 1 ? 0 : i] as number),
		};
	}

	const [input, output] = [model.inputs[0], model.outputs[0]];
	if (model.inputs.length !== 1 || model.outputs.length !== 1)
		throw wrong('inputs', `${model.inputs.length} inputs and ${model.outputs.length} outputs`, 'one of each');
	return {
		tensors,
		constants: new Map(),
		steps,
		input: use(input, 'inputs'),
		output: use(output, 'outputs'),
		rescaling: 'fixed-point',
	};
}

function quantizationOf({ quantization }: TfliteTensor): Quantization | undefined {
	const [scale, zeroPoint] = [quantization?.scales[0], quantization?.zeroPoints[0]];
	return scale === undefined || zeroPoint === undefined || quantization?.scales.length !== 1 ? undefined : { scale, zeroPoint };
}

/** A constant's bytes, copied so that wider values start where they may. */
function constantBytes({ data, elementType, name }: TfliteTensor, type: 'int8' | 'int32', wrong: Wrong): ArrayBuffer {
	if (data === undefined || elementType !== type)
		throw wrong(name, data === undefined ? 'something computed' : elementType, `constants of ${type}`);
	return new Uint8Array(data).buffer;
}

/** The 8-bit range that a fused activation leaves. */
function activationRange(activation: FusedActivation, { scale, zeroPoint }: Quantization, place: string, wrong: Wrong) {
	const stored = (value: number) => zeroPoint + Math.round(value / scale);
	switch (activation) {
		case 'none':
			return { low: -128, high: 127 };
		case 'relu':
			return { low: Math.max(-128, zeroPoint), high: 127 };
		case 'relu6':
			return { low: Math.max(-128, zeroPoint), high: Math.min(127, stored(6)) };
		case 'relu-n1-to-1':
			return { low: Math.max(-128, stored(-1)), high: Math.min(127, stored(1)) };
		default:
			throw wrong(place, `a fused ${activation}`, 'none, relu, relu6 or relu-n1-to-1');
	}
}
