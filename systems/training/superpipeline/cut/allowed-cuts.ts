/** Where a graph may be cut. */
import { elementBytes, type OnnxGraph } from '@assay/models/onnx';
import type { Liveness } from './liveness.ts';

/** A cut may carry this many times the bytes of the smallest one for each tensor that may cross it, where shapes are stated. */
const MOST_TIMES_SMALLEST = 2;

/** Where a graph may be cut. */
export interface CutRule {
	/** Values of named dimensions. */
	readonly dimensions: ReadonlyMap<string, number>;
	/** Tensors that may be carried across a cut. */
	readonly mostCarried: number;
}

/** Positions of operators after which to cut, in order; the last operator is not among them. */
export function allowedCuts(graph: OnnxGraph, live: Liveness, { dimensions, mostCarried }: CutRule): number[] {
	const few: number[] = [];
	for (let position = 0; position + 1 < graph.nodes.length; position++) {
		const carried = live.carried[position] as number;
		if (carried > 0 && carried <= mostCarried) few.push(position);
	}
	const bytes = few.map((position) => carriedBytes(graph, live.carriedAcross(position), dimensions));
	const smallest = Math.min(...bytes.map((one) => one ?? Number.POSITIVE_INFINITY));
	return few.filter((_, i) => (bytes[i] ?? 0) <= MOST_TIMES_SMALLEST * mostCarried * smallest);
}

/** Bytes of some tensors; undefined where the shape of one is not stated. */
function carriedBytes(graph: OnnxGraph, names: readonly string[], dimensions: ReadonlyMap<string, number>): number | undefined {
	let bytes = 0;
	for (const name of names) {
		const value = graph.values.get(name);
		if (value?.dims == null || value.elementType === null) return undefined;
		let count = 1;
		for (const dim of value.dims) {
			const size = typeof dim === 'string' ? dimensions.get(dim) : dim;
			if (size == null) return undefined;
			count *= size;
		}
		bytes += elementBytes(value.elementType, count);
	}
	return bytes;
}
