/** One operator while shapes are inferred: its inputs as far as they are known, its attributes, and its errors. */
import { InputError, type Path } from '@assay/contract';
import { elementTypeOf, type OnnxElementType } from '../element-type.ts';
import type { GraphMessage, OnnxAttribute, OnnxNode, TensorMessage } from '../graph.ts';
import type { GivenDimensions } from './dimensions.ts';
import { broadcastShape, type InferredTensor, type OutputShape } from './inferred-tensor.ts';

/** Raises an `InputError` that names the operator, its node and what is missing. Outputs past the node's are ignored. */
export type ShapeRule = (operator: Operator) => readonly OutputShape[];

export class Operator {
	readonly node: OnnxNode;
	/** Version of the operator set that the operator is from. */
	readonly opset: number;
	/** Null for optional inputs that are not there. */
	readonly inputs: readonly (InferredTensor | null)[];
	private readonly path: Path;
	private readonly given: GivenDimensions;
	private readonly attributes: ReadonlyMap<string, OnnxAttribute>;

	constructor(
		node: OnnxNode,
		opset: number,
		inputs: readonly (InferredTensor | null)[],
		path: Path,
		given: GivenDimensions = {},
	) {
		this.node = node;
		this.opset = opset;
		this.inputs = inputs;
		this.path = path;
		this.given = given;
		this.attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
	}

	fail(found: string, expected: string): InputError {
		return new InputError({ path: [...this.path, operatorLabel(this.node)], found, expected });
	}

	optional(index: number): InferredTensor | null {
		return this.inputs[index] ?? null;
	}

	input(index: number): InferredTensor {
		const tensor = this.inputs[index];
		if (tensor === undefined || tensor === null) throw this.fail(`no input ${index}`, `${index + 1} inputs`);
		return tensor;
	}

	/** An input with one of these numbers of dimensions at least. */
	inputOfRank(index: number, least: number, most = Number.POSITIVE_INFINITY): InferredTensor {
		const tensor = this.input(index);
		const rank = tensor.shape.length;
		if (rank < least || rank > most) {
			const wanted = most === least ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
			throw this.fail(`the input ${index} of shape ${shapeText(tensor.shape)}`, `${wanted} dimensions`);
		}
		return tensor;
	}

	/** Values of an input that must be known for the shape of the output; `what` they are, for the message. */
	known(index: number, what: string): readonly number[] {
		const tensor = this.input(index);
		if (tensor.values === null) {
			const single = tensor.shape.every((size) => size === 1);
			throw this.fail(
				`${what} in ${JSON.stringify(tensor.name)}, which only a run would tell`,
				`${what} to follow from shapes and constants${single ? `, or to be given: ${tensor.name} = 1` : ''}`,
			);
		}
		return Array.from(tensor.values);
	}

	/** Values of an input that is not there or is empty: null. */
	knownOptional(index: number, what: string): readonly number[] | null {
		const tensor = this.optional(index);
		return tensor === null || tensor.shape.includes(0) ? null : this.known(index, what);
	}

	/** A size of an output that hangs on the data: what the user gives for it, by the output's name and axis. */
	givenSize(axis: number, what: string): number {
		const key = `${this.node.output[0] ?? ''}[${axis}]`;
		const size = Object.hasOwn(this.given, key) ? this.given[key] : undefined;
		if (typeof size === 'number') return size;
		throw this.fail(`${what}, which only a run would tell`, `their number to be given: ${key} = 100`);
	}

	has(name: string): boolean {
		return this.attributes.has(name);
	}

	int(name: string, standard?: number): number {
		const attribute = this.attributes.get(name);
		if (attribute === undefined) {
			if (standard === undefined) throw this.fail(`no attribute ${name}`, `the attribute ${name}`);
			return standard;
		}
		// A whole number of 0 is left out of the file.
		return Number(attribute.i ?? 0);
	}

	ints(name: string): readonly number[] | null {
		const attribute = this.attributes.get(name);
		return attribute === undefined ? null : (attribute.ints ?? []).map(Number);
	}

	float(name: string, standard: number): number {
		const attribute = this.attributes.get(name);
		return attribute === undefined ? standard : (attribute.f ?? 0);
	}

	floats(name: string): readonly number[] | null {
		const attribute = this.attributes.get(name);
		return attribute === undefined ? null : (attribute.floats ?? []);
	}

	text(name: string, standard: string): string {
		const bytes = this.attributes.get(name)?.s;
		return bytes === undefined ? standard : new TextDecoder().decode(bytes);
	}

	tensor(name: string): TensorMessage | null {
		return this.attributes.get(name)?.t ?? null;
	}

	graph(name: string): GraphMessage {
		const graph = this.attributes.get(name)?.g;
		if (graph === undefined) throw this.fail(`no body ${name}`, `the attribute ${name}`);
		return graph;
	}

	/** The element type that an attribute names by number. */
	type(name: string, standard: OnnxElementType | null): OnnxElementType | null {
		const number = this.int(name, 0);
		if (number === 0) return standard;
		const type = elementTypeOf(number);
		if (type === undefined) throw this.fail(`${name} ${number}`, 'the number of an element type');
		return type;
	}

	/** An axis from the front. `rank` positions exist. */
	axis(axis: number, rank: number): number {
		const fromFront = axis < 0 ? axis + rank : axis;
		if (!Number.isInteger(fromFront) || fromFront < 0 || fromFront >= rank)
			throw this.fail(`axis ${axis}`, `an axis from ${-rank} to ${rank - 1}`);
		return fromFront;
	}

	/** Axes from the front, in order, each once. */
	axes(axes: readonly number[], rank: number): number[] {
		const all = [...new Set(axes.map((axis) => this.axis(axis, rank)))].sort((a, b) => a - b);
		if (all.length < axes.length) throw this.fail(`axes ${axes.join(', ')}`, 'each axis once');
		return all;
	}

	/** The shape the inputs stretch to. */
	broadcast(shapes: readonly (readonly number[])[]): number[] {
		const shape = broadcastShape(shapes);
		if (shape === null) throw this.fail(`shapes ${shapes.map(shapeText).join(' and ')}`, 'shapes that broadcast');
		return shape;
	}
}

/** How messages call an operator: by its type and its name, or that of its output. */
export function operatorLabel(node: OnnxNode): string {
	const type = node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
	return `${type} ${JSON.stringify(node.name === '' ? (node.output[0] ?? '') : node.name)}`;
}

export function shapeText(shape: readonly number[]): string {
	return `[${shape.join(', ')}]`;
}

/** An output whose values are not followed. */
export function unknown(elementType: OnnxElementType | null, shape: readonly number[]): OutputShape {
	return { elementType, shape, values: null };
}
