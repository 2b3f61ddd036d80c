/**
 * Attention in an ONNX graph: operators that are attention as a whole, and products whose result goes through softmax into another product.
 * Shapes are inferred from the graph's inputs and the sizes that the user gives.
 */
import { type DataFile, InputError } from '@assay/contract';
import { inferShapes, parseDimensions, readOnnxGraph, sourceOf } from '@assay/models/onnx';
import type { AttentionSubject, Heads } from './subject.ts';

/** Largest file that is read; weights may lie in files of their own. */
const MAX_FILE_BYTES = 256 << 20;
/** Operators between a product and softmax: scaling, masks, casts, soft caps. */
const MOST_BETWEEN = 16;

type Operators = ReturnType<typeof inferShapes>['operators'];
type InferredOperator = Operators[number];
type Shape = readonly number[];

/** One attention found in a graph. */
interface FoundAttention extends Heads {
	readonly name: string;
	readonly batch: number;
	readonly queries: number;
	readonly keys: number;
	/** `fused`: one operator; `pattern`: product, softmax, product. */
	readonly as: 'fused' | 'pattern';
}

/** Everything that stands between the two products without changing which logit is which. */
const passThrough = new Set([
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
	'Squeeze',
	'Unsqueeze',
]);

/** The attention with the most work, as a subject. Raises an `InputError` where there is none or sizes are missing. */
export async function readAttention(file: DataFile, dimensions: string): Promise<AttentionSubject> {
	const graph = await readOnnxGraph(await sourceOf(file, MAX_FILE_BYTES));
	const given = parseDimensions(dimensions, ['onnx', 'dimensions']);
	const found = findAttention(inferShapes(graph, given, [file.name]).operators).filter(hasSizes);
	const work = (one: FoundAttention) => one.batch * one.heads * one.keys * one.queries * (one.queryKeyWidth + one.valueWidth);
	const largest = found.reduce<FoundAttention | undefined>(
		(best, one) => (best === undefined || work(one) > work(best) ? one : best),
		undefined,
	);
	if (largest === undefined) {
		throw new InputError({
			path: [file.name],
			found: 'no attention',
			expected: 'an attention operator, or a product whose result goes through Softmax into another product',
		});
	}
	const alike = found.filter((one) => describe(one) === describe(largest));
	const others = found.length - alike.length;
	const { heads, kvHeads, queryKeyWidth, valueWidth, batch, queries, keys } = largest;
	return {
		name: file.name,
		source: `${largest.as === 'fused' ? 'attention operator' : 'product, softmax, product'} ${largest.name}`,
		heads: { heads, kvHeads, queryKeyWidth, valueWidth },
		products: [],
		stated: { batch, keys, queries },
		layers: alike.length,
		notes: [
			others === 0
				? `All ${found.length} attentions in the graph have these shapes.`
				: `${found.length} attentions in the graph, ${alike.length} with these shapes; the other ${others} are smaller and left out.`,
		],
	};
}

/** Whether every size is a whole number of at least 1. */
const hasSizes = ({ name: _name, as: _as, ...sizes }: FoundAttention): boolean =>
	Object.values(sizes).every((size) => Number.isInteger(size) && size >= 1);

const describe = ({ name: _name, as: _as, ...shape }: FoundAttention): string => JSON.stringify(shape);

/** All attentions of a graph, in its order. */
function findAttention(operators: Operators): FoundAttention[] {
	const producer = new Map<string, InferredOperator>();
	const consumers = new Map<string, InferredOperator[]>();
	for (const one of operators) {
		for (const output of one.outputs) if (output !== null) producer.set(output.name, one);
		for (const input of one.operator.inputs) {
			if (input === null) continue;
			const list = consumers.get(input.name);
			if (list === undefined) consumers.set(input.name, [one]);
			else list.push(one);
		}
	}
	return operators.flatMap((one): FoundAttention[] => {
		if (one.kind === 'attention') return [fusedAttention(one)];
		if (one.operator.node.opType !== 'Softmax') return [];
		const scores = productBefore(one, producer);
		const context = productAfter(one, consumers);
		if (scores === null || context === null) return [];
		const found = patternAttention(one.name, scores, context);
		return found === null ? [] : [found];
	});
}

/** A product of two tensors that the graph computes; products with weights are projections. */
const isActivationProduct = ({ operator }: InferredOperator): boolean =>
	operator.node.opType === 'MatMul' && operator.inputs.every((input) => input !== null && !input.constant);

