/**
 * Rotary embeddings in ONNX graphs, and the stored tables that they turn by. All heads that read a table turn by it, so all must have the same
 * order of pairs; the table's columns then change places like the pairs. Two forms are known: `x * cos + rotate_half(x) * sin`, as Hugging
 * Face's models are exported, and Microsoft's operator.
 */
import type { OnnxNode } from '@assay/models/onnx';
import type { GraphLinks } from './graph-links.ts';
import { nameOf, refusal } from './refusal.ts';

/** A stored tensor whose last axis, or all of which, belongs to channels or to pairs. */
export interface RotaryTensor {
	readonly name: string;
	/** Values in each row: `width` of them by channel, half as many by pair. */
	readonly columns: number;
}

export interface Rotation {
	/** Channels that turn, the first of each head. */
	readonly width: number;
	readonly convention: 'halves' | 'interleaved';
	/** Whether the operators leave no channel of a head unturned, whatever the tables say. */
	readonly isOfWholeHeads: boolean;
	readonly tables: readonly RotaryTensor[];
	/** Operators of the embedding itself, and those between stored tables and it. */
	readonly operators: ReadonlySet<OnnxNode>;
	/** The one that gives out what has turned. */
	readonly last: OnnxNode;
	/** What is turned. */
	readonly turned: string;
}

/** Operators between a table and the embedding. */
const MOST_STEPS = 24;

/** The embedding whose last operator this is; undefined where it is none. Raises an InputError for tables that are not stored, or read by others. */
export function rotationOf(node: OnnxNode, links: GraphLinks, fileName: string): Rotation | undefined {
	if (node.opType === 'RotaryEmbedding') return operatorRotation(node, links, fileName);
	if (node.opType !== 'Add') return undefined;
	const [first, second] = node.input.map((input) => links.producer(input));
	if (first?.opType !== 'Mul' || second?.opType !== 'Mul') return undefined;
	return halvesOf(node, first, second, links, fileName) ?? halvesOf(node, second, first, links, fileName);
}

/** By the tables of cosines and sines [positions, width / 2] that an operator is given as these inputs. */
export function cachedRotation(
	node: OnnxNode,
	caches: readonly string[],
	convention: Rotation['convention'],
	links: GraphLinks,
	fileName: string,
): Rotation {
	const tables = caches.map((name) => ({ name, columns: links.constantDims(name)?.at(-1) ?? 0 }));
	const pairs = tables[0]?.columns ?? 0;
	if (pairs < 1 || tables.some(({ columns }) => columns !== pairs))
		throw refusal(
			fileName,
			nameOf(node),
			'tables of cosines and sines that are not stored',
			'stored tables with a column for each pair',
		);
	return {
		width: 2 * pairs,
		convention,
		isOfWholeHeads: false,
		tables,
		operators: new Set([node]),
		last: node,
		turned: node.input[0] ?? '',
	};
}

function operatorRotation(node: OnnxNode, links: GraphLinks, fileName: string): Rotation {
	if (node.domain !== 'com.microsoft')
		throw refusal(fileName, nameOf(node), 'RotaryEmbedding of another kind', 'com.microsoft’s');
	const isInterleaved = node.attribute.some(({ name, i }) => name === 'interleaved' && i === 1);
	const isPart = node.attribute.some(({ name, i }) => name === 'rotary_embedding_dim' && Number(i) > 0);
	const rotation = cachedRotation(node, node.input.slice(2, 4), isInterleaved ? 'interleaved' : 'halves', links, fileName);
	return { ...rotation, isOfWholeHeads: !isPart };
}

