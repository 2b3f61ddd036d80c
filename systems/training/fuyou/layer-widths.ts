/** Widths of a layer's tensors as a token sees them. */
import type { TransformerModel } from '@assay/models';

/** Bytes of a weight, a gradient or an activation: fp16 or bf16. */
export const HALF = 2;

export interface LayerWidths {
	/** Queries, keys and values together. */
	readonly qkv: number;
	/** Attention's result, before its output projection. */
	readonly attention: number;
	/** The feed-forward's hidden layer: the dense one, or the experts that a token visits. */
	readonly hidden: number;
	/** Matrices into the hidden layer: two where it is gated. */
	readonly upMatrices: 1 | 2;
}

/** Latent attention is counted with its keys and values projected up, as training computes it. */
export function layerWidths({ attention, feedForward, experts }: TransformerModel): LayerWidths {
	const upMatrices = feedForward.kind === 'gated' ? 2 : 1;
	const shared = experts?.shared == null ? 0 : experts.shared.count * experts.shared.width;
	const hidden = experts === null ? feedForward.width : experts.activePerToken * experts.width + shared;
	if (attention.kind !== 'latent') {
		const { heads, kvHeads, headDim } = attention;
		return { qkv: (heads + 2 * kvHeads) * headDim, attention: heads * headDim, hidden, upMatrices };
	}
	const { heads, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
	const qkv = heads * (2 * (nopeHeadDim + ropeHeadDim) + valueHeadDim);
	return { qkv, attention: heads * valueHeadDim, hidden, upMatrices };
}
