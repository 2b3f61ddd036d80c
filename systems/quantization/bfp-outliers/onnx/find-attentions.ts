/**
 * Attention in an ONNX graph: a product of queries and keys that goes through softmax into a product with values, or one of Microsoft's operators
 * for it. Sizes are read off the weights and the shapes that heads are given.
 */
import { InputError } from '@assay/contract';
import type { OnnxGraph, OnnxNode } from '@assay/models/onnx';
import { type GraphLinks, linkGraph } from './graph-links.ts';
import { nameOf, refusal } from './refusal.ts';
import { refuseSharedAngles, refuseSharedWeights } from './shared-tensors.ts';
import { type TracedProjection, traceProjection } from './trace-projection.ts';
import { cachedRotation, type Rotation } from './trace-rotation.ts';

export interface OnnxAttention {
	readonly name: string;
	readonly headDim: number;
	/** Heads of queries. */
	readonly heads: number;
	/** Heads of keys and of values; queries that lie side by side share one where these are fewer. */
	readonly keyHeads: number;
	readonly query: TracedProjection;
	readonly key: TracedProjection;
	readonly value: TracedProjection;
	/** How queries and keys turn; undefined where they do not. */
	readonly rotation: Rotation | undefined;
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
const FUSED = new Set(['QAttention', 'PackedAttention', 'PackedMultiHeadAttention', 'SparseAttention']);

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
				expected: 'MatMul, Softmax, MatMul, or one of Attention, MultiHeadAttention, GroupQueryAttention',
			});
		if (node.opType === 'Attention') return [packedAttention(node, links, fileName)];
		if (node.opType === 'MultiHeadAttention' || node.opType === 'GroupQueryAttention')
			return [fusedScores(node, links, fileName)];
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
	refuseSharedWeights(found, links, fileName);
	refuseSharedAngles(found, links, fileName);
	return found;
}

function attentionOf(name: string, scores: OnnxNode, context: OnnxNode, links: GraphLinks, fileName: string): OnnxAttention {
	const [query, key] = scores.input.slice(0, 2).map((operand) => traceProjection(operand, links, fileName)) as [
		TracedProjection,
		TracedProjection,
	];
	const value = traceProjection(context.input[1] ?? '', links, fileName);
	return whole(name, { query, key, value }, fileName);
}

/** An attention whose parts fit together; raises an InputError for one whose do not. */
function whole(
	name: string,
	{ query, key, value }: Pick<OnnxAttention, 'query' | 'key' | 'value'>,
	fileName: string,
): OnnxAttention {
	const { headDim } = query;
	const [heads, keyHeads] = [query.channels / headDim, key.channels / key.headDim];
	if (key.headDim !== headDim || value.headDim !== headDim || value.channels !== key.channels || heads % keyHeads !== 0)
		throw new InputError({
			path: [fileName, name],
			found: `${query.channels} channels of queries in heads of ${headDim}, ${key.channels} of keys in heads of ${key.headDim}, ${value.channels} of values in heads of ${value.headDim}`,
			expected: 'heads of one size, as many of keys as of values, and a whole number of query heads for each',
		});
	return { name, headDim, heads, keyHeads, query, key, value, rotation: commonRotation(name, { query, key, value }, fileName) };
}

/** The embedding of queries and keys, with the tables of both. */
function commonRotation(
	name: string,
	{ query, key, value }: Pick<OnnxAttention, 'query' | 'key' | 'value'>,
	fileName: string,
): Rotation | undefined {
	const [ofQuery, ofKey] = [query.rotation, key.rotation];
	if (value.rotation !== undefined) throw refusal(fileName, name, 'values that turn', 'queries and keys that turn');
	if (ofQuery === undefined && ofKey === undefined) return undefined;
	const [width, convention] = [ofKey?.width ?? 0, ofKey?.convention];
	if (ofQuery === undefined || ofKey === undefined || ofQuery.width !== width || ofQuery.convention !== convention)
		throw refusal(fileName, name, 'queries that turn in another way than keys', 'the same rotary embedding for both');
	const isWhole = [ofQuery, ofKey].some(({ isOfWholeHeads }) => isOfWholeHeads);
	if (width > key.headDim || (isWhole && width < key.headDim))
		throw refusal(fileName, name, `tables for ${width} channels`, `${isWhole ? '' : 'at most '}the head’s ${key.headDim}`);
	const operators = new Set([...ofQuery.operators, ...ofKey.operators]);
	return { ...ofKey, tables: [...ofQuery.tables, ...ofKey.tables], operators };
}