/** `x * cos + Concat(-x2, x1) * sin`, x1 and x2 the halves of x. */
function halvesOf(
	sum: OnnxNode,
	byCosine: OnnxNode,
	bySine: OnnxNode,
	links: GraphLinks,
	fileName: string,
): Rotation | undefined {
	for (const [half, sines] of [bySine.input, bySine.input.toReversed()] as [string, string][]) {
		const joined = links.producer(half);
		if (joined?.opType !== 'Concat' || joined.input.length !== 2) continue;
		const negated = links.producer(joined.input[0] ?? '');
		const upper = links.producer(negated?.input[0] ?? '');
		const lower = links.producer(joined.input[1] ?? '');
		if (negated?.opType !== 'Neg' || upper === undefined || lower === undefined) continue;
		const turned = upper.input[0] ?? '';
		const cosines = byCosine.input.find((input) => input !== turned);
		if (lower.input[0] !== turned || !byCosine.input.includes(turned) || cosines === undefined) continue;
		const cut = cutInHalves(lower, upper, [joined.input[1] ?? '', negated.input[0] ?? ''], links);
		if (!isLastAxis(axisOf(joined)) || cut === undefined)
			throw refusal(fileName, nameOf(joined), 'halves of another kind', 'the two halves of each head’s channels');
		const operators = new Set([sum, byCosine, bySine, joined, negated, upper, lower]);
		const cosineTable = tableBehind(cosines, operators, links, fileName);
		const sineTable = tableBehind(sines, operators, links, fileName);
		if (cosineTable.width !== sineTable.width || (cut !== 'half' && 2 * cut !== sineTable.width))
			throw refusal(
				fileName,
				nameOf(sum),
				`${cosineTable.width} cosines, ${sineTable.width} sines`,
				'one for each channel of a head',
			);
		const tables = [cosineTable, sineTable].map(({ name, columns }) => ({ name, columns }));
		return { width: cosineTable.width, convention: 'halves', isOfWholeHeads: true, tables, operators, last: sum, turned };
	}
	return undefined;
}

/** Channels in the lower half, or `half` where that is computed by halving. */
function cutInHalves(
	lower: OnnxNode,
	upper: OnnxNode,
	[lowerName, upperName]: [string, string],
	links: GraphLinks,
): number | 'half' | undefined {
	if (lower.opType === 'Split' && lower === upper) {
		const isOrdered = lower.output[0] === lowerName && lower.output[1] === upperName && lower.output.length === 2;
		const sizes = links.integers(lower.input[1] ?? '') ?? lower.attribute.find(({ name }) => name === 'split')?.ints?.map(Number);
		if (!isOrdered || !isLastAxis(axisOf(lower))) return undefined;
		if (sizes === undefined) return 'half';
		return sizes.length === 2 && sizes[0] === sizes[1] ? sizes[0] : undefined;
	}
	if (lower.opType !== 'Slice' || upper.opType !== 'Slice') return undefined;
	const [, from = '', to = '', axes = '', steps = ''] = lower.input;
	const [, upperFrom = '', upperTo = '', upperAxes = '', upperSteps = ''] = upper.input;
	const isPlain = [steps, upperSteps].every((step) => step === '' || links.integers(step)?.join() === '1');
	const isLast = [axes, upperAxes].every((axis) => isLastAxis(links.integers(axis)?.[0]));
	const middle = middleOf(to, links);
	const [end] = links.integers(upperTo) ?? [];
	const isWhole = end !== undefined && middle !== undefined && end >= (middle === 'half' ? 2 ** 31 - 1 : 2 * middle);
	return isPlain && isLast && isWhole && links.integers(from)?.join() === '0' && middleOf(upperFrom, links) === middle
		? middle
		: undefined;
}

function middleOf(tensor: string, links: GraphLinks, depth = 0): number | 'half' | undefined {
	const known = links.integers(tensor);
	if (known !== undefined) return known.length === 1 ? known[0] : undefined;
	const node = links.producer(tensor);
	if (node === undefined || depth > 8) return undefined;
	if (node.opType === 'Div') return links.integers(node.input[1] ?? '')?.join() === '2' ? 'half' : undefined;
	const isPlain =
		node.opType === 'Cast' || node.opType === 'Unsqueeze' || node.opType === 'Squeeze' || node.opType === 'Identity';
	return isPlain ? middleOf(node.input[0] ?? '', links, depth + 1) : undefined;
}

