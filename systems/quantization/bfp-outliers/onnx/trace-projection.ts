/**
 * From an operand of attention back to the weights that project it. A head's channels may change places in the weights if nothing on the way
 * tells them apart: reshapes, transposes, factors that are single numbers, biases, which change places along, a cache that new keys are put
 * behind, and key heads that are repeated for the query heads that share them. A rotary embedding tells pairs apart, by tables whose columns
 * change places along. Anything else is refused.
 */
import type { OnnxNode } from '@assay/models/onnx';
import type { GraphLinks } from './graph-links.ts';
import { nameOf, refusal } from './refusal.ts';
import { type Rotation, rotationOf } from './trace-rotation.ts';

/** A stored tensor with a value, a row or a column for each channel; the operand's own start at `first`. */
export interface ChannelTensor {
	readonly name: string;
	readonly first: number;
}

/** Where the channels of all heads lie in stored tensors, head after head. */
export interface TracedProjection {
	readonly weight: ChannelTensor;
	/** Whether a channel is a row of the weight rather than a column. */
	readonly isRow: boolean;
	readonly biases: readonly ChannelTensor[];
	readonly channels: number;
	readonly headDim: number;
	/** Outputs of the graph that hold these channels for the next call: a cache. */
	readonly caches: readonly string[];
	/** The rotary embedding on the way; undefined without one. */
	readonly rotation: Rotation | undefined;
}

/** Steps from an operand to its weights. */
const MOST_STEPS = 64;
const SHAPE_ARITHMETIC = new Set([
	'Gather',
	'Slice',
	'Cast',
	'Sqrt',
	'Div',
	'Mul',
	'Pow',
	'Reciprocal',
	'Squeeze',
	'Unsqueeze',
	'Concat',
]);

/** A part of what is projected together, as it was cut out: off the last axis, or of an axis for the parts alone. */
type Part = { readonly index: number; readonly of: number; readonly isLastAxis: boolean } | LastAxisPart;
interface LastAxisPart {
	readonly first: number;
	readonly channels: number;
	readonly isLastAxis: true;
}

interface Found {
	/** Biases, and whether they are added to what is projected together. */
	readonly biases: { readonly name: string; readonly isPacked: boolean }[];
	readonly caches: string[];
	headDim?: number;
	part?: Part;
	rotation?: Rotation;
}

/** Raises an InputError that names the operator which stands in the way. */
export function traceProjection(operand: string, links: GraphLinks, fileName: string): TracedProjection {
	const found: Found = { biases: [], caches: [] };
	let tensor = operand;
	for (let step = 0; step < MOST_STEPS; step++) {
		const node = links.producer(tensor);
		if (node === undefined) throw refusal(fileName, tensor, 'a tensor that is given or stored', 'a product with stored weights');
		checkReaders(node, tensor, found, links, fileName);
		if (node.opType === 'MatMul' || node.opType === 'Gemm') return projectionOf(node, found, links, fileName);
		tensor = stepBack(node, tensor, found, links, fileName);
	}
	throw refusal(fileName, operand, `more than ${MOST_STEPS} operators before it`, 'weights nearby');
}

