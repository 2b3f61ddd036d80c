/** Writes ONNX files, and the parts they are made of. */
import { dataTypeOf } from './element-type.ts';
import {
	type ModelMessage,
	modelSchema,
	type OnnxAttribute,
	type OnnxNode,
	type OnnxValue,
	type ValueInfoMessage,
} from './graph.ts';
import { modelProto } from './schema.ts';

/** The bytes of a file. Weights beyond 2 GB in all must lie in files of their own. */
export function writeOnnxModel(model: ModelMessage): Uint8Array {
	const { graph, ...head } = modelSchema.parse(model);
	const lean = {
		...head,
		graph: { ...graph, node: graph.node.map(withoutEmpty), initializer: graph.initializer.map(withoutEmpty) },
	};
	return new Uint8Array(modelProto.encode(modelProto.fromObject(lean)).finish());
}

/** Names that are empty, and weights that lie in the file itself, need not be said: left out, they read the same. */
function withoutEmpty<Message extends object>(message: Message): object {
	return Object.fromEntries(
		Object.entries(message).filter(([key, value]) => value !== '' && !(key === 'dataLocation' && Number(value) === 0)),
	);
}

/** Numbers of `AttributeProto.AttributeType`. */
const ATTRIBUTE = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** An attribute from a plain value: whole numbers and lists of them, or reals as `{ float }`. */
export function onnxAttribute(
	name: string,
	value: number | string | readonly number[] | { readonly float: number },
): OnnxAttribute {
	if (typeof value === 'number') return { name, type: ATTRIBUTE.int, i: value };
	if (typeof value === 'string') return { name, type: ATTRIBUTE.text, s: new TextEncoder().encode(value) };
	if ('float' in value) return { name, type: ATTRIBUTE.float, f: value.float };
	return { name, type: ATTRIBUTE.ints, ints: [...value] };
}

/** An operator of ONNX's own set. */
export function onnxNode(
	opType: string,
	input: readonly string[],
	output: readonly string[],
	attributes: Readonly<Record<string, Parameters<typeof onnxAttribute>[1]>> = {},
): OnnxNode {
	return {
		name: output[0] ?? '',
		opType,
		domain: '',
		input: [...input],
		output: [...output],
		attribute: Object.entries(attributes).map(([name, value]) => onnxAttribute(name, value)),
	};
}

/** A graph's input or output. Without dims its shape is left open. */
export function valueMessage({ name, elementType, dims }: OnnxValue): ValueInfoMessage {
	if (elementType === null) return { name };
	const shape = dims === null ? {} : { shape: { dim: dims.map(dimensionMessage) } };
	return { name, type: { tensorType: { elemType: dataTypeOf(elementType), ...shape } } };
}

function dimensionMessage(dimension: number | string | null): { dimValue?: number; dimParam?: string } {
	if (dimension === null) return {};
	return typeof dimension === 'number' ? { dimValue: dimension } : { dimParam: dimension };
}
