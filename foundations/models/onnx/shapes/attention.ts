/** Attention as one operator, ONNX's own and those that onnxruntime fuses. */
import type { InferredTensor } from './inferred-tensor.ts';
import { type Operator, type ShapeRule, shapeText, unknown } from './operator.ts';

/** The products inside an attention: projections where it has its own, then heads over tokens. */
export interface AttentionShape {
	readonly batch: number;
	/** Query heads and key-value heads. */
	readonly heads: number;
	readonly kvHeads: number;
	/** Tokens that ask, and tokens that are asked, cached ones included. */
	readonly tokens: number;
	readonly contextTokens: number;
	/** Width of a head's queries and keys, and of its values. */
	readonly headDim: number;
	readonly valueHeadDim: number;
	/** Each token sees itself and earlier ones only. */
	readonly causal: boolean;
	/** The input and the widths of queries, keys and values where the operator projects them itself. */
	readonly projection: { readonly input: InferredTensor; readonly weight: InferredTensor; readonly columns: number } | null;
	readonly output: readonly number[];
	/** Shapes of keys and values after this call, as far as the operator gives them out. */
	readonly present: readonly (readonly number[])[];
}

export function attentionShape(operator: Operator): AttentionShape {
	if (operator.node.domain !== 'com.microsoft') return onnxAttention(operator);
	switch (operator.node.opType) {
		case 'Attention':
			return projectingAttention(operator, 4, 2);
		case 'QAttention':
			return projectingAttention(operator, 8, 3);
		case 'GroupQueryAttention':
			return groupQueryAttention(operator);
		default:
			return multiHeadAttention(operator);
	}
}

function divided(operator: Operator, width: number, heads: number): number {
	if (!(heads >= 1) || width % heads !== 0)
		throw operator.fail(`a width of ${width} and ${heads} heads`, 'heads that divide the width');
	return width / heads;
}

/** Input, weights and bias of query, key and value in one matrix; `past` [2, batch, heads, tokens, width]. */
function projectingAttention(operator: Operator, pastInput: number, widths: number): AttentionShape {
	const input = operator.inputOfRank(0, 3, 3);
	const weight = operator.inputOfRank(1, 2, 2);
	const [batch, tokens, inner] = input.shape as [number, number, number];
	const [rows, columns] = weight.shape as [number, number];
	if (rows !== inner) throw operator.fail(`weights of shape ${shapeText(weight.shape)}`, `${inner} rows`);
	const heads = operator.int('num_heads');
	const [query = columns / 3, , value = columns / 3] = (widths === 2 ? operator.ints('qkv_hidden_sizes') : null) ?? [];
	const headDim = divided(operator, query, heads);
	const valueHeadDim = divided(operator, value, heads);
	const past = operator.optional(pastInput);
	const contextTokens = tokens + (past === null ? 0 : (past.shape[3] ?? 0));
	return {
		batch,
		heads,
		kvHeads: heads,
		tokens,
		contextTokens,
		headDim,
		valueHeadDim,
		causal: operator.int('unidirectional', 0) === 1,
		projection: { input, weight, columns },
		output: [batch, tokens, value],
		present: [[2, batch, heads, contextTokens, headDim]],
	};
}

/** Query [batch, tokens, width], or all three packed [batch, tokens, heads, 3, width]; keys and values alike or by heads. */
function multiHeadAttention(operator: Operator): AttentionShape {
	const query = operator.inputOfRank(0, 3, 5);
	const heads = operator.int('num_heads');
	const [batch, tokens] = query.shape as [number, number];
	const packed = query.shape.length === 5;
	const key = packed ? null : operator.optional(1);
	const value = packed ? null : operator.optional(2);
	const past = operator.optional(6);
	const headDim = packed ? (query.shape[4] as number) : divided(operator, query.shape[2] as number, heads);
	let newTokens = tokens;
	let valueHeadDim = headDim;
	if (key !== null) {
		if (key.shape.length === 4) newTokens = key.shape[2] as number;
		else newTokens = key.shape[1] ?? Number.NaN;
		if (value !== null)
			valueHeadDim = value.shape.length === 4 ? (value.shape[3] as number) : divided(operator, value.shape[2] ?? 0, heads);
	}
	const contextTokens = newTokens + (past === null ? 0 : (past.shape[2] ?? 0));
	return {
		batch,
		heads,
		kvHeads: heads,
		tokens,
		contextTokens,
		headDim,
		valueHeadDim,
		causal: operator.int('unidirectional', 0) === 1,
		projection: null,
		output: [batch, tokens, heads * valueHeadDim],
		present: [
			[batch, heads, contextTokens, headDim],
			[batch, heads, contextTokens, valueHeadDim],
		],
	};
}