/** Notes what an operator does to channels, and returns the tensor that it does it to. */
function stepBack(node: OnnxNode, tensor: string, found: Found, links: GraphLinks, fileName: string): string {
	const [first = '', second = ''] = node.input;
	const wrong = (what: string, expected: string) => refusal(fileName, nameOf(node), what, expected);
	const rotation = rotationOf(node, links, fileName);
	if (rotation !== undefined) {
		if (found.rotation !== undefined) throw wrong('a second rotary embedding', 'one');
		if (found.part !== undefined) throw wrong('a rotary embedding before a cut', 'a cut of what a product makes');
		found.rotation = rotation;
		return rotation.turned;
	}
	switch (node.opType) {
		case 'Identity':
		case 'Cast':
		case 'Dropout':
		case 'Squeeze':
		case 'Unsqueeze':
			return first;
		case 'Transpose': {
			if (found.part?.isLastAxis === true) throw wrong('Transpose before a cut', 'a cut of what a product makes');
			const order = node.attribute.find(({ name }) => name === 'perm')?.ints;
			// What was said of the last axis is said of another one here.
			if (order === undefined || Number(order.at(-1)) !== order.length - 1) delete found.headDim;
			return first;
		}
		case 'Concat':
			if (!isCache(node, links)) throw wrong('Concat', 'a cache from an input of the graph, with new keys behind it');
			return node.input.find((input) => links.producer(input) !== undefined) ?? '';
		case 'Expand':
		case 'Tile':
			if (!repeatsHeads(first, links) || (node.opType === 'Tile' && !isAlongCopies(links.integers(second))))
				throw wrong(node.opType, 'key heads that are repeated for the query heads that share them');
			return first;
		case 'Reshape': {
			const { rank, last } = targetShape(second, links);
			if (found.part?.isLastAxis === true && rank > 3) throw wrong('heads before a cut', 'queries, keys and values cut apart');
			if (last !== undefined && last > 0) found.headDim = Math.min(found.headDim ?? last, last);
			return first;
		}
		case 'Mul':
		case 'Div': {
			const isSecond = isNumber(second, links);
			if (!isSecond && !(node.opType === 'Mul' && isNumber(first, links)))
				throw wrong(`${node.opType} by channel`, 'a factor that is one number, or a rotary embedding by halves');
			return isSecond ? first : second;
		}
		case 'Add': {
			const [kept, bias] = links.constantDims(second) !== undefined ? [first, second] : [second, first];
			if (links.constantDims(bias)?.length !== 1) throw wrong('a sum', 'a bias by channel');
			found.biases.push({ name: bias, isPacked: found.part !== undefined });
			return kept;
		}
		case 'Split':
		case 'Gather':
			if (found.part !== undefined) throw wrong('a second cut', 'queries, keys and values cut apart');
			found.part = partOf(node, tensor, links, fileName);
			return first;
		default:
			throw wrong(
				`${node.opType} between the projection and the scores`,
				'reshapes, transposes, factors, biases and rotary embeddings by halves',
			);
	}
}

/**
 * Who else reads keys or queries would find their channels in other places; what is cut into parts may have a reader for each. What the graph
 * gives out by head is a cache, and comes back in the next call as it went.
 */
function checkReaders(node: OnnxNode, tensor: string, found: Found, links: GraphLinks, fileName: string): void {
	const all = links.readers(tensor).filter((reader) => reader === 'output' || reader.opType !== 'Shape');
	const { rotation } = found;
	if (tensor === rotation?.turned && all.every((reader) => reader !== 'output' && rotation.operators.has(reader))) return;
	const isByHead = node.opType === 'Transpose' || node.opType === 'Concat';
	const readers = isByHead ? all.filter((reader) => reader !== 'output') : all;
	if (readers.length < all.length) found.caches.push(tensor);
	const isAlone = readers.length === 1 && readers[0] !== 'output';
	if (isAlone || (found.part !== undefined && readers.every((reader) => reader !== 'output' && reader.opType === 'Gather')))
		return;
	throw refusal(fileName, tensor, 'queries or keys that others read too', 'channels that the scores alone see');
}

/** Axes of a shape that is stored or put together, and the size of the last where it is known. */
function targetShape(shape: string, links: GraphLinks): { rank: number; last: number | undefined } {
	const known = links.integers(shape);
	if (known !== undefined) return { rank: known.length, last: known.at(-1) };
	const node = links.producer(shape);
	if (node?.opType !== 'Concat') return { rank: 0, last: undefined };
	return { rank: node.input.length, last: links.integers(node.input.at(-1) ?? '')?.at(-1) };
}

/** One number, stored or computed from sizes alone. */
function isNumber(tensor: string, links: GraphLinks, depth = 0): boolean {
	const dims = links.constantDims(tensor);
	if (dims !== undefined) return dims.every((size) => size === 1);
	const node = links.producer(tensor);
	if (node === undefined || depth > 8) return false;
	if (node.opType === 'Shape' || node.opType === 'Size') return true;
	return SHAPE_ARITHMETIC.has(node.opType) && node.input.every((input) => isNumber(input, links, depth + 1));
}

