/**
 * TensorFlow Lite files as graphs: tensors with their quantisation, operators with their options, weights as views of the file.
 * Field numbers: tensorflow/lite/schema/schema.fbs (version 3 of the format).
 */
import { InputError } from '@assay/contract';
import { Table } from './flat-buffer.ts';

/** Element types by their number in the format; bits of one value. */
const ELEMENT_TYPES = [
	{ name: 'float32', bits: 32 },
	{ name: 'float16', bits: 16 },
	{ name: 'int32', bits: 32 },
	{ name: 'uint8', bits: 8 },
	{ name: 'int64', bits: 64 },
	{ name: 'string', bits: undefined },
	{ name: 'bool', bits: 8 },
	{ name: 'int16', bits: 16 },
	{ name: 'complex64', bits: 64 },
	{ name: 'int8', bits: 8 },
] as const;

export type TfliteElementType = (typeof ELEMENT_TYPES)[number]['name'];

/** Real value = scale (stored - zero point), one pair for the tensor or one for each index of `axis`. */
export interface TfliteQuantization {
	readonly scales: readonly number[];
	readonly zeroPoints: readonly number[];
	readonly axis: number;
}

export interface TfliteTensor {
	readonly name: string;
	readonly elementType: TfliteElementType;
	/** Outermost first; images are [batch, height, width, channels]. */
	readonly shape: readonly number[];
	/** Of tensors that are stored as integers. */
	readonly quantization: TfliteQuantization | undefined;
	/** A constant's values, little-endian, as a view of the file; undefined for what the graph computes. */
	readonly data: Uint8Array | undefined;
}

export type FusedActivation = 'none' | 'relu' | 'relu-n1-to-1' | 'relu6' | 'tanh' | 'sign-bit';
type Padding = 'same' | 'valid';

interface Window {
	readonly padding: Padding;
	readonly strideHeight: number;
	readonly strideWidth: number;
	readonly activation: FusedActivation;
}

type PlainKind =
	| 'reshape'
	| 'pad'
	| 'relu'
	| 'relu6'
	| 'quantize'
	| 'dequantize'
	| 'transpose'
	| 'squeeze'
	| 'sigmoid'
	| 'hard-swish';

/** An operator with the options that it has. */
export type TfliteOperation =
	| ({ readonly kind: 'convolution'; readonly dilationHeight: number; readonly dilationWidth: number } & Window)
	| ({
			readonly kind: 'depthwise-convolution';
			readonly multiplier: number;
			readonly dilationHeight: number;
			readonly dilationWidth: number;
	  } & Window)
	| ({
			readonly kind: 'average-pool' | 'max-pool';
			readonly filterHeight: number;
			readonly filterWidth: number;
	  } & Window)
	| { readonly kind: 'fully-connected'; readonly activation: FusedActivation }
	| { readonly kind: 'add' | 'multiply'; readonly activation: FusedActivation }
	| { readonly kind: 'concatenation'; readonly axis: number; readonly activation: FusedActivation }
	| { readonly kind: 'softmax'; readonly beta: number }
	| { readonly kind: 'mean'; readonly keepDimensions: boolean }
	| { readonly kind: PlainKind }
	/** Any other operator, by its name or its number in the format. */
	| { readonly kind: 'other'; readonly name: string };

export interface TfliteNode {
	readonly operation: TfliteOperation;
	/** Tensor numbers; undefined for an optional input that is left out. */
	readonly inputs: readonly (number | undefined)[];
	readonly outputs: readonly number[];
}

export interface TfliteModel {
	readonly tensors: readonly TfliteTensor[];
	readonly nodes: readonly TfliteNode[];
	readonly inputs: readonly number[];
	readonly outputs: readonly number[];
	readonly description: string;
}

const MAX_DIMENSIONS = 8;
const ACTIVATIONS = ['none', 'relu', 'relu-n1-to-1', 'relu6', 'tanh', 'sign-bit'] as const;

