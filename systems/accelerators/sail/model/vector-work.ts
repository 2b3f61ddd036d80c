/** What stays on the cores' vector units: attention over the cache of keys and values, norms, rotations, activations. */
import { kvBytesPerToken, type TransformerModel } from '@assay/models';

/** Operations of an exponential and of what stands around it in softmax and SiLU: range reduction, a polynomial of degree 5, scaling. */
const EXPONENTIAL_OPS = 16;
/** Square, sum, scale and weigh. */
const NORM_OPS = 4;
/** Two multiplications and an addition for each of a pair. */
const ROTATION_OPS = 3;

export interface VectorWork {
	readonly operations: number;
	/** Of keys and values, read from DRAM. */
	readonly cacheBytes: number;
}

/** A token of one sequence that attends to `contextTokens`. */
export function vectorWork(model: TransformerModel, contextTokens: number): VectorWork {
	const { attention, hidden, layers, feedForward, experts, norms } = model;
	const keyWidth = attention.kind === 'latent' ? attention.kvRank + attention.ropeHeadDim : attention.headDim;
	const valueWidth = attention.kind === 'latent' ? attention.kvRank : attention.headDim;
	const pairs = attention.heads * contextTokens;
	const products = 2 * pairs * (keyWidth + valueWidth);
	const softmax = pairs * (EXPONENTIAL_OPS + 3);
	const rotation = model.position.kind === 'rotary' ? ROTATION_OPS * 2 * attention.heads * keyWidth : 0;
	const normalising = norms.perLayer * NORM_OPS * hidden;
	const width =
		experts === null
			? feedForward.width
			: experts.activePerToken * experts.width + (experts.shared === null ? 0 : experts.shared.count * experts.shared.width);
	const activation = width * (EXPONENTIAL_OPS + 2);
	const residuals = 2 * hidden;
	return {
		operations: layers * (products + softmax + rotation + normalising + activation + residuals),
		cacheBytes: kvBytesPerToken(model) * contextTokens,
	};
}
