/** Stored rotary tables with their columns in the order of the heads that turn by them. */
import {
	type ByteSource,
	elementBytes,
	initializerBytes,
	type OnnxGraph,
	type OnnxNode,
	type TensorMessage,
	tensorMessage,
} from '@assay/models/onnx';
import type { OnnxAttention } from './find-attentions.ts';
import { linkGraph } from './graph-links.ts';
import { refusal } from './refusal.ts';
import type { RotaryTensor, Rotation } from './trace-rotation.ts';

/** Adds the permuted tables to `replaced`; where others read a table too, it is copied. Returns the graph's operators, which read the copies. */
export async function permuteTables(
	graph: OnnxGraph,
	source: ByteSource,
	attentions: readonly OnnxAttention[],
	orders: readonly (readonly Int32Array[])[],
	replaced: Map<string, TensorMessage>,
): Promise<readonly OnnxNode[]> {
	const operators = new Set(attentions.flatMap(({ rotation }) => [...(rotation?.operators ?? [])]));
	if (operators.size === 0) return graph.nodes;
	const links = linkGraph(graph);
	const copies = new Map<string, string>();
	const done = new Set<string>();
	for (const [index, { rotation }] of attentions.entries())
		for (const table of rotation?.tables ?? []) {
			if (done.has(table.name)) continue;
			done.add(table.name);
			const stored = graph.initializers.get(table.name);
			if (stored === undefined)
				throw refusal(source.name, table.name, 'a rotary table in a node', 'tables among the initializers');
			const order = columnOrder(table, rotation as Rotation, orders[index]?.[0] as Int32Array);
			const bytes = permuteColumns(await initializerBytes(stored, source), order, elementBytes(stored.elementType, 1));
			const isAlone = links.readers(table.name).every((reader) => reader !== 'output' && operators.has(reader));
			const name = isAlone ? table.name : freeName(`${table.name}-sorted`, graph, links);
			if (!isAlone) copies.set(table.name, name);
			replaced.set(name, tensorMessage(name, stored.elementType, stored.dims, bytes));
		}
	return graph.nodes.map((node) =>
		operators.has(node) ? { ...node, input: node.input.map((input) => copies.get(input) ?? input) } : node,
	);
}

/** The column that each place holds: channels, or pairs where a column is for both partners. */
function columnOrder({ columns }: RotaryTensor, { width, convention }: Rotation, order: Int32Array): Int32Array {
	if (columns === width) return order.subarray(0, width);
	return Int32Array.from({ length: columns }, (_, pair) =>
		convention === 'halves' ? (order[pair] as number) : (order[2 * pair] as number) / 2,
	);
}

function permuteColumns(bytes: Uint8Array, order: Int32Array, width: number): Uint8Array {
	const moved = new Uint8Array(bytes.length);
	const rowBytes = order.length * width;
	for (let row = 0; row < bytes.length; row += rowBytes)
		for (let place = 0; place < order.length; place++) {
			const from = row + (order[place] as number) * width;
			moved.set(bytes.subarray(from, from + width), row + place * width);
		}
	return moved;
}

function freeName(wanted: string, graph: OnnxGraph, links: ReturnType<typeof linkGraph>): string {
	let name = wanted;
	while (graph.initializers.has(name) || links.producer(name) !== undefined || links.readers(name).length > 0) name += '-';
	return name;
}