/** Reads a file with one subgraph. Raises an InputError that names the file, and the tensor or operator, for anything broken. */
export function parseTflite(bytes: Uint8Array, fileName: string): TfliteModel {
	const root = Table.root(bytes, fileName, 'TFL3');
	const wrong = (path: string, found: string, expected: string) => new InputError({ path: [fileName, path], found, expected });
	const graphs = root.tables(2);
	const [graph] = graphs;
	if (graph === undefined || graphs.length > 1) throw wrong('subgraphs', `${graphs.length}`, 'one subgraph: no control flow');
	const buffers = root.tables(4);
	const codes = root.tables(1).map((code) => ({
		// Numbers beyond 127 only fit into the newer field.
		builtin: Math.max(code.scalar(0, 'int8'), code.scalar(3, 'int32')),
		custom: code.text(1),
	}));
	const tensors = graph.tables(0).map((table, index) => readTensor(table, index, buffers, wrong));
	const known = (number: number, place: string): number => {
		if (!(number >= 0 && number < tensors.length)) throw wrong(place, `tensor ${number}`, `one of ${tensors.length} tensors`);
		return number;
	};
	const nodes = graph.tables(3).map((table, index): TfliteNode => {
		const place = `operator ${index}`;
		const code = codes[table.scalar(0, 'uint32')];
		if (code === undefined) throw wrong(place, `operator code ${table.scalar(0, 'uint32')}`, `one of ${codes.length} codes`);
		return {
			operation: readOperation(code, table.table(4), place, wrong),
			inputs: table.numbers(1, 'int32').map((number) => (number === -1 ? undefined : known(number, place))),
			outputs: table.numbers(2, 'int32').map((number) => known(number, place)),
		};
	});
	return {
		tensors,
		nodes,
		inputs: graph.numbers(1, 'int32').map((number) => known(number, 'inputs')),
		outputs: graph.numbers(2, 'int32').map((number) => known(number, 'outputs')),
		description: root.text(3),
	};
}

type Wrong = (path: string, found: string, expected: string) => InputError;

function readTensor(table: Table, index: number, buffers: readonly Table[], wrong: Wrong): TfliteTensor {
	const name = table.text(3);
	const place = name === '' ? `tensor ${index}` : name;
	const type = ELEMENT_TYPES[table.scalar(1, 'int8')];
	if (type === undefined) throw wrong(place, `element type ${table.scalar(1, 'int8')}`, 'a type up to int8 (9)');
	const shape = table.numbers(0, 'int32');
	if (shape.length > MAX_DIMENSIONS || shape.some((size) => size < 0))
		throw wrong(place, `shape [${shape.join(', ')}]`, `at most ${MAX_DIMENSIONS} sizes, none negative`);
	const buffer = buffers[table.scalar(2, 'uint32')];
	const data = buffer?.bytes(0);
	const values = shape.reduce((product, size) => product * size, 1);
	const held = data !== undefined && data.byteLength > 0;
	if (held && type.bits !== undefined && data.byteLength !== (values * type.bits) / 8)
		throw wrong(place, `${data.byteLength} bytes`, `${(values * type.bits) / 8} bytes for ${type.name} [${shape.join(', ')}]`);
	return {
		name,
		elementType: type.name,
		shape,
		quantization: readQuantization(table.table(4), place, shape, wrong),
		data: held ? data : undefined,
	};
}

function readQuantization(
	table: Table | undefined,
	place: string,
	shape: readonly number[],
	wrong: Wrong,
): TfliteQuantization | undefined {
	const scales = table?.numbers(2, 'float32') ?? [];
	if (table === undefined || scales.length === 0) return undefined;
	const zeroPoints = table.numbers(3, 'int64');
	const axis = table.scalar(6, 'int32');
	if (scales.length !== zeroPoints.length || (scales.length > 1 && scales.length !== shape[axis]))
		throw wrong(
			place,
			`${scales.length} scales and ${zeroPoints.length} zero points along axis ${axis}`,
			`one pair, or one for each of [${shape.join(', ')}] along that axis`,
		);
	const bad = scales.find((scale) => !(scale > 0 && Number.isFinite(scale)));
	if (bad !== undefined) throw wrong(place, `a scale of ${bad}`, 'scales above 0');
	return { scales, zeroPoints, axis };
}

