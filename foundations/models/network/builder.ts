/** Puts a network together layer by layer. Each method adds one layer and gives back the tensor it writes. */
import { windowCount } from '../onnx/shapes/windows.ts';
import type { AttentionMask, Layer, Network, Operation, Tensor } from './network.ts';
import { product } from './network.ts';

/** A number for every spatial axis, or one for all. */
type PerAxis = number | readonly number[];

interface ConvolutionOptions {
	readonly channels: number;
	readonly kernel: PerAxis;
	readonly stride?: PerAxis;
	/** `same`: as many elements as strides cover, the odd one at the end (TensorFlow's convention). */
	readonly padding?: PerAxis | 'same';
	readonly dilation?: PerAxis;
	readonly groups?: number;
	readonly bias?: boolean;
}

interface PoolingOptions {
	readonly operator: 'MaxPool' | 'AveragePool';
	readonly kernel: PerAxis;
	readonly stride: PerAxis;
	readonly padding?: PerAxis;
	/** A last window may reach past the end. */
	readonly ceil?: boolean;
}

interface MatrixProductOptions {
	readonly batch: number;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	/** Shape of the output, of `batch · m · n` elements. */
	readonly shape: readonly number[];
	readonly mask?: AttentionMask | null;
}

export class NetworkBuilder {
	private readonly layers: Layer[] = [];
	private readonly inputs: Tensor[] = [];
	private readonly bits: number;
	private readonly weightBits: number;

	/** `bits`: width of an activation, and of a weight unless told. */
	constructor(bits = 32, weightBits = bits) {
		this.bits = bits;
		this.weightBits = weightBits;
	}

	input(name: string, shape: readonly number[], bits = this.bits): Tensor {
		const tensor = { name, shape, bits };
		this.inputs.push(tensor);
		return tensor;
	}

	/** A weight, to be held by one layer or several. */
	weight(name: string, shape: readonly number[]): Tensor {
		return { name, shape, bits: this.weightBits };
	}

	add(
		name: string,
		operator: string,
		operation: Operation,
		inputs: readonly Tensor[],
		weights: readonly Tensor[],
		shape: readonly number[],
	): Tensor {
		const output = { name, shape, bits: this.bits };
		this.layers.push({ ...operation, name, operator, inputs, weights, outputs: [output] });
		return output;
	}