function productBefore(softmax: InferredOperator, producer: ReadonlyMap<string, InferredOperator>): InferredOperator | null {
	let level: InferredOperator[] = [softmax];
	for (let depth = 0; depth < MOST_BETWEEN && level.length > 0; depth++) {
		const next: InferredOperator[] = [];
		for (const { operator } of level) {
			for (const input of operator.inputs) {
				const before = input === null || input.constant ? undefined : producer.get(input.name);
				if (before === undefined) continue;
				// A product of another width belongs to a mask or a bias.
				const width = before.outputs[0]?.shape.at(-1);
				if (isActivationProduct(before) && width === softmax.operator.input(0).shape.at(-1)) return before;
				if (passThrough.has(before.operator.node.opType)) next.push(before);
			}
		}
		level = next;
	}
	return null;
}

function productAfter(
	softmax: InferredOperator,
	consumers: ReadonlyMap<string, readonly InferredOperator[]>,
): InferredOperator | null {
	let level: InferredOperator[] = [softmax];
	for (let depth = 0; depth < MOST_BETWEEN && level.length > 0; depth++) {
		const next: InferredOperator[] = [];
		for (const { outputs } of level) {
			for (const after of consumers.get(outputs[0]?.name ?? '') ?? []) {
				if (isActivationProduct(after)) return after;
				if (passThrough.has(after.operator.node.opType)) next.push(after);
			}
		}
		level = next;
	}
	return null;
}

/** Ranks from the shapes of [..., P, E] times [..., E, M] and [..., P, M] times [..., M, F]; null where they do not chain. */
function patternAttention(name: string, scores: InferredOperator, context: InferredOperator): FoundAttention | null {
	const [first, second] = [scores.operator.input(0).shape, scores.operator.input(1).shape];
	const values = context.operator.input(1).shape;
	const product = scores.outputs[0]?.shape ?? [];
	if (first.length < 2 || second.length < 2 || values.length < 2 || product.length < 2) return null;
	const keys = last(second);
	if (values.at(-2) !== keys) return null;
	const leading = product.slice(0, -2);
	const [batch = 1, ...rest] = leading.length === 1 ? [1, ...leading] : leading;
	const heads = rest.reduce((all, one) => all * one, 1);
	return {
		name,
		as: 'pattern',
		batch,
		heads,
		kvHeads: heads,
		queryKeyWidth: last(first),
		valueWidth: last(values),
		queries: first.at(-2) as number,
		keys,
	};
}

const last = (shape: Shape): number => shape.at(-1) as number;

/** Ranks of one operator, from its inputs' shapes and its numbers of heads. */
function fusedAttention({ name, operator, outputs }: InferredOperator): FoundAttention {
	const query = operator.input(0).shape;
	const { opType, domain } = operator.node;
	const own = domain !== 'com.microsoft';
	const batch = query[0] as number;
	const byHeads = own && query.length === 4;
	const queries = query[byHeads ? 2 : 1] as number;
	const heads = byHeads ? (query[1] as number) : operator.int(own ? 'q_num_heads' : 'num_heads');
	const result = outputs[0]?.shape ?? [];
	const valueWidth = byHeads ? last(result) : last(result) / heads;
	if (opType === 'GroupQueryAttention' || opType === 'MultiHeadAttention' || own) {
		const key = operator.optional(1)?.shape ?? null;
		const kvHeads = own
			? byHeads
				? (key?.[1] ?? heads)
				: operator.int('kv_num_heads')
			: opType === 'GroupQueryAttention'
				? operator.int('kv_num_heads')
				: heads;
		const packed = key === null;
		const queryKeyWidth = byHeads ? last(query) : query.length === 5 ? last(query) : packed ? valueWidth : last(query) / heads;
		const past = pastTokens(operator, own ? 4 : opType === 'GroupQueryAttention' ? 3 : 6);
		const fresh = key === null ? queries : (key[key.length === 4 ? 2 : 1] as number);
		return { name, as: 'fused', batch, heads, kvHeads, queryKeyWidth, valueWidth, queries, keys: fresh + past };
	}
	// Attention and QAttention project the input themselves, three widths side by side.
	const columns = last(operator.input(1).shape);
	const [queryColumns = columns / 3] = operator.ints('qkv_hidden_sizes') ?? [];
	const present = outputs[1]?.shape[3];
	return {
		name,
		as: 'fused',
		batch,
		heads,
		kvHeads: heads,
		queryKeyWidth: queryColumns / heads,
		valueWidth,
		queries,
		keys: present ?? queries,
	};
}

/** Tokens of a cache [batch, heads, tokens, width] that an operator is given. */
const pastTokens = (operator: InferredOperator['operator'], input: number): number => operator.optional(input)?.shape[2] ?? 0;