/** Operators without options that matter here, by their number. */
const PLAIN = new Map<number, PlainKind>([
	[6, 'dequantize'],
	[14, 'sigmoid'],
	[19, 'relu'],
	[21, 'relu6'],
	[22, 'reshape'],
	[34, 'pad'],
	[39, 'transpose'],
	[43, 'squeeze'],
	[114, 'quantize'],
	[117, 'hard-swish'],
]);

/** Names of further operators that networks for small devices have, for error messages. */
const NAMES: Readonly<Record<number, string>> = {
	23: 'RESIZE_BILINEAR',
	27: 'TANH',
	41: 'SUB',
	45: 'STRIDED_SLICE',
	49: 'SPLIT',
	54: 'PRELU',
	56: 'ARG_MAX',
	67: 'TRANSPOSE_CONV',
	97: 'RESIZE_NEAREST_NEIGHBOR',
};

function readOperation(
	code: { readonly builtin: number; readonly custom: string },
	options: Table | undefined,
	place: string,
	wrong: Wrong,
): TfliteOperation {
	const scalar = (field: number, kind: 'int8' | 'int32' | 'float32', byDefault = 0) =>
		options?.scalar(field, kind, byDefault) ?? byDefault;
	const activation = (field: number): FusedActivation => {
		const found = ACTIVATIONS[scalar(field, 'int8')];
		if (found === undefined) throw wrong(place, `activation ${scalar(field, 'int8')}`, `one of ${ACTIVATIONS.join(', ')}`);
		return found;
	};
	const positive = (field: number, byDefault: number, what: string): number => {
		const value = scalar(field, 'int32', byDefault);
		if (value < 1) throw wrong(place, `${what} of ${value}`, 'at least 1');
		return value;
	};
	/** Padding and strides come first in all windows; the activation's field differs. */
	const window = (activationField: number): Window => ({
		padding: scalar(0, 'int8') === 0 ? 'same' : 'valid',
		strideWidth: positive(1, 1, 'a stride'),
		strideHeight: positive(2, 1, 'a stride'),
		activation: activation(activationField),
	});
	const plain = PLAIN.get(code.builtin);
	if (plain !== undefined) return { kind: plain };
	switch (code.builtin) {
		case 0:
			return { kind: 'add', activation: activation(0) };
		case 18:
			return { kind: 'multiply', activation: activation(0) };
		case 1:
		case 17:
			return {
				kind: code.builtin === 1 ? 'average-pool' : 'max-pool',
				...window(5),
				filterWidth: positive(3, 1, 'a filter width'),
				filterHeight: positive(4, 1, 'a filter height'),
			};
		case 2:
			return { kind: 'concatenation', axis: scalar(0, 'int32'), activation: activation(1) };
		case 3:
			return {
				kind: 'convolution',
				...window(3),
				dilationWidth: positive(4, 1, 'a dilation'),
				dilationHeight: positive(5, 1, 'a dilation'),
			};
		case 4:
			return {
				kind: 'depthwise-convolution',
				...window(4),
				multiplier: positive(3, 1, 'a depth multiplier'),
				dilationWidth: positive(5, 1, 'a dilation'),
				dilationHeight: positive(6, 1, 'a dilation'),
			};
		case 9:
			return { kind: 'fully-connected', activation: activation(0) };
		case 25:
			return { kind: 'softmax', beta: scalar(0, 'float32') };
		case 40:
			return { kind: 'mean', keepDimensions: scalar(0, 'int8') !== 0 };
		default:
			return { kind: 'other', name: code.custom || NAMES[code.builtin] || `operator ${code.builtin}` };
	}
}