function partOf(node: OnnxNode, tensor: string, links: GraphLinks, fileName: string): Part {
	const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i ?? 0);
	const [packed = '', second = ''] = node.input;
	const wrong = () => refusal(fileName, nameOf(node), `${node.opType} of another kind`, 'queries, keys and values cut apart');
	if (axis === 0) {
		const parts = partsBefore(packed, links);
		const index = node.opType === 'Split' ? node.output.indexOf(tensor) : oneInteger(second, links);
		if (index === undefined || parts === undefined) throw wrong();
		return { index: index < 0 ? index + parts : index, of: parts, isLastAxis: false };
	}
	if (node.opType === 'Gather') throw wrong();
	const index = node.output.indexOf(tensor);
	const sizes = links.integers(second) ?? node.attribute.find(({ name }) => name === 'split')?.ints?.map(Number);
	if (sizes === undefined) return { index, of: node.output.length, isLastAxis: true };
	const first = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
	return { first, channels: sizes[index] ?? 0, isLastAxis: true };
}

function oneInteger(tensor: string, links: GraphLinks): number | undefined {
	const all = links.integers(tensor);
	return all?.length === 1 ? all[0] : undefined;
}

/** Parts of a packed projection that was given the shape [batch, tokens, parts, heads, channels] and then transposed. */
function partsBefore(tensor: string, links: GraphLinks): number | undefined {
	const node = links.producer(tensor);
	if (node?.opType === 'Transpose') return partsBefore(node.input[0] ?? '', links);
	const sizes = node?.opType === 'Reshape' ? links.integers(node.input[1] ?? '') : undefined;
	return sizes?.length === 5 ? sizes[2] : undefined;
}

/** New keys or values put behind those of earlier calls, along the tokens of [batch, heads, tokens, channels]. */
function isCache(node: OnnxNode, links: GraphLinks): boolean {
	const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i ?? 0);
	const given = node.input.filter((input) => links.producer(input) === undefined && links.constantDims(input) === undefined);
	return node.input.length === 2 && given.length === 1 && (axis === 2 || axis === -2);
}

/** Whether a tensor is heads with an axis of one behind them, to be expanded: query heads that lie side by side share a key head. */
function repeatsHeads(tensor: string, links: GraphLinks): boolean {
	const node = links.producer(tensor);
	if (node?.opType !== 'Unsqueeze') return false;
	const axes = links.integers(node.input[1] ?? '') ?? node.attribute.find(({ name }) => name === 'axes')?.ints?.map(Number);
	return axes?.length === 1 && (axes[0] === 2 || axes[0] === -3);
}

function isAlongCopies(times: readonly number[] | undefined): boolean {
	return times?.length === 5 && times.every((count, axis) => axis === 2 || count === 1);
}

function projectionOf(
	node: OnnxNode,
	{ biases, part, headDim, caches, rotation }: Found,
	links: GraphLinks,
	fileName: string,
): TracedProjection {
	const [, weight = '', added = ''] = node.input;
	const dims = links.constantDims(weight);
	if (dims?.length !== 2) throw refusal(fileName, nameOf(node), 'a product of computed tensors', 'a product with stored weights');
	const isRow = node.opType === 'Gemm' && node.attribute.some(({ name, i }) => name === 'transB' && i === 1);
	const all = dims[isRow ? 0 : 1] as number;
	const channels = part === undefined ? all : 'of' in part ? all / part.of : part.channels;
	const first = part === undefined ? 0 : 'of' in part ? part.index * channels : part.first;
	const width = headDim ?? channels;
	if (!(first >= 0 && first + channels <= all))
		throw refusal(fileName, nameOf(node), `channels ${first} to ${first + channels} of ${all}`, 'a part of what is projected');
	if (!Number.isInteger(channels) || channels % width !== 0)
		throw refusal(fileName, nameOf(node), `${channels} channels in heads of ${width}`, 'whole heads');
	const stored = [
		...biases.map(({ name, isPacked }) => ({ name, first: isPacked ? first : 0, size: isPacked ? all : channels })),
		...(node.opType === 'Gemm' && added !== '' ? [{ name: added, first, size: all }] : []),
	];
	for (const { name, size } of stored)
		if (links.constantDims(name)?.join() !== String(size))
			throw refusal(fileName, name, `a bias of shape [${links.constantDims(name)?.join(', ')}]`, `[${size}]`);
	return { weight: { name: weight, first }, isRow, biases: stored, channels, headDim: width, caches, rotation };
}
