/** A ZAYA model's forward pass over new tokens of a sequence, all at once or one by one with what is remembered of the past. */
import { AttentionState, convolutionalAttention } from './attention.ts';
import { type Routing, route, runExperts } from './experts.ts';
import { linear, rmsNorm, shiftAndScale } from './kernels.ts';
import type { ZayaConfig } from './zaya-config.ts';
import type { ResidualScale, ZayaWeights } from './zaya-weights.ts';

/** A sequence as the model remembers it. */
export class SequenceState {
	readonly layers: readonly AttentionState[];
	/** Tokens so far without padding. */
	position = 0;

	constructor(config: ZayaConfig, expectedTokens?: number) {
		this.layers = Array.from({ length: config.layers }, () => new AttentionState(config, expectedTokens));
	}
}

/** What a pass gives. */
export interface ForwardResult {
	/** `tokens x vocabulary`. */
	readonly logits: Float32Array;
	/** The residual stream after each layer, `tokens x hidden`; what `inspect` asks for, else empty. */
	readonly hiddenStates: readonly Float32Array[];
	readonly routing: readonly Routing[];
}

export interface ForwardOptions {
	/** Keep the residual stream after each layer. */
	readonly inspect?: boolean;
	/** Which tokens are padding (before the sequence); none unless told. */
	readonly padding?: readonly boolean[];
	/** Logits of the last token only. */
	readonly lastOnly?: boolean;
	readonly pause?: () => Promise<void>;
}

/** Runs `tokens` (ids below the vocabulary) after what `state` remembers, and extends it. Padding is not attended to and counts no position. */
export async function forward(
	weights: ZayaWeights,
	tokens: ArrayLike<number>,
	state: SequenceState,
	options: ForwardOptions = {},
): Promise<ForwardResult> {
	const { config, embedding } = weights;
	const { hidden, normEpsilon } = config;
	const count = tokens.length;
	const positions = Int32Array.from({ length: count }, (_, t) => (options.padding?.[t] === true ? -1 : state.position++));
	const embedded = new Float32Array(count * hidden);
	for (let t = 0; t < count; t++) {
		const id = tokens[t] as number;
		embedded.set(embedding.subarray(id * hidden, (id + 1) * hidden), t * hidden);
	}
	let x = shiftAndScale(embedded, weights.inputBias, weights.inputScale);
	const hiddenStates: Float32Array[] = [];
	const routing: Routing[] = [];
	for (const [index, layer] of weights.layers.entries()) {
		const normed = withoutPadding(rmsNorm(x, layer.inputNorm, hidden, normEpsilon), positions, hidden);
		const attended = convolutionalAttention(normed, positions, layer, config, state.layers[index] as AttentionState);
		x = addScaled(x, attended, layer.attentionResidual);
		await options.pause?.();
		const routed = rmsNorm(x, layer.expertNorm, hidden, normEpsilon);
		const decision = route(routed, count, layer, config, routing.at(-1)?.states);
		routing.push(decision);
		x = addScaled(x, runExperts(routed, count, layer, config, decision), layer.expertResidual);
		if (options.inspect === true) hiddenStates.push(x);
		await options.pause?.();
	}
	const last = options.lastOnly === true ? x.subarray((count - 1) * hidden) : x;
	const final = rmsNorm(last, weights.finalNorm, hidden, normEpsilon);
	const logits = linear(final, embedding, final.length / hidden, hidden, config.vocabulary);
	return { logits, hiddenStates, routing };
}

function withoutPadding(normed: Float32Array, positions: Int32Array, hidden: number): Float32Array {
	for (const [t, position] of positions.entries()) if (position < 0) normed.fill(0, t * hidden, (t + 1) * hidden);
	return normed;
}

/** The residual stream after a sublayer. */
function addScaled(stream: Float32Array, output: Float32Array, scale: ResidualScale): Float32Array {
	const width = scale.outputBias.length;
	const next = new Float32Array(stream.length);
	for (let at = 0; at < stream.length; at += width) {
		for (let i = 0; i < width; i++) {
			const added = ((output[at + i] as number) + (scale.outputBias[i] as number)) * (scale.outputScale[i] as number);
			next[at + i] = added + ((stream[at + i] as number) + (scale.streamBias[i] as number)) * (scale.streamScale[i] as number);
		}
	}
	return next;
}