function axisOf(node: OnnxNode): number | undefined {
	const axis = node.attribute.find(({ name }) => name === 'axis')?.i;
	return axis === undefined ? undefined : Number(axis);
}

/** Of [batch, heads, tokens, channels], in whichever order the middle ones are. */
const isLastAxis = (axis: number | undefined): boolean => axis === -1 || axis === 3;

/** The stored tensor that cosines or sines come from: themselves, or the frequencies that they are computed with. */
function tableBehind(
	operand: string,
	operators: Set<OnnxNode>,
	links: GraphLinks,
	fileName: string,
): RotaryTensor & { readonly width: number } {
	let tensor = operand;
	/** How often a row stands side by side. */
	let copies = 1;
	let isTransposed = false;
	/** Whether positions were multiplied with what is left. */
	let isProduct = false;
	for (let step = 0; step < MOST_STEPS; step++) {
		const dims = links.constantDims(tensor);
		if (dims !== undefined) {
			const size = dims.reduce((all, one) => all * one, 1);
			const columns = dims.at(-1) ?? 1;
			const isVector = dims.some((one) => one === size);
			if (isProduct ? !isVector : isTransposed) break;
			const found = isProduct ? size : columns;
			if (found < 2 || (copies * found) % 2 !== 0) break;
			return { name: tensor, columns: found, width: copies * found };
		}
		const node = links.producer(tensor);
		if (node === undefined) break;
		operators.add(node);
		const [first = '', second = ''] = node.input;
		switch (node.opType) {
			case 'Unsqueeze':
			case 'Squeeze':
			case 'Cast':
			case 'Identity':
			case 'Slice':
			case 'Cos':
			case 'Sin':
			case 'Expand':
				tensor = first;
				continue;
			case 'Transpose':
				isTransposed = true;
				tensor = first;
				continue;
			case 'Gather': {
				const { length = 0 } = links.constantDims(first) ?? [];
				const axis = axisOf(node) ?? 0;
				if (axis < 0 || axis >= length - 1)
					throw refusal(fileName, nameOf(node), 'Gather of another kind', 'rows of a stored table');
				tensor = first;
				continue;
			}
			case 'Concat':
				if (node.input.length !== 2 || first !== second || copies > 1)
					throw refusal(fileName, nameOf(node), 'Concat of another kind', 'angles twice, side by side');
				copies = 2;
				tensor = first;
				continue;
			case 'Mul':
			case 'MatMul': {
				const factors = [first, second].filter((one) => isFrequencies(one, links));
				const [only] = factors.length === 1 ? factors : [];
				if (only === undefined)
					throw refusal(fileName, nameOf(node), 'a product without stored frequencies', 'positions times frequencies');
				isProduct ||= links.constantDims(only === first ? second : first)?.every((size) => size === 1) !== true;
				tensor = only;
				continue;
			}
			default:
				throw refusal(
					fileName,
					nameOf(node),
					`${node.opType} between a table and a rotary embedding`,
					'stored cosines, sines or frequencies',
				);
		}
	}
	throw refusal(fileName, tensor, 'cosines and sines that are not stored by channel', 'stored cosines, sines or frequencies');
}

/** A stored tensor of several reals, or what is computed from one further back; whole numbers are positions. */
function isFrequencies(tensor: string, links: GraphLinks, depth = 0): boolean {
	const dims = links.constantDims(tensor);
	if (dims !== undefined) return dims.some((size) => size > 1) && links.integers(tensor) === undefined;
	const node = links.producer(tensor);
	if (node === undefined || depth > MOST_STEPS) return false;
	switch (node.opType) {
		case 'Cos':
		case 'Sin':
		case 'Concat':
		case 'Unsqueeze':
		case 'Cast':
		case 'Identity':
		case 'Expand':
		case 'Transpose':
			return isFrequencies(node.input[0] ?? '', links, depth + 1);
		case 'Mul':
		case 'MatMul':
			return node.input.some((input) => isFrequencies(input, links, depth + 1));
		default:
			return false;
	}
}
