/**
 * A float network as the rest works on it: one ONNX graph in memory, images as [batch, channels, height, width], every shape known, constants
 * as weights. Each step (folding, fusing, quantizing) makes a new one.
 */
import { InputError } from '@assay/contract';
import {
	type OnnxElementType,
	type OnnxNode,
	tensorMessage,
	tensorsRead,
	valueMessage,
	writeOnnxModel,
} from '@assay/models/onnx';

export interface Weight {
	readonly name: string;
	readonly elementType: OnnxElementType;
	readonly dims: readonly number[];
	/** Little-endian, row-major. */
	readonly bytes: Uint8Array;
}

export interface FloatModel {
	readonly name: string;
	/** Each after what it needs. */
	readonly nodes: readonly OnnxNode[];
	readonly weights: ReadonlyMap<string, Weight>;
	/** The one input, of float32. */
	readonly input: string;
	readonly outputs: readonly string[];
	/** Of every tensor that is no weight. */
	readonly shapes: ReadonlyMap<string, readonly number[]>;
	/** Element types of what is neither float32 nor a weight. */
	readonly otherTypes: ReadonlyMap<string, OnnxElementType>;
	/** ONNX's own operator set. */
	readonly opset: number;
	/** How the file's own images lie: samples come in this order. */
	readonly imageOrder: 'channels-first' | 'channels-last';
}

/** Product of a shape. */
export function elements(shape: readonly number[]): number {
	return shape.reduce((product, size) => product * size, 1);
}

/** Shape of a tensor or a weight. */
export function shapeOf(model: Pick<FloatModel, 'shapes' | 'weights'>, name: string): readonly number[] {
	const shape = model.shapes.get(name) ?? model.weights.get(name)?.dims;
	if (shape === undefined) throw new Error(`the model has no tensor ${name}`);
	return shape;
}

export function floatWeight(name: string, dims: readonly number[], values: ArrayLike<number>): Weight {
	return { name, elementType: 'float32', dims, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function integersWeight(name: string, values: readonly number[]): Weight {
	return {
		name,
		elementType: 'int64',
		dims: [values.length],
		bytes: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
	};
}

/** Values of a float32 weight. */
export function floatsOf({ name, elementType, bytes }: Weight): Float32Array {
	if (elementType !== 'float32')
		throw new InputError({ path: ['weight', name], found: elementType, expected: 'float32 (convert the model first)' });
	return new Float32Array(new Uint8Array(bytes).buffer);
}

/** Values of a weight of whole numbers, or of floats. */
export function numbersOf(weight: Weight): number[] {
	const buffer = new Uint8Array(weight.bytes).buffer;
	switch (weight.elementType) {
		case 'int64':
			return Array.from(new BigInt64Array(buffer), Number);
		case 'int32':
			return Array.from(new Int32Array(buffer));
		default:
			return Array.from(floatsOf(weight));
	}
}

/** The only value of a float weight of one element; undefined for others and for what is no weight. */
export function scalarOf(model: Pick<FloatModel, 'weights'>, name: string | undefined): number | undefined {
	const weight = name === undefined ? undefined : model.weights.get(name);
	if (weight === undefined || weight.elementType !== 'float32' || elements(weight.dims) !== 1) return undefined;
	return floatsOf(weight)[0];
}

/** Who reads each tensor. A graph output counts as a reader that is no node. */
export function readersOf(model: Pick<FloatModel, 'nodes' | 'outputs'>): ReadonlyMap<string, readonly (OnnxNode | null)[]> {
	const readers = new Map<string, (OnnxNode | null)[]>();
	const add = (name: string, reader: OnnxNode | null) => {
		const list = readers.get(name);
		if (list === undefined) readers.set(name, [reader]);
		else list.push(reader);
	};
	for (const node of model.nodes) for (const name of tensorsRead(node)) add(name, node);
	for (const name of model.outputs) add(name, null);
	return readers;
}

/** Without operators and weights that no output needs. */
export function withoutDeadParts(model: FloatModel): FloatModel {
	const needed = new Set(model.outputs);
	const kept: OnnxNode[] = [];
	for (const node of model.nodes.toReversed()) {
		if (!node.output.some((name) => needed.has(name))) continue;
		kept.push(node);
		for (const name of tensorsRead(node)) needed.add(name);
	}
	return { ...model, nodes: kept.reverse(), weights: new Map([...model.weights].filter(([name]) => needed.has(name))) };
}

const IR_VERSION = 8;

/** The model as an ONNX file, its own outputs first. `domains`: of operators that are not ONNX's own; `inputs`: where they are others than the model's. */
export function writeModel(
	model: FloatModel,
	furtherOutputs: readonly string[] = [],
	{ domains = [], inputs = [model.input] }: { readonly domains?: readonly string[]; readonly inputs?: readonly string[] } = {},
): Uint8Array {
	const value = (name: string) =>
		valueMessage({ name, elementType: model.otherTypes.get(name) ?? 'float32', dims: model.shapes.get(name) ?? null });
	return writeOnnxModel({
		irVersion: Math.max(IR_VERSION, model.opset >= 21 ? 10 : IR_VERSION),
		producerName: 'assay quant-whitepaper',
		opsetImport: [{ domain: '', version: model.opset }, ...domains.map((domain) => ({ domain, version: 1 }))],
		graph: {
			name: model.name,
			// Operators of the same name would be refused; what they make tells them apart.
			node: model.nodes.map((node) => ({ ...node, name: '' })),
			initializer: [...model.weights.values()].map(({ name, elementType, dims, bytes }) =>
				tensorMessage(name, elementType, dims, bytes),
			),
			input: inputs.map(value),
			output: [...model.outputs, ...furtherOutputs].map(value),
		},
	});
}
