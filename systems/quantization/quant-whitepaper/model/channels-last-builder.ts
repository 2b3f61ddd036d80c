/**
 * Builds a model from a network whose images are [batch, height, width, channels], as TensorFlow has them: every tensor of four dimensions is
 * turned to [batch, channels, height, width], and turned back only where the order of its numbers is seen (reshapes). Shapes given and asked
 * for are those of the source.
 */
import { InputError } from '@assay/contract';
import { type OnnxNode, onnxNode } from '@assay/models/onnx';
import { elements, type FloatModel, floatWeight, integersWeight, type Weight } from './float-model.ts';
import { LEAST_OPERATOR_SET } from './raise-operator-set.ts';

export type SourcePadding = 'same' | 'valid' | readonly [top: number, left: number, bottom: number, right: number];
export type Activation = 'none' | 'relu' | 'relu6' | 'relu-n1-to-1' | 'tanh' | 'sigmoid' | 'hard-swish' | 'softmax';

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

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

export class ChannelsLastBuilder {
	private readonly fileName: string;
	private readonly nodes: OnnxNode[] = [];
	private readonly weights = new Map<string, Weight>();
	/** Shapes of the source, constants included. */
	private readonly sourceShapes = new Map<string, readonly number[]>();
	private readonly constants = new Map<string, Float32Array>();
	private readonly shapes = new Map<string, readonly number[]>();
	private fresh = 0;

	constructor(fileName: string) {
		this.fileName = fileName;
	}

	fail(place: string, found: string, expected: string): InputError {
		return new InputError({ path: [this.fileName, place], found, expected });
	}

	input(name: string, shape: readonly number[]): void {
		this.register(name, shape);
	}

	constant(name: string, shape: readonly number[], values: Float32Array): void {
		this.sourceShapes.set(name, shape);
		this.constants.set(name, values);
	}

	isConstant(name: string): boolean {
		return this.constants.has(name);
	}

	/** A constant's values in the source's order. */
	valuesOf(name: string): Float32Array {
		const values = this.constants.get(name);
		if (values === undefined) throw this.fail(name, 'something computed', 'a constant');
		return values;
	}

	shapeOf(name: string): readonly number[] {
		const shape = this.sourceShapes.get(name);
		if (shape === undefined) throw this.fail(name, 'a tensor that nothing writes', 'tensors in the order in which they are made');
		return shape;
	}

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
		const clip = (low: number, high: number) =>
			this.emit(
				'Clip',
				[input, this.weight(`${output}/low`, [], [low]), this.weight(`${output}/high`, [], [high])],
				output,
				shape,
			);
		switch (activation) {
			case 'none':
				this.alias(output, input);
				break;
			case 'relu6':
				clip(0, 6);
				break;
			case 'relu-n1-to-1':
				clip(-1, 1);
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
			case 'softmax':
				if (shape.length === 4) throw this.fail(output, 'a softmax of images', 'a softmax of rows');
				this.emit('Softmax', [input], output, shape, { axis: shape.length - 1 });
				break;
		}
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

