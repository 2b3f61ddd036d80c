/** Operators of TensorFlow as those of ONNX, in a graph whose images are turned to channels first. */
import { ChannelsLastGraph, TO_FIRST } from './channels-last-graph.ts';
import { elements, integersWeight } from './float-model.ts';

export type SourcePadding = 'same' | 'valid' | readonly [top: number, left: number, bottom: number, right: number];
export type Activation = 'none' | 'relu' | 'relu6' | 'relu-n1-to-1' | 'tanh' | 'sigmoid' | 'hard-swish' | 'swish' | 'softmax';

export interface SourceWindow {
	readonly input: string;
	readonly output: string;
	readonly height: number;
	readonly width: number;
	readonly strideHeight: number;
	readonly strideWidth: number;
	readonly dilationHeight?: number;
	readonly dilationWidth?: number;
	readonly padding: SourcePadding;
}

export class ChannelsLastBuilder extends ChannelsLastGraph {
	/** Another name for the same tensor. */
	alias(name: string, of: string): void {
		const values = this.constants.get(of);
		if (values === undefined) this.emit('Identity', [of], name, this.shapeOf(of));
		else this.constant(name, this.shapeOf(of), values);
	}

	/** `weights`: [outputs, inputs a group, height, width]. */
	convolution(
		window: SourceWindow & {
			readonly weights: Float32Array;
			readonly bias: Float32Array | undefined;
			readonly outputs: number;
			readonly groups: number;
		},
	): void {
		const { input, output, weights, bias, outputs, groups, height, width } = window;
		const { pads, size } = this.pads(window);
		const [batch = 1, , , channels = 1] = this.imageShape(input);
		if (weights.length !== (outputs * channels * height * width) / groups)
			throw this.fail(output, `${weights.length} weights`, `${(outputs * channels * height * width) / groups} weights`);
		const names = [this.weight(`${output}/weights`, [outputs, channels / groups, height, width], weights)];
		if (bias !== undefined) names.push(this.weight(`${output}/bias`, [outputs], bias));
		this.emit('Conv', [input, ...names], output, [batch, ...size, outputs], {
			kernel_shape: [height, width],
			strides: [window.strideHeight, window.strideWidth],
			dilations: [window.dilationHeight ?? 1, window.dilationWidth ?? 1],
			pads,
			group: groups,
		});
	}

	pool(kind: 'average' | 'max', window: SourceWindow): void {
		const { pads, size } = this.pads(window);
		const [batch = 1, , , channels = 1] = this.imageShape(window.input);
		this.emit(kind === 'average' ? 'AveragePool' : 'MaxPool', [window.input], window.output, [batch, ...size, channels], {
			kernel_shape: [window.height, window.width],
			strides: [window.strideHeight, window.strideWidth],
			pads,
		});
	}

	/** `weights`: [inputs, outputs]. Inputs of more than two dimensions are flattened first. */
	dense(input: string, output: string, weights: Float32Array, bias: Float32Array | undefined, outputs: number): void {
		const inputs = weights.length / outputs;
		let from = input;
		const shape = this.shapeOf(input);
		if (shape.length !== 2 || shape[1] !== inputs) {
			from = this.name(`${output}/rows`);
			this.reshape(input, from, [elements(shape) / inputs, inputs]);
		}
		const names = [this.weight(`${output}/weights`, [inputs, outputs], weights)];
		if (bias !== undefined) names.push(this.weight(`${output}/bias`, [outputs], bias));
		this.emit('Gemm', [from, ...names], output, [this.shapeOf(from)[0] ?? 1, outputs]);
	}

	/** Two tensors, or a tensor and a constant that is broadcast. */
	binary(opType: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min', inputs: readonly [string, string], output: string): void {
		const shapes = inputs.map((name) => this.shapeOf(name));
		const rank = Math.max(...shapes.map(({ length }) => length));
		const shape = Array.from({ length: rank }, (_, axis) => Math.max(...shapes.map((one) => one[axis - rank + one.length] ?? 1)));
		const names = inputs.map((name) => {
			if (!this.isConstant(name)) {
				if (this.shapeOf(name).length !== rank && rank === 4)
					throw this.fail(
						output,
						`operands of ${shapes.map((one) => `[${one.join(', ')}]`).join(' and ')}`,
						'operands of one rank',
					);
				return name;
			}
			return this.broadcastConstant(name, rank);
		});
		this.emit(opType, names, output, shape);
	}

	/** One constant number with one tensor. */
	withNumber(opType: 'Add' | 'Mul' | 'Div' | 'Max' | 'Min', input: string, number: number, output: string): void {
		this.emit(opType, [input, this.weight(this.name(`${output}/number`), [], [number])], output, this.shapeOf(input));
	}

	activate(activation: Activation, input: string, output: string): void {
		const shape = this.shapeOf(input);
		switch (activation) {
			case 'none':
				this.alias(output, input);
				break;
			case 'relu6':
				this.clip(input, output, 0, 6);
				break;
			case 'relu-n1-to-1':
				this.clip(input, output, -1, 1);
				break;
			case 'relu':
				this.emit('Relu', [input], output, shape);
				break;
			case 'tanh':
				this.emit('Tanh', [input], output, shape);
				break;
			case 'sigmoid':
				this.emit('Sigmoid', [input], output, shape);
				break;
			case 'hard-swish':
				this.emit('HardSwish', [input], output, shape);
				break;
			case 'swish':
				this.emit('Sigmoid', [input], `${output}/gate`, shape);
				this.emit('Mul', [input, `${output}/gate`], output, shape);
				break;
			case 'softmax':
				if (shape.length === 4) throw this.fail(output, 'a softmax of images', 'a softmax of rows');
				this.emit('Softmax', [input], output, shape, { axis: shape.length - 1 });
				break;
		}
	}

