/**
 * Attention in an ONNX graph: a product of queries and keys that goes through softmax into a product with values, or Microsoft's operator for
 * all of it. Sizes are read off the weights and the shapes that heads are given.
 */
import { InputError } from '@assay/contract';
import type { OnnxGraph, OnnxNode } from '@assay/models/onnx';
import { type GraphLinks, linkGraph } from './graph-links.ts';
import { nameOf, type TracedProjection, traceProjection } from './trace-projection.ts';

export interface OnnxAttention {
	readonly name: string;
	readonly headDim: number;
	/** Heads, of queries and of keys alike. */
	readonly heads: number;
	readonly query: TracedProjection;
	readonly key: TracedProjection;
	readonly value: TracedProjection;
}

/** Operators between a product and softmax: scaling, masks, casts, soft caps. */
const MOST_BETWEEN = 16;
/** What stands between the products without changing which score is which. */
const BETWEEN = new Set([
	'Add',
	'Sub',
	'Mul',
	'Div',
	'Where',
	'Cast',
	'Identity',
	'Dropout',
	'Clip',
	'Tanh',
	'Max',
	'Min',
	'Reshape',
]);
/** Operators that are attention and are not taken apart here. */
const FUSED = new Set(['MultiHeadAttention', 'GroupQueryAttention', 'QAttention', 'RotaryEmbedding', 'PackedAttention']);

/**
 * All attentions, in the graph's order. Raises an InputError where there is none, where weights are shared between some of them, and
 * where channels cannot change places.
 */
export function findAttentions(graph: OnnxGraph, fileName: string): OnnxAttention[] {
	const links = linkGraph(graph);
	const found = graph.nodes.flatMap((node): OnnxAttention[] => {
		if (FUSED.has(node.opType))
			throw new InputError({
				path: [fileName, nameOf(node)],
				found: `the operator ${node.opType}`,
				expected: 'MatMul, Softmax, MatMul, or the operator Attention',
			});
		if (node.opType === 'Attention') return [fusedAttention(node, links, fileName)];
		if (node.opType !== 'Softmax') return [];
		const scores = productBefore(node, links);
		const context = productAfter(node, links);
		return scores === undefined || context === undefined ? [] : [attentionOf(nameOf(node), scores, context, links, fileName)];
	});
	if (found.length === 0)
		throw new InputError({
			path: [fileName],
			found: 'no attention',
			expected: 'a product whose result goes through Softmax into another product',
		});
	refuseShared(found, links, fileName);
	return found;
}

function attentionOf(name: string, scores: OnnxNode, context: OnnxNode, links: GraphLinks, fileName: string): OnnxAttention {
	const [query, key] = scores.input.slice(0, 2).map((operand) => traceProjection(operand, links, fileName)) as [
		TracedProjection,
		TracedProjection,
	];
	const value = traceProjection(context.input[1] ?? '', links, fileName);
	for (const other of [key, value])
		if (other.headDim !== query.headDim || other.channels !== query.channels)
			throw new InputError({
				path: [fileName, name],
				found: `${query.channels} channels of queries in heads of ${query.headDim}, ${other.channels} in heads of ${other.headDim}`,
				expected: 'queries, keys and values of as many heads and channels',
			});
	return { name, headDim: query.headDim, heads: query.channels / query.headDim, query, key, value };
}

/** Microsoft's Attention projects its input to queries, keys and values side by side. */
function fusedAttention(node: OnnxNode, links: GraphLinks, fileName: string): OnnxAttention {
	const int = (name: string) => Number(node.attribute.find((attribute) => attribute.name === name)?.i ?? 0);
	const [, weight = '', bias = ''] = node.input;
	const [, columns = 0] = links.constantDims(weight) ?? [];
	const heads = int('num_heads');
	const headDim = columns / 3 / heads;
	const isBiased = bias === '' || links.constantDims(bias)?.join() === String(columns);
	const isPlain = isBiased && int('do_rotary') === 0 && !node.attribute.some(({ name }) => name === 'qkv_hidden_sizes');
	if (node.domain !== 'com.microsoft' || !isPlain || !Number.isInteger(headDim) || headDim < 1 || (node.input[4] ?? '') !== '')
		throw new InputError({
			path: [fileName, nameOf(node)],
			found: 'an Attention operator of another kind',
			expected: 'com.microsoft’s, with stored weights of three equal parts, without rotary positions and cache',
		});
	const channels = columns / 3;
	const part = (index: number): TracedProjection => ({
		weight: { name: weight, first: index * channels },
		isRow: false,
		biases: bias === '' ? [] : [{ name: bias, first: index * channels }],
		channels,
		headDim,
	});
	return { name: nameOf(node), headDim, heads, query: part(0), key: part(1), value: part(2) };
}

function isProduct(node: OnnxNode, links: GraphLinks): boolean {
	return node.opType === 'MatMul' && node.input.every((input) => links.constantDims(input) === undefined);
}

function productBefore(softmax: OnnxNode, links: GraphLinks): OnnxNode | undefined {
	let level = [softmax];
	for (let depth = 0; depth < MOST_BETWEEN && level.length > 0; depth++) {
		const next: OnnxNode[] = [];
		for (const node of level)
			for (const input of node.input) {
				const before = links.producer(input);
				if (before === undefined) continue;
				if (isProduct(before, links)) return before;
				if (BETWEEN.has(before.opType)) next.push(before);
			}
		level = next;
	}
	return undefined;
}

function productAfter(softmax: OnnxNode, links: GraphLinks): OnnxNode | undefined {
	let node = softmax;
	for (let depth = 0; depth < MOST_BETWEEN; depth++) {
		const [reader] = links.readers(node.output[0] ?? '');
		if (reader === undefined || reader === 'output') return undefined;
		if (isProduct(reader, links)) return reader;
		if (!BETWEEN.has(reader.opType)) return undefined;
		node = reader;
	}
	return undefined;
}

/** A weight whose channels change places may have no reader but its own projections. */
function refuseShared(attentions: readonly OnnxAttention[], links: GraphLinks, fileName: string): void {
	const users = new Map<string, Set<string>>();
	for (const { name, query, key } of attentions)
		for (const tensor of [query, key].flatMap(({ weight, biases }) => [weight, ...biases])) {
			const known = users.get(tensor.name) ?? new Set();
			users.set(tensor.name, known.add(name));
		}
	for (const [tensor, names] of users)
		if (names.size > 1 || links.readers(tensor).length > 1)
			throw new InputError({
				path: [fileName, tensor],
				found: 'weights that others read too',
				expected: 'weights of one attention alone, since their channels change places',
			});
}