	convolution(name: string, input: Tensor, options: ConvolutionOptions): Tensor {
		const [batch = 1, inputChannels = 1, ...inputSize] = input.shape;
		const { channels, groups = 1 } = options;
		const axes = inputSize.length;
		const kernel = perAxis(options.kernel, axes);
		const stride = perAxis(options.stride ?? 1, axes);
		const dilation = perAxis(options.dilation ?? 1, axes);
		const pads = inputSize.map((size, i) => {
			if (options.padding === 'same') {
				const total = Math.max(0, (Math.ceil(size / stride[i]!) - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1 - size);
				return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
			}
			const pad = perAxis(options.padding ?? 0, axes)[i]!;
			return [pad, pad] as const;
		});
		const padBegin = pads.map(([begin]) => begin);
		const padEnd = pads.map(([, end]) => end);
		const outputSize = inputSize.map((size, i) =>
			windowCount(size, padBegin[i]! + padEnd[i]!, kernel[i]!, stride[i]!, dilation[i]!),
		);
		const weights = [this.weight(`${name}.weight`, [channels, inputChannels / groups, ...kernel])];
		if (options.bias === true) weights.push(this.weight(`${name}.bias`, [channels]));
		const sizes = {
			batch,
			inputChannels,
			outputChannels: channels,
			groups,
			kernel,
			stride,
			padBegin,
			padEnd,
			dilation,
			inputSize,
			outputSize,
		};
		return this.add(name, 'Conv', { kind: 'convolution', ...sizes, transposed: false }, [input], weights, [
			batch,
			channels,
			...outputSize,
		]);
	}

	/** A transposed convolution with a kernel as large as its stride and a bias, which makes the image larger by the stride. */
	upConvolution(name: string, input: Tensor, channels: number, stride: number): Tensor {
		const [batch = 1, inputChannels = 1, ...inputSize] = input.shape;
		const all = (value: number): number[] => inputSize.map(() => value);
		const outputSize = inputSize.map((size) => size * stride);
		const sizes = {
			batch,
			inputChannels,
			outputChannels: channels,
			groups: 1,
			kernel: all(stride),
			stride: all(stride),
			dilation: all(1),
		};
		const weights = [
			this.weight(`${name}.weight`, [inputChannels, channels, ...all(stride)]),
			this.weight(`${name}.bias`, [channels]),
		];
		const operation = {
			kind: 'convolution',
			...sizes,
			padBegin: all(0),
			padEnd: all(0),
			inputSize,
			outputSize,
			transposed: true,
		} as const;
		return this.add(name, 'ConvTranspose', operation, [input], weights, [batch, channels, ...outputSize]);
	}

	/** Scale and shift of every channel; the running statistics, which are folded into these at inference, are not counted. */
	batchNormalisation(name: string, input: Tensor): Tensor {
		const channels = input.shape[1] ?? 1;
		const weights = [this.weight(`${name}.weight`, [channels]), this.weight(`${name}.bias`, [channels])];
		return this.add(name, 'BatchNormalization', { kind: 'normalisation' }, [input], weights, input.shape);
	}

	/** Over the last axis, with a scale and, of a layer norm, a shift. */
	layerNormalisation(
		name: string,
		input: Tensor,
		operator: 'LayerNormalization' | 'RMSNormalization' = 'LayerNormalization',
		width?: number,
	): Tensor {
		const size = width ?? input.shape[input.shape.length - 1] ?? 1;
		const weights = [this.weight(`${name}.weight`, [size])];
		if (operator === 'LayerNormalization') weights.push(this.weight(`${name}.bias`, [size]));
		return this.add(name, operator, { kind: 'normalisation' }, [input], weights, input.shape);
	}

	pooling(name: string, input: Tensor, options: PoolingOptions): Tensor {
		const [batch = 1, channels = 1, ...inputSize] = input.shape;
		const axes = inputSize.length;
		const [kernel, stride, pad] = [options.kernel, options.stride, options.padding ?? 0].map((one) => perAxis(one, axes)) as [
			number[],
			number[],
			number[],
		];
		const outputSize = inputSize.map((size, i) => {
			const count = windowCount(size, 2 * pad[i]!, kernel[i]!, stride[i]!, 1);
			const reaches =
				options.ceil === true && (size + 2 * pad[i]! - kernel[i]!) % stride[i]! !== 0 && count * stride[i]! < size + pad[i]!;
			return reaches ? count + 1 : count;
		});
		const operation = {
			kind: 'pooling',
			batch,
			channels,
			kernel,
			stride,
			padBegin: pad,
			padEnd: pad,
			inputSize,
			outputSize,
		} as const;
		return this.add(name, options.operator, operation, [input], [], [batch, channels, ...outputSize]);
	}

	/** The average of every channel, as one element a channel. */
	globalAverage(name: string, input: Tensor): Tensor {
		const [batch = 1, channels = 1, ...inputSize] = input.shape;
		const ones = inputSize.map(() => 1);
		const none = inputSize.map(() => 0);
		const sizes = { batch, channels, kernel: inputSize, stride: ones, padBegin: none, padEnd: none, inputSize, outputSize: ones };
		return this.add(name, 'GlobalAveragePool', { kind: 'pooling', ...sizes }, [input], [], [batch, channels, ...ones]);
	}

	/** All but the batch in one row. */
	flatten(name: string, input: Tensor): Tensor {
		const [batch = 1, ...rest] = input.shape;
		return this.move(name, 'Flatten', [input], [batch, product(rest)]);
	}

	/** A product with a weight over the last axis. `tied`: a weight that another layer holds too. */
	linear(
		name: string,
		input: Tensor,
		outputs: number,
		options: { readonly bias?: boolean; readonly tied?: Tensor } = {},
	): Tensor {
		const k = input.shape[input.shape.length - 1] ?? 1;
		const rows = input.shape.slice(0, -1);
		const weights = [options.tied ?? this.weight(`${name}.weight`, [k, outputs])];
		if (options.bias !== false) weights.push(this.weight(`${name}.bias`, [outputs]));
		const operation = {
			kind: 'matrix-product',
			batch: 1,
			m: product(rows),
			n: outputs,
			k,
			secondOperand: 'weight',
			mask: null,
		} as const;
		return this.add(name, rows.length === 1 ? 'Gemm' : 'MatMul', operation, [input], weights, [...rows, outputs]);
	}

	/** A product of activations, or of activations with a given weight. */
	matrixProduct(
		name: string,
		inputs: readonly Tensor[],
		{ batch, m, n, k, shape, mask = null }: MatrixProductOptions,
		weight?: Tensor,
	): Tensor {
		const secondOperand = weight === undefined ? 'activation' : 'weight';
		const operation = { kind: 'matrix-product', batch, m, n, k, secondOperand, mask } as const;
		return this.add(name, 'MatMul', operation, inputs, weight === undefined ? [] : [weight], shape);
	}

	softmax(name: string, input: Tensor): Tensor {
		const columns = input.shape[input.shape.length - 1] ?? 1;
		const rows = product(input.shape.slice(0, -1));
		return this.add(name, 'Softmax', { kind: 'softmax', rows, columns }, [input], [], input.shape);
	}

	/** Operands of one shape, or smaller ones that are stretched to the first's. */
	elementwise(name: string, operator: string, inputs: readonly Tensor[]): Tensor {
		return this.add(name, operator, { kind: 'elementwise' }, inputs, [], inputs[0]?.shape ?? []);
	}

	embedding(name: string, indices: Tensor, table: Tensor): Tensor {
		const [rows = 1, width = 1] = table.shape;
		const operation = { kind: 'embedding', rows, width, lookups: product(indices.shape) } as const;
		return this.add(name, 'Gather', operation, [indices], [table], [...indices.shape, width]);
	}

	move(name: string, operator: string, inputs: readonly Tensor[], shape: readonly number[]): Tensor {
		return this.add(name, operator, { kind: 'data-movement' }, inputs, [], shape);
	}

	/** One after another along the channels, axis 1. */
	concatenate(name: string, inputs: readonly Tensor[]): Tensor {
		const [batch = 1, , ...rest] = inputs[0]?.shape ?? [];
		const channels = inputs.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0);
		return this.move(name, 'Concat', inputs, [batch, channels, ...rest]);
	}

	build(name: string, source: string, outputs: readonly Tensor[]): Network {
		return { name, source, inputs: this.inputs, outputs, layers: this.layers };
	}
}

function perAxis(value: PerAxis, axes: number): number[] {
	return typeof value === 'number' ? new Array<number>(axes).fill(value) : [...value];
}
