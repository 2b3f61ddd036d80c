/**
 * A GPT cut into segments that can be streamed: the embedding, each block, and the head (final norm, projection, loss). A segment's
 * parameters are one contiguous run of floats; gradients and Adam's moments are laid out the same. The head has a projection of
 * its own (not the embedding's transpose), so that no two segments share a parameter.
 */
import { createRandom } from '@assay/contract';
import type { Address, Kernels } from './kernels/kernels.ts';
import { matrix } from './matrix.ts';
import { type Arena, addresses, type Layout, layOut } from './memory-layout.ts';
import { ProjectionLoss } from './projection-loss.ts';
import { type BlockShape, blockWeightLayout, LAYER_NORM_EPSILON } from './transformer-block.ts';

export interface GptShape extends BlockShape {
	readonly layers: number;
	readonly vocabulary: number;
}

export function embeddingLayout({ vocabulary, sequenceTokens, width }: GptShape): Layout<'tokens' | 'positions'> {
	return layOut({ tokens: vocabulary * width, positions: sequenceTokens * width });
}

export function headLayout({ vocabulary, width }: GptShape): Layout<'normScale' | 'normShift' | 'projection'> {
	return layOut({ normScale: width, normShift: width, projection: width * vocabulary });
}

/** Layouts of all segments in the order of the forward pass: embedding, blocks, head. */
export function segmentLayouts(shape: GptShape): readonly Layout<string>[] {
	const block = blockWeightLayout(shape);
	return [embeddingLayout(shape), ...Array.from({ length: shape.layers }, () => block), headLayout(shape)];
}

/** Number of parameters. */
export function gptParameters(shape: GptShape): number {
	return segmentLayouts(shape).reduce((sum, { length }) => sum + length, 0);
}

/**
 * Fills one segment with its first values: normal deviates of spread 0.02, those of the projections back into the residual stream
 * divided by sqrt(2 layers), ones for norm scales, zeros for biases and shifts (GPT-2's way). Depends on the seed and the segment alone, so
 * segments can be made in any order. `into` has the segment's length.
 */
export function initializeSegment(shape: GptShape, segment: number, seed: number, into: Float32Array): void {
	const layout = segmentLayouts(shape)[segment];
	if (layout === undefined || into.length !== layout.length)
		throw new RangeError(`no segment ${segment} of ${into.length} parameters`);
	const random = createRandom(seed).fork(`segment ${segment}`);
	for (const [name, { offset, length }] of Object.entries(layout.parts)) {
		const part = into.subarray(offset, offset + length);
		if (name.endsWith('Scale')) part.fill(1);
		else if (name.endsWith('Shift') || name.endsWith('Bias')) part.fill(0);
		else {
			const residual = name === 'outWeight' || name === 'downWeight';
			const spread = residual ? 0.02 / Math.sqrt(2 * shape.layers) : 0.02;
			for (let i = 0; i < length; i++) part[i] = spread * random.normal();
		}
	}
}

/** Looks tokens up and adds positions: [tokens, width]. */
export class Embedding {
	private readonly kernels: Kernels;
	private readonly shape: GptShape;

	constructor(kernels: Kernels, shape: GptShape) {
		this.kernels = kernels;
		this.shape = shape;
	}

	/** `tokens`: batch x sequence 32-bit token numbers below the vocabulary. */
	forward(weights: Address, tokens: Address, output: Address): void {
		const { batch, sequenceTokens, width } = this.shape;
		const w = addresses(embeddingLayout(this.shape), weights);
		this.kernels.embeddingForward(tokens, w.tokens, w.positions, output, batch * sequenceTokens, width, sequenceTokens);
	}

	/** Adds to the gradients. */
	backward(tokens: Address, gradientOutput: Address, gradients: Address): void {
		const { batch, sequenceTokens, width } = this.shape;
		const g = addresses(embeddingLayout(this.shape), gradients);
		this.kernels.embeddingBackward(tokens, gradientOutput, g.tokens, g.positions, batch * sequenceTokens, width, sequenceTokens);
	}
}

/** Final norm, projection to the vocabulary and mean cross-entropy, forward and backward at once. */
export class Head {
	private readonly kernels: Kernels;
	private readonly shape: GptShape;
	private readonly normal: Address;
	private readonly statistics: Address;
	private readonly loss: ProjectionLoss;

	/** Takes its workspace out of the arena. */
	constructor(kernels: Kernels, shape: GptShape, arena: Arena) {
		const tokens = shape.batch * shape.sequenceTokens;
		this.kernels = kernels;
		this.shape = shape;
		this.normal = arena.floats(tokens * shape.width);
		this.statistics = arena.floats(tokens * 2);
		this.loss = new ProjectionLoss(kernels, { rows: tokens, vocabulary: shape.vocabulary }, arena);
	}

	/**
	 * Mean loss over all tokens in nats. Writes d loss / d input (may be the input's region) and adds to the gradients.
	 * `targets`: the 32-bit numbers of the tokens to be predicted, one for each row. `lossScale` multiplies all gradients.
	 */
	step(weights: Address, input: Address, targets: Address, gradientInput: Address, gradients: Address, lossScale = 1): number {
		const { kernels, normal, statistics } = this;
		const { batch, sequenceTokens, width, vocabulary } = this.shape;
		const tokens = batch * sequenceTokens;
		const w = addresses(headLayout(this.shape), weights);
		const g = addresses(headLayout(this.shape), gradients);
		kernels.layerNormForward(input, w.normScale, w.normShift, normal, statistics, tokens, width, LAYER_NORM_EPSILON);
		const projection = matrix(w.projection, width, vocabulary);
		const loss = this.loss.step(normal, projection, targets, matrix(g.projection, width, vocabulary), lossScale);
		kernels.layerNormBackward(input, w.normScale, statistics, normal, gradientInput, g.normScale, g.normShift, tokens, width);
		return loss;
	}
}
