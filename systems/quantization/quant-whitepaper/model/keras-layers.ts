/** One Keras layer at a time, as operators. */
import type { KerasLayer, TfjsWeight } from '@assay/models/tfjs';
import { z } from 'zod';
import type { Activation, ChannelsLastBuilder, SourceWindow } from './channels-last-builder.ts';
import { kernelOutputsFirst, outputsFirst } from './weight-order.ts';

/** By Keras's names. */
const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
	['linear', 'none'],
	['relu', 'relu'],
	['relu6', 'relu6'],
	['sigmoid', 'sigmoid'],
	['tanh', 'tanh'],
	['softmax', 'softmax'],
	['swish', 'swish'],
	['silu', 'swish'],
]);

/** Layers that do nothing once a network is trained. */
const NOTHING = new Set([
	'InputLayer',
	'Dropout',
	'SpatialDropout2D',
	'GaussianNoise',
	'GaussianDropout',
	'ActivityRegularization',
]);
const PAIRS = { Add: 'Add', Subtract: 'Sub', Multiply: 'Mul', Maximum: 'Max', Minimum: 'Min' } as const;

const pair = z.union([z.int().transform((both): [number, number] => [both, both]), z.tuple([z.int(), z.int()])]);
const ends = z.union([
	z.int().transform((all) => [all, all, all, all] as const),
	z.tuple([z.int(), z.int()]).transform(([rows, columns]) => [rows, columns, rows, columns] as const),
	z
		.tuple([z.tuple([z.int(), z.int()]), z.tuple([z.int(), z.int()])])
		.transform(([[top, bottom], [left, right]]) => [top, left, bottom, right] as const),
]);

export class KerasLayers {
	private readonly builder: ChannelsLastBuilder;
	private readonly weights: ReadonlyMap<string, TfjsWeight>;

	constructor(builder: ChannelsLastBuilder, weights: ReadonlyMap<string, TfjsWeight>) {
		this.builder = builder;
		this.weights = weights;
	}

	/** Adds a layer's operators, and gives the name of the tensor that it makes. Raises an InputError that names the layer. */
	add(layer: KerasLayer, inputs: readonly string[], name: string): string {
		const { className, config } = layer;
		const { builder } = this;
		const [from = ''] = inputs;
		if (NOTHING.has(className)) return from;
		if (config['data_format'] === 'channels_first')
			throw builder.fail(layer.name, 'images with channels first', 'data_format channels_last');
		if (className in PAIRS) return this.addPairs(PAIRS[className as keyof typeof PAIRS], layer, inputs, name);
		switch (className) {
			case 'Conv2D':
			case 'DepthwiseConv2D':
				return this.activate(
					layer,
					this.convolve(layer, from, `${name}/sums`, className === 'Conv2D' ? 'kernel' : 'depthwise_kernel', true),
					name,
				);
			case 'SeparableConv2D': {
				const depthwise = this.convolve(layer, from, `${name}/depthwise`, 'depthwise_kernel', false);
				return this.activate(layer, this.convolve(layer, depthwise, `${name}/sums`, 'pointwise_kernel', true), name);
			}
			case 'Dense': {
				const { shape, values } = this.weight(layer, 'kernel');
				const outputs = shape[1] ?? 1;
				const read = builder.shapeOf(from);
				if (read.at(-1) !== shape[0] || read.slice(1, -1).some((size) => size > 1))
					throw builder.fail(layer.name, `a dense layer over [${read.join(', ')}]`, `rows of ${shape[0] ?? 0} values`);
				builder.dense(from, `${name}/sums`, values, this.bias(layer), outputs);
				return this.activate(layer, `${name}/sums`, name);
			}
			case 'BatchNormalization': {
				this.normalise(layer, from, name);
				return name;
			}
			case 'Activation':
				return this.activate(layer, from, name);
			case 'Softmax':
				builder.activate('softmax', from, name);
				return name;
			case 'ReLU': {
				const slope = this.read(layer, 'negative_slope', z.number().nullish()) ?? 0;
				const threshold = this.read(layer, 'threshold', z.number().nullish()) ?? 0;
				if (slope !== 0 || threshold !== 0)
					throw builder.fail(layer.name, `a slope of ${slope} and a threshold of ${threshold}`, '0 and 0');
				const most = this.read(layer, 'max_value', z.number().nullish());
				if (most === null || most === undefined) builder.activate('relu', from, name);
				else builder.clip(from, name, 0, most);
				return name;
			}
			case 'LeakyReLU':
				builder.leakyRelu(from, name, this.read(layer, 'alpha', z.number().optional()) ?? 0.3);
				return name;
			case 'Concatenate':
				builder.concatenate(inputs, name, this.read(layer, 'axis', z.int().optional()) ?? -1);
				return name;
			case 'MaxPooling2D':
			case 'AveragePooling2D':
				builder.pool(className === 'MaxPooling2D' ? 'max' : 'average', this.pooling(layer, from, name));
				return name;
			case 'GlobalAveragePooling2D':
				builder.meanOverImage(from, name, config['keepdims'] === true);
				return name;
			case 'ZeroPadding2D':
				builder.pad(from, name, this.read(layer, 'padding', ends));
				return name;
			case 'UpSampling2D': {
				if ((config['interpolation'] ?? 'nearest') !== 'nearest')
					throw builder.fail(layer.name, `interpolation ${String(config['interpolation'])}`, 'nearest');
				const [rows, columns] = this.read(layer, 'size', pair);
				builder.repeatPixels(from, name, rows, columns);
				return name;
			}
			case 'Flatten':
				builder.reshape(from, name, [1, -1]);
				return name;
			case 'Reshape':
				builder.reshape(from, name, [
					1,
					...this.read(layer, 'target_shape', z.array(z.int().nullable())).map((size) => size ?? -1),
				]);
				return name;
			default:
				throw builder.fail(
					layer.name,
					`a layer of the kind ${className}`,
					'convolutions, dense layers, norms of batches, activations, sums, products, pools, paddings, concatenations and reshapes',
				);
		}
	}