	/** Zeros around images. */
	pad(input: string, output: string, [top, left, bottom, right]: readonly [number, number, number, number]): void {
		const [batch = 1, height = 1, width = 1, channels = 1] = this.imageShape(input);
		const pads = integersWeight(`${output}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
		this.weights.set(pads.name, pads);
		this.emit('Pad', [input, pads.name], output, [batch, height + top + bottom, width + left + right, channels]);
	}

	reshape(input: string, output: string, shape: readonly number[]): void {
		const open = shape.indexOf(-1);
		const from = this.shapeOf(input);
		const known = shape.map((size, at) => (at === open ? elements(from) / -elements(shape) : size));
		if (elements(known) !== elements(from))
			throw this.fail(output, `[${from.join(', ')}] as [${shape.join(', ')}]`, 'as many values');
		const isPlain = (sizes: readonly number[]) => sizes.length !== 4 || (sizes[1] ?? 1) * (sizes[2] ?? 1) === 1 || sizes[3] === 1;
		let name = input;
		if (!isPlain(from)) {
			name = this.name(`${output}/turned`);
			this.emitTurned(
				'Transpose',
				[input],
				name,
				TO_LAST.map((axis) => this.firstShape(input)[axis] ?? 1),
				{ perm: TO_LAST },
			);
		}
		const target = known.length === 4 ? TO_FIRST.map((axis) => known[axis] ?? 1) : known;
		if (isPlain(known)) {
			this.emitReshape(name, output, target, known);
			return;
		}
		const last = this.name(`${output}/rows`);
		this.emitReshape(name, last, known, known);
		this.sourceShapes.set(output, known);
		this.emitTurned('Transpose', [last], output, target, { perm: TO_FIRST });
	}

	/** An operator on tensors in the builder's own order. `shape`: of the source. */
	emit(
		opType: string,
		inputs: readonly string[],
		output: string,
		shape: readonly number[],
		attributes: Parameters<typeof onnxNode>[3] = {},
	): void {
		this.register(output, shape);
		this.nodes.push(onnxNode(opType, inputs, [output], attributes));
	}

	model(input: string, outputs: readonly string[]): FloatModel {
		return {
			name: this.fileName,
			nodes: this.nodes,
			weights: this.weights,
			input,
			outputs,
			shapes: this.shapes,
			otherTypes: new Map(),
			opset: LEAST_OPERATOR_SET,
			imageOrder: 'channels-last',
		};
	}

	private register(name: string, shape: readonly number[]): void {
		if (shape.some((size) => !Number.isInteger(size) || size < 1))
			throw this.fail(name, `the shape [${shape.join(', ')}]`, 'whole sizes of at least 1');
		this.sourceShapes.set(name, shape);
		this.shapes.set(name, shape.length === 4 ? TO_FIRST.map((axis) => shape[axis] as number) : shape);
	}

	private firstShape(name: string): readonly number[] {
		return this.shapes.get(name) ?? this.shapeOf(name);
	}

	private imageShape(name: string): readonly number[] {
		const shape = this.shapeOf(name);
		if (shape.length !== 4) throw this.fail(name, `[${shape.join(', ')}]`, 'images: [batch, height, width, channels]');
		return shape;
	}

	private emitTurned(
		opType: string,
		inputs: readonly string[],
		output: string,
		shape: readonly number[],
		attributes: Parameters<typeof onnxNode>[3],
	): void {
		this.shapes.set(output, shape);
		this.nodes.push(onnxNode(opType, inputs, [output], attributes));
	}

	private emitReshape(input: string, output: string, target: readonly number[], source: readonly number[]): void {
		const shape = integersWeight(this.name(`${output}/shape`), [...target]);
		this.weights.set(shape.name, shape);
		this.sourceShapes.set(output, source);
		this.emitTurned('Reshape', [input, shape.name], output, target, {});
	}

	private name(wanted: string): string {
		return `${wanted}#${this.fresh++}`;
	}

	private weight(name: string, dims: readonly number[], values: ArrayLike<number>): string {
		this.weights.set(name, floatWeight(name, dims, values));
		return name;
	}

	/** A constant operand for tensors of a rank, its channels in front if they are images. */
	private broadcastConstant(name: string, rank: number): string {
		const shape = this.shapeOf(name);
		const values = this.valuesOf(name);
		if (rank !== 4) return this.weight(this.name(name), shape, values);
		const full = [...new Array<number>(4 - shape.length).fill(1), ...shape] as [number, number, number, number];
		const [batch, height, width, channels] = full;
		const turned = new Float32Array(values.length);
		let at = 0;
		for (let image = 0; image < batch; image++)
			for (let channel = 0; channel < channels; channel++)
				for (let place = 0; place < height * width; place++)
					turned[at++] = values[(image * height * width + place) * channels + channel] as number;
		return this.weight(this.name(name), [batch, channels, height, width], turned);
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
