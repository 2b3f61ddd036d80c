/** Which tensors must be kept between two operators, and which of them make a place bad for cutting. */
import { type OnnxGraph, tensorsRead } from '@assay/models/onnx';

/** Weights from this size on are streamed; smaller ones (scales, axes, shapes) stay with the graph. */
export const STREAMED_BYTES = 64 * 1024;

/** One tensor's life: written after operator `born` (-1 for graph inputs), read last by operator `lastUse` (the number of operators for graph outputs). */
interface Life {
	readonly name: string;
	readonly born: number;
	lastUse: number;
}

export interface Liveness {
	/** For each place after an operator, how many tensors that carry the computation live across it. */
	readonly carried: Int32Array;
	/** Names of all tensors that live across the place after an operator, in the order they are written. */
	across(position: number): string[];
	/** The same, without masks, shapes and tensors that live through most of the graph. */
	carriedAcross(position: number): string[];
}

/**
 * A tensor carries the computation if some weight that is streamed went into its values. Masks, positions and shapes do not: they come
 * from inputs and small constants alone, or were read off a shape. Tensors that live through more than half of the graph (an
 * encoder's output that every layer of a decoder reads, a table of rotations) are passed along and not counted either, for they
 * would be there wherever one cuts; nor are 64-bit integers and truth values where they are stated as such.
 */
export function liveness(graph: OnnxGraph): Liveness {
	const { nodes } = graph;
	const lives = new Map<string, Life>();
	for (const { name } of graph.inputs) lives.set(name, { name, born: -1, lastUse: -1 });
	const weighted = new Set<string>();
	for (const [position, node] of nodes.entries()) {
		let carries = false;
		for (const name of tensorsRead(node)) {
			const life = lives.get(name);
			if (life !== undefined) life.lastUse = position;
			carries ||= weighted.has(name) || (graph.initializers.get(name)?.bytes ?? 0) >= STREAMED_BYTES;
		}
		for (const name of node.output) {
			if (name === '') continue;
			lives.set(name, { name, born: position, lastUse: position });
			if (carries && node.opType !== 'Shape' && node.opType !== 'Size' && !isPlainInteger(graph, name)) weighted.add(name);
		}
	}
	for (const { name } of graph.outputs) {
		const life = lives.get(name);
		if (life !== undefined) life.lastUse = nodes.length;
	}
	const all = [...lives.values()].filter(({ born, lastUse }) => lastUse > born);
	const counted = all.filter(({ name, born, lastUse }) => weighted.has(name) && lastUse - Math.max(0, born) <= nodes.length / 2);
	const carried = new Int32Array(nodes.length + 1);
	for (const { born, lastUse } of counted) {
		carried[born] = (carried[born] as number) + 1;
		carried[lastUse] = (carried[lastUse] as number) - 1;
	}
	for (let position = 1; position < carried.length; position++)
		carried[position] = (carried[position] as number) + (carried[position - 1] as number);
	const at = (list: readonly Life[], position: number): string[] =>
		list.filter(({ born, lastUse }) => born <= position && lastUse > position).map(({ name }) => name);
	return { carried, across: (position) => at(all, position), carriedAcross: (position) => at(counted, position) };
}

function isPlainInteger(graph: OnnxGraph, name: string): boolean {
	const type = graph.values.get(name)?.elementType;
	return type === 'int64' || type === 'bool';
}