	/** The bounds may be infinite. */
	clip(input: string, output: string, low: number, high: number): void {
		const bound = (end: string, value: number) => (Number.isFinite(value) ? this.weight(`${output}/${end}`, [], [value]) : '');
		this.emit('Clip', [input, bound('low', low), bound('high', high)], output, this.shapeOf(input));
	}

	leakyRelu(input: string, output: string, slope: number): void {
		this.emit('LeakyRelu', [input], output, this.shapeOf(input), { alpha: { float: slope } });
	}

	/** Each channel (the last dimension) times a factor, and a summand more: what a norm of batches is after training. */
	scaleChannels(input: string, output: string, factors: Float32Array, summands: Float32Array): void {
		const scaled = this.name(`${output}/scaled`);
		const channels = this.shapeOf(input).at(-1) ?? 1;
		for (const [what, values] of [
			['factors', factors],
			['summands', summands],
		] as const) {
			if (values.length !== channels) throw this.fail(output, `${values.length} ${what}`, `${channels}, one for each channel`);
			this.constant(`${output}/${what}`, [channels], values);
		}
		this.binary('Mul', [input, `${output}/factors`], scaled);
		this.binary('Add', [scaled, `${output}/summands`], output);
	}

	concatenate(inputs: readonly string[], output: string, axis: number): void {
		const shapes = inputs.map((name) => this.shapeOf(name));
		const [first = []] = shapes;
		const at = axis < 0 ? axis + first.length : axis;
		const shape = first.map((size, i) => (i === at ? shapes.reduce((sum, one) => sum + (one[i] ?? 0), 0) : size));
		const turned = first.length === 4 ? (TO_FIRST.indexOf(at) as number) : at;
		this.emit('Concat', inputs, output, shape, { axis: turned });
	}

	/** Mean over height and width. */
	meanOverImage(input: string, output: string, keepsDimensions: boolean): void {
		const [batch = 1, , , channels = 1] = this.imageShape(input);
		const pooled = keepsDimensions ? output : this.name(`${output}/pooled`);
		this.emit('GlobalAveragePool', [input], pooled, [batch, 1, 1, channels]);
		if (!keepsDimensions) this.reshape(pooled, output, [batch, channels]);
	}

	/** Each pixel several times. */
	repeatPixels(input: string, output: string, rows: number, columns: number): void {
		const [batch = 1, height = 1, width = 1, channels = 1] = this.imageShape(input);
		const factors = this.weight(`${output}/factors`, [4], [1, 1, rows, columns]);
		this.emit('Resize', [input, '', factors], output, [batch, rows * height, columns * width, channels], {
			mode: 'nearest',
			coordinate_transformation_mode: 'asymmetric',
			nearest_mode: 'floor',
		});
	}

	/** `order`: for each dimension of the output, that of the input. */
	transpose(input: string, output: string, order: readonly number[]): void {
		const shape = this.shapeOf(input);
		if (order.length !== shape.length || order.toSorted((a, b) => a - b).some((axis, at) => axis !== at))
			throw this.fail(output, `the order ${order.join(', ')}`, `each of 0 to ${shape.length - 1} once`);
		const perm = shape.length === 4 ? TO_FIRST.map((axis) => TO_FIRST.indexOf(order[axis] as number)) : [...order];
		this.emit(
			'Transpose',
			[input],
			output,
			order.map((axis) => shape[axis] as number),
			{ perm },
		);
	}

	/** Zeros around images. */
	pad(input: string, output: string, [top, left, bottom, right]: readonly [number, number, number, number]): void {
		const [batch = 1, height = 1, width = 1, channels = 1] = this.imageShape(input);
		const pads = integersWeight(`${output}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
		this.weights.set(pads.name, pads);
		this.emit('Pad', [input, pads.name], output, [batch, height + top + bottom, width + left + right, channels]);
	}

	/** Pads as ONNX has them, and height and width of the output. */
	private pads(window: SourceWindow): { readonly pads: readonly number[]; readonly size: readonly [number, number] } {
		const [, height = 1, width = 1] = this.imageShape(window.input);
		const { padding } = window;
		const one = (
			size: number,
			taps: number,
			dilation: number,
			stride: number,
			before: number,
			after: number,
		): readonly [number, number, number] => {
			const spread = (taps - 1) * dilation + 1;
			if (padding === 'same') {
				const out = Math.ceil(size / stride);
				const total = Math.max(0, (out - 1) * stride + spread - size);
				return [Math.floor(total / 2), Math.ceil(total / 2), out];
			}
			return [before, after, Math.floor((size + before + after - spread) / stride) + 1];
		};
		const [t, l, b, r] = typeof padding === 'string' ? [0, 0, 0, 0] : padding;
		const [top, bottom, rows] = one(height, window.height, window.dilationHeight ?? 1, window.strideHeight, t, b);
		const [left, right, columns] = one(width, window.width, window.dilationWidth ?? 1, window.strideWidth, l, r);
		return { pads: [top, left, bottom, right], size: [rows, columns] };
	}
}
