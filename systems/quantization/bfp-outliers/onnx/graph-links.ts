/** Who makes a tensor of an ONNX graph, who reads it, and what it holds where that is known beforehand. */
import { type OnnxGraph, type OnnxNode, type TensorMessage, tensorBytes, tensorsRead } from '@assay/models/onnx';

export interface GraphLinks {
	/** The node that makes a tensor; undefined for inputs and weights. */
	producer(tensor: string): OnnxNode | undefined;
	/** The nodes that read it, and `output` where the graph gives it out. */
	readers(tensor: string): readonly (OnnxNode | 'output')[];
	/** Sizes of a tensor that is stored or spelt out; undefined for one that is computed. */
	constantDims(tensor: string): readonly number[] | undefined;
	/** Whole numbers of a small stored tensor; undefined where it is computed, or holds others. */
	integers(tensor: string): readonly number[] | undefined;
}

export function linkGraph(graph: OnnxGraph): GraphLinks {
	const producers = new Map<string, OnnxNode>();
	const readers = new Map<string, (OnnxNode | 'output')[]>();
	const read = (tensor: string, by: OnnxNode | 'output'): void => {
		const list = readers.get(tensor);
		if (list === undefined) readers.set(tensor, [by]);
		else list.push(by);
	};
	for (const node of graph.nodes) {
		for (const name of node.output) producers.set(name, node);
		for (const name of tensorsRead(node)) read(name, node);
	}
	for (const { name } of graph.outputs) read(name, 'output');
	const constantOf = (tensor: string) => {
		const node = producers.get(tensor);
		return node?.opType === 'Constant' ? node.attribute[0] : undefined;
	};
	return {
		producer: (tensor) => producers.get(tensor),
		readers: (tensor) => readers.get(tensor) ?? [],
		constantDims: (tensor) => {
			const attribute = constantOf(tensor);
			if (attribute === undefined) return graph.initializers.get(tensor)?.dims;
			if (attribute.t !== undefined) return attribute.t.dims.map(Number);
			const list = attribute.ints ?? attribute.floats;
			return list === undefined ? [] : [list.length];
		},
		integers: (tensor) => {
			const attribute = constantOf(tensor);
			if (attribute?.i !== undefined) return [Number(attribute.i)];
			if (attribute?.ints !== undefined) return attribute.ints.map(Number);
			const data = graph.initializers.get(tensor)?.data;
			const message = attribute?.t ?? (data?.kind === 'message' ? data.tensor : undefined);
			return message === undefined ? undefined : integersOf(message);
		},
	};
}

const INT32 = 6;
const INT64 = 7;

function integersOf(message: TensorMessage): number[] | undefined {
	if (message.dataType !== INT64 && message.dataType !== INT32) return undefined;
	const bytes = tensorBytes(message);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const width = message.dataType === INT64 ? 8 : 4;
	return Array.from({ length: bytes.byteLength / width }, (_, i) =>
		width === 8 ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true),
	);
}