/** Fewer key-value heads; without keys the query holds all three. A cache is as long as the longer of its buffer and its use. */
function groupQueryAttention(operator: Operator): AttentionShape {
	const query = operator.inputOfRank(0, 3, 3);
	const [batch, tokens, width] = query.shape as [number, number, number];
	const heads = operator.int('num_heads');
	const kvHeads = operator.int('kv_num_heads');
	const packed = operator.optional(1) === null;
	const headDim = divided(operator, width, packed ? heads + 2 * kvHeads : heads);
	if (!(kvHeads >= 1) || heads % kvHeads !== 0)
		throw operator.fail(`${heads} and ${kvHeads} heads`, 'key-value heads that divide the heads');
	const past = operator.optional(3)?.shape[2] ?? 0;
	const total = operator.optional(6)?.values?.[0];
	const contextTokens = total === undefined ? past + tokens : Math.max(past, total);
	const cache = [batch, kvHeads, contextTokens, headDim];
	return {
		batch,
		heads,
		kvHeads,
		tokens,
		contextTokens,
		headDim,
		valueHeadDim: headDim,
		causal: true,
		projection: null,
		output: [batch, tokens, heads * headDim],
		present: [cache, cache],
	};
}

/** ONNX 23: queries, keys and values by heads [batch, heads, tokens, width], or [batch, tokens, heads · width] with the heads as attributes. */
function onnxAttention(operator: Operator): AttentionShape {
	const [query, key, value] = [0, 1, 2].map((index) => byHeads(operator, index)) as [Heads, Heads, Heads];
	const flat = operator.input(0).shape.length === 3;
	const contextTokens = key.tokens + (operator.optional(4)?.shape[2] ?? 0);
	const { batch, heads, tokens } = query;
	return {
		batch,
		heads,
		kvHeads: key.heads,
		tokens,
		contextTokens,
		headDim: query.width,
		valueHeadDim: value.width,
		causal: operator.int('is_causal', 0) === 1,
		projection: null,
		output: flat ? [batch, tokens, heads * value.width] : [batch, heads, tokens, value.width],
		present: [
			[batch, key.heads, contextTokens, key.width],
			[batch, key.heads, contextTokens, value.width],
			[batch, heads, tokens, contextTokens],
		],
	};
}

interface Heads {
	readonly batch: number;
	readonly heads: number;
	readonly tokens: number;
	readonly width: number;
}

function byHeads(operator: Operator, index: number): Heads {
	const { shape } = operator.inputOfRank(index, 3, 4);
	if (shape.length === 4) return { batch: shape[0]!, heads: shape[1]!, tokens: shape[2]!, width: shape[3]! };
	const heads = operator.int(index === 0 ? 'q_num_heads' : 'kv_num_heads');
	return { batch: shape[0]!, heads, tokens: shape[1]!, width: divided(operator, shape[2]!, heads) };
}

const attention: ShapeRule = (operator) => {
	const { output, present } = attentionShape(operator);
	const type = operator.input(0).elementType;
	// QAttention takes quantised numbers and gives real ones.
	const real = operator.node.opType === 'QAttention' ? operator.input(3).elementType : type;
	return [unknown(real, output), ...present.map((shape) => unknown(real, shape))];
};

export const attentionRules: Record<string, ShapeRule> = { Attention: attention };

export const fusedAttentionRules: Record<string, ShapeRule> = {
	Attention: attention,
	QAttention: attention,
	MultiHeadAttention: attention,
	GroupQueryAttention: attention,
};
