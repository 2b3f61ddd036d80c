/** An ONNX graph in memory: operators and names, and where the weights lie. Weights themselves stay where they are. */
import { z } from 'zod';
import type { OnnxElementType } from './element-type.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, { message: 'bytes' });
/** 64-bit numbers are read as decimal text; those beyond 2^53 stay text. */
const integer = z.union([z.int(), z.string().regex(/^-?\d{1,20}$/)]).transform((value) => {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
});
const real = z.union([z.number(), z.nan(), z.literal(Number.POSITIVE_INFINITY), z.literal(Number.NEGATIVE_INFINITY)]);

/** A tensor as it stands in a file. */
export const tensorSchema = z.object({
	name: z.string().optional(),
	dims: z.array(integer).default([]),
	dataType: z.int().default(0),
	rawData: bytes.optional(),
	floatData: z.array(real).optional(),
	doubleData: z.array(real).optional(),
	int32Data: z.array(z.int()).optional(),
	int64Data: z.array(integer).optional(),
	uint64Data: z.array(integer).optional(),
	stringData: z.array(bytes).optional(),
	externalData: z.array(z.object({ key: z.string().default(''), value: z.string().default('') })).default([]),
	dataLocation: z.int().default(0),
});
export type TensorMessage = z.output<typeof tensorSchema>;

const dimensionSchema = z.object({ dimValue: integer.optional(), dimParam: z.string().optional() });
const valueInfoSchema = z.object({
	name: z.string().default(''),
	type: z
		.object({
			tensorType: z
				.object({
					elemType: z.int().default(0),
					shape: z.object({ dim: z.array(dimensionSchema).default([]) }).optional(),
				})
				.optional(),
		})
		.optional(),
});
export type ValueInfoMessage = z.output<typeof valueInfoSchema>;

export const attributeSchema = z.object({
	name: z.string().default(''),
	type: z.int().optional(),
	f: real.optional(),
	i: integer.optional(),
	s: bytes.optional(),
	t: tensorSchema.optional(),
	floats: z.array(real).optional(),
	ints: z.array(integer).optional(),
	strings: z.array(bytes).optional(),
	tensors: z.array(tensorSchema).optional(),
	refAttrName: z.string().optional(),
	get g() {
		return graphSchema.optional();
	},
	get graphs() {
		return z.array(graphSchema).optional();
	},
});

export const nodeSchema = z.object({
	name: z.string().default(''),
	opType: z.string().default(''),
	domain: z.string().default(''),
	input: z.array(z.string()).default([]),
	output: z.array(z.string()).default([]),
	attribute: z.array(attributeSchema).default([]),
});

/** A graph as it stands in a file. */
export const graphSchema = z.object({
	name: z.string().default(''),
	node: z.array(nodeSchema).default([]),
	initializer: z.array(tensorSchema).default([]),
	input: z.array(valueInfoSchema).default([]),
	output: z.array(valueInfoSchema).default([]),
	valueInfo: z.array(valueInfoSchema).default([]),
});

export const opsetSchema = z.object({ domain: z.string().default(''), version: integer.default(1) });

/** A file's content. */
export const modelSchema = z.object({
	irVersion: integer.optional(),
	producerName: z.string().optional(),
	producerVersion: z.string().optional(),
	graph: graphSchema,
	opsetImport: z.array(opsetSchema).default([]),
	functions: z.array(z.looseObject({ node: z.array(nodeSchema).default([]) })).default([]),
});

/** One attribute of an operator; what its `type` says is filled in. */
export type OnnxAttribute = z.output<typeof attributeSchema>;
/** One operator. An empty input name is an optional input that is not there. */
export type OnnxNode = z.output<typeof nodeSchema>;
/** A graph as messages: the body of a loop or of a branch, or what is written to a file. */
export type GraphMessage = z.output<typeof graphSchema>;
/** What is written to a file. */
export type ModelMessage = z.input<typeof modelSchema>;

/** A dimension: a number, the name of one that is known at run time, or null where nothing is said. */
export type OnnxDimension = number | string | null;

/** A tensor's type and shape as stated. `dims` is null where not even the number of dimensions is. */
export interface OnnxValue {
	readonly name: string;
	readonly elementType: OnnxElementType | null;
	readonly dims: readonly OnnxDimension[] | null;
}

/** Where a weight's bytes are: in the graph's own file, in another beside it, or in memory since they were small or spelt out. */
export type OnnxBytes =
	| { readonly kind: 'own-file'; readonly offset: number }
	| { readonly kind: 'other-file'; readonly location: string; readonly offset: number }
	| { readonly kind: 'message'; readonly tensor: TensorMessage };

/** A weight. */
export interface OnnxInitializer {
	readonly name: string;
	readonly elementType: OnnxElementType;
	readonly dims: readonly number[];
	/** Size in little-endian order without gaps; of strings, 0. */
	readonly bytes: number;
	readonly data: OnnxBytes;
}

/** A whole graph, operators in an order in which each comes after what it needs. */
export interface OnnxGraph {
	readonly name: string;
	readonly nodes: readonly OnnxNode[];
	readonly initializers: ReadonlyMap<string, OnnxInitializer>;
	/** Inputs that are no weights. */
	readonly inputs: readonly OnnxValue[];
	readonly outputs: readonly OnnxValue[];
	/** Stated types and shapes by tensor, inputs and outputs included. */
	readonly values: ReadonlyMap<string, OnnxValue>;
	/** Operator sets by domain; '' is ONNX's own. */
	readonly opsets: ReadonlyMap<string, number>;
	readonly irVersion: number;
	/** What wrote the file, as it says; empty where it does not. */
	readonly producer: string;
	/** Functions that nodes may call, as messages. */
	readonly functions: ModelMessage['functions'];
}

/** Tensors that an operator reads: its inputs, and what the graphs among its attributes take from outside. */
export function tensorsRead(node: OnnxNode): string[] {
	const names = new Set(node.input);
	for (const attribute of node.attribute) {
		for (const graph of [...(attribute.g === undefined ? [] : [attribute.g]), ...(attribute.graphs ?? [])])
			for (const name of capturedNames(graph)) names.add(name);
	}
	names.delete('');
	return [...names];
}

/** Names that a body uses and does not define. */
function capturedNames(graph: GraphMessage): Set<string> {
	const own = new Set([...graph.input, ...graph.initializer].map(({ name }) => name ?? ''));
	for (const node of graph.node) for (const name of node.output) own.add(name);
	const captured = new Set<string>();
	for (const node of graph.node) for (const name of tensorsRead(node)) if (!own.has(name)) captured.add(name);
	for (const { name } of graph.output) if (!own.has(name)) captured.add(name);
	return captured;
}
