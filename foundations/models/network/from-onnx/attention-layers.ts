/** A fused attention as the layers it stands for: projections, scores, softmax, context. */
import { attentionShape, type InferredOperator } from '../../onnx/shapes/index.ts';
import type { AttentionMask, Layer, Tensor } from '../network.ts';
import { activations, constantsAt, outputsOf, weightTensor } from './tensors.ts';

/** Queries of all heads that share keys and values stand in one product, one below another. */
export function attentionLayers(inferred: InferredOperator): Layer[] {
	const { operator, name } = inferred;
	const shape = attentionShape(operator);
	const { batch, heads, kvHeads, tokens, contextTokens, headDim, valueHeadDim, projection } = shape;
	const outputs = outputsOf(inferred);
	const bits = outputs[0]?.bits ?? 32;
	const given = activations(inferred);
	const layers: Layer[] = [];
	let read: readonly Tensor[] = given;
	if (projection !== null) {
		const projected = { name: `${name}/projected`, shape: [batch, tokens, projection.columns], bits };
		const held = projection.weight.constant;
		layers.push({
			kind: 'matrix-product',
			batch: 1,
			m: batch * tokens,
			n: projection.columns,
			k: projection.input.shape[2] ?? 0,
			secondOperand: held ? 'weight' : 'activation',
			mask: null,
			name: `${name}/projection`,
			operator: 'MatMul',
			inputs: given.filter((tensor) => tensor.name === projection.input.name || tensor.name === projection.weight.name),
			weights: held ? [weightTensor(projection.weight), ...constantsAt(inferred, [2])] : [],
			outputs: [projected],
		});
		read = [projected, ...given.filter((tensor) => tensor.name !== projection.input.name)];
	}
	const group = heads / kvHeads;
	const products = { kind: 'matrix-product', batch: batch * kvHeads, m: group * tokens, secondOperand: 'activation' } as const;
	const mask = (part: AttentionMask['part']): AttentionMask | null => {
		const past = contextTokens - tokens;
		if (!shape.causal || past < 0) return null;
		return { part, unmaskedPairs: group * (tokens * past + (tokens * (tokens + 1)) / 2) };
	};
	const scores = { name: `${name}/scores`, shape: [batch, heads, tokens, contextTokens], bits };
	const weights = { ...scores, name: `${name}/weights` };
	const biases = projection === null && operator.node.opType === 'MultiHeadAttention' ? constantsAt(inferred, [3]) : [];
	layers.push(
		{
			...products,
			n: contextTokens,
			k: headDim,
			mask: mask('scores'),
			name: `${name}/scores`,
			operator: 'MatMul',
			inputs: read,
			weights: biases,
			outputs: [scores],
		},
		{
			kind: 'softmax',
			rows: batch * heads * tokens,
			columns: contextTokens,
			name: `${name}/softmax`,
			operator: 'Softmax',
			inputs: [scores],
			weights: [],
			outputs: [weights],
		},
		{
			...products,
			n: valueHeadDim,
			k: contextTokens,
			mask: mask('context'),
			name,
			operator: 'MatMul',
			inputs: [weights, ...values(inferred, read)],
			weights: [],
			outputs,
		},
	);
	return layers;
}

/** What the values are in: their own input, or that which holds all three. */
function values({ operator }: InferredOperator, read: readonly Tensor[]): readonly Tensor[] {
	const value = operator.optional(2)?.name;
	const own = read.filter(({ name }) => name === value);
	return own.length > 0 ? own : read.slice(0, 1);
}
