/**
 * A model whose source has images as [batch, height, width, channels], as TensorFlow has them, while it grows: every tensor of four dimensions is
 * turned to [batch, channels, height, width], and turned back only where the order of its numbers is seen (reshapes). Shapes given and asked
 * for are those of the source.
 */
import { InputError } from '@assay/contract';
import { type OnnxNode, onnxNode } from '@assay/models/onnx';
import { elements, type FloatModel, floatWeight, integersWeight, type Weight } from './float-model.ts';
import { LEAST_OPERATOR_SET } from './raise-operator-set.ts';

const TO_LAST = [0, 2, 3, 1];
/** Places of the source's dimensions of images in the turned order. */
export const TO_FIRST: readonly number[] = [0, 3, 1, 2];

/** Its tensors, constants and operators. */
export class ChannelsLastGraph {
	private readonly fileName: string;
	private readonly nodes: OnnxNode[] = [];
	protected readonly weights = new Map<string, Weight>();
	/** Shapes of the source, constants included. */
	private readonly sourceShapes = new Map<string, readonly number[]>();
	protected readonly constants = new Map<string, Float32Array>();
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

	protected imageShape(name: string): readonly number[] {
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

	protected name(wanted: string): string {
		return `${wanted}#${this.fresh++}`;
	}

	protected weight(name: string, dims: readonly number[], values: ArrayLike<number>): string {
		this.weights.set(name, floatWeight(name, dims, values));
		return name;
	}

	/** A constant operand for tensors of a rank, its channels in front if they are images. */
	protected broadcastConstant(name: string, rank: number): string {
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
}