	private addPairs(
		opType: (typeof PAIRS)[keyof typeof PAIRS],
		layer: KerasLayer,
		inputs: readonly string[],
		name: string,
	): string {
		if (inputs.length < 2) throw this.builder.fail(layer.name, `${inputs.length} inputs`, 'two or more');
		return inputs.reduce((left, right, index) => {
			const to = index === inputs.length - 1 ? name : `${name}/${index}`;
			this.builder.binary(opType, [left, right], to);
			return to;
		});
	}

	private convolve(layer: KerasLayer, input: string, output: string, kernel: string, isLast: boolean): string {
		const { builder } = this;
		const { shape, values } = this.weight(layer, kernel);
		const [height = 1, width = 1, inputs = 1, each = 1] = shape;
		const isDepthwise = kernel === 'depthwise_kernel';
		const channels = builder.shapeOf(input)[3] ?? 1;
		// The second step of a separable convolution reads single pixels.
		const [strideHeight, strideWidth] = kernel === 'pointwise_kernel' ? [1, 1] : this.read(layer, 'strides', pair);
		const [dilationHeight, dilationWidth] =
			kernel === 'pointwise_kernel' ? [1, 1] : (this.read(layer, 'dilation_rate', pair.nullish()) ?? [1, 1]);
		builder.convolution({
			input,
			output,
			height,
			width,
			strideHeight,
			strideWidth,
			dilationHeight,
			dilationWidth,
			padding: this.read(layer, 'padding', z.enum(['same', 'valid'])),
			weights: isDepthwise
				? outputsFirst(values, [height * width, inputs * each])
				: kernelOutputsFirst(values, [height * width, inputs, each]),
			bias: isLast ? this.bias(layer) : undefined,
			outputs: isDepthwise ? inputs * each : each,
			groups: isDepthwise ? inputs : channels / inputs,
		});
		return output;
	}

	private pooling(layer: KerasLayer, input: string, output: string): SourceWindow {
		const [height, width] = this.read(layer, 'pool_size', pair);
		const [strideHeight, strideWidth] = this.read(layer, 'strides', pair.nullish()) ?? [height, width];
		return {
			input,
			output,
			height,
			width,
			strideHeight,
			strideWidth,
			padding: this.read(layer, 'padding', z.enum(['same', 'valid'])),
		};
	}

	private normalise(layer: KerasLayer, input: string, output: string): void {
		const { builder } = this;
		const axis = this.read(layer, 'axis', z.union([z.int(), z.tuple([z.int()]).transform(([one]) => one)]));
		const rank = builder.shapeOf(input).length;
		if (axis !== -1 && axis !== rank - 1) throw builder.fail(layer.name, `a norm along axis ${axis}`, 'the last axis');
		const epsilon = this.read(layer, 'epsilon', z.number());
		const variance = this.weight(layer, 'moving_variance').values;
		const mean = this.weight(layer, 'moving_mean').values;
		const gain = layer.config['scale'] === false ? undefined : this.weight(layer, 'gamma').values;
		const offset = layer.config['center'] === false ? undefined : this.weight(layer, 'beta').values;
		const factors = variance.map((value, channel) => (gain?.[channel] ?? 1) / Math.sqrt(value + epsilon));
		builder.scaleChannels(
			input,
			output,
			factors,
			mean.map((value, channel) => (offset?.[channel] ?? 0) - value * (factors[channel] as number)),
		);
	}

	private activate(layer: KerasLayer, input: string, output: string): string {
		const name = this.read(layer, 'activation', z.string().nullish()) ?? 'linear';
		const activation = ACTIVATIONS.get(name);
		if (activation === undefined)
			throw this.builder.fail(layer.name, `the activation ${name}`, [...ACTIVATIONS.keys()].join(', '));
		if (activation === 'none') return input;
		this.builder.activate(activation, input, output);
		return output;
	}

	private bias(layer: KerasLayer): Float32Array | undefined {
		return layer.config['use_bias'] === false ? undefined : this.weight(layer, 'bias').values;
	}

	/** Stored under the layer's own name, also in networks within networks. */
	private weight(layer: KerasLayer, part: string): TfjsWeight {
		const found = this.weights.get(`${layer.name}/${part}`);
		if (found === undefined) throw this.builder.fail(layer.name, `no weight ${layer.name}/${part}`, 'all weights of its layers');
		return found;
	}

	private read<T>(layer: KerasLayer, key: string, schema: z.ZodType<T>): T {
		const result = schema.safeParse(layer.config[key]);
		if (result.success) return result.data;
		throw this.builder.fail(layer.name, `${key}: ${JSON.stringify(layer.config[key]) ?? 'nothing'}`, 'a value that Keras writes');
	}
}