/** Microsoft's operators that take queries, keys and values as they were projected. */
function fusedScores(node: OnnxNode, links: GraphLinks, fileName: string): OnnxAttention {
	const int = (name: string) => Number(node.attribute.find((attribute) => attribute.name === name)?.i ?? 0);
	const isGrouped = node.opType === 'GroupQueryAttention';
	const [bias, ...past] = isGrouped ? ['', ...node.input.slice(3, 5)] : [node.input[3] ?? '', ...node.input.slice(6, 8)];
	const isGiven = (tensor: string): boolean =>
		tensor === '' || (links.producer(tensor) === undefined && links.constantDims(tensor) === undefined);
	const wrong = (found: string, expected: string) => new InputError({ path: [fileName, nameOf(node)], found, expected });
	if (node.domain !== 'com.microsoft') throw wrong(`${node.opType} of another kind`, 'com.microsoft’s');
	const isPacked = isGrouped && (node.input[1] ?? '') === '' && (node.input[2] ?? '') === '';
	const isApart = node.input.length >= 3 && node.input.slice(0, 3).every((input) => input !== '');
	if (!(isPacked || isApart) || !past.every(isGiven))
		throw wrong('packed operands, or a cache that is computed', 'queries, keys and values apart, and a cache that is given');
	const heads = int('num_heads');
	const keyHeads = isGrouped ? int('kv_num_heads') : heads;
	const convention = int('rotary_interleaved') === 1 ? 'interleaved' : 'halves';
	const rotation = int('do_rotary') === 0 ? undefined : cachedRotation(node, node.input.slice(7, 9), convention, links, fileName);
	const operands = isPacked
		? partsOfHeads(traceProjection(node.input[0] ?? '', links, fileName), [heads, keyHeads, keyHeads])
		: node.input.slice(0, 3).map((operand) => traceProjection(operand, links, fileName));
	const traced = operands.map((one, index) => {
		const headDim = one.channels / (index > 0 ? keyHeads : heads);
		if (!Number.isInteger(headDim) || headDim < 1 || (one.headDim !== headDim && one.headDim !== one.channels))
			throw wrong(`${one.channels} channels in ${heads} heads`, 'whole heads');
		if (rotation === undefined || index === 2) return { ...one, headDim };
		if (one.rotation !== undefined) throw wrong('a second rotary embedding', 'one');
		return { ...one, headDim, rotation };
	});
	const [query, key, value] = traced as [TracedProjection, TracedProjection, TracedProjection];
	const all = query.channels + key.channels + value.channels;
	if (bias !== '' && links.constantDims(bias)?.join() !== String(all))
		throw wrong(`a bias of shape [${links.constantDims(bias)?.join(', ') ?? 'computed'}]`, `[${all}]`);
	const biased = (one: TracedProjection, first: number): TracedProjection =>
		bias === '' ? one : { ...one, biases: [...one.biases, { name: bias, first }] };
	const present = (node.output[1] ?? '') === '' ? [] : [node.output[1] as string];
	return whole(
		nameOf(node),
		{
			query: biased(query, 0),
			key: { ...biased(key, query.channels), caches: [...key.caches, ...present] },
			value: biased(value, query.channels + key.channels),
		},
		fileName,
	);
}

/** What is projected together, cut into parts of so many heads each. */
function partsOfHeads(packed: TracedProjection, counts: readonly number[]): TracedProjection[] {
	const headDim = packed.channels / counts.reduce((sum, count) => sum + count, 0);
	let before = 0;
	return counts.map((count) => {
		const offset = before * headDim;
		before += count;
		const moved = <Tensor extends { readonly first: number }>(tensor: Tensor) => ({ ...tensor, first: tensor.first + offset });
		const channels = count * headDim;
		return { ...packed, weight: moved(packed.weight), biases: packed.biases.map(moved), channels, headDim };
	});
}

/** Microsoft's Attention projects its input to queries, keys and values side by side. */
function packedAttention(node: OnnxNode, links: GraphLinks, fileName: string): OnnxAttention {
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
		caches: [],
		rotation: undefined,
	});
	return whole(nameOf(node), { query: part(0), key: part(1), value: part(2) }, fileName);
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
