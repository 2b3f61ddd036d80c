/**
 * ZAYA's mixture of experts: a router with a state of its own that passes from layer to layer, one expert per token, and a choice to
 * skip. The balance bias takes part in choosing and in nothing else.
 */
import { gelu, linear, rmsNorm, silu, softmax } from './kernels.ts';
import type { ZayaConfig } from './zaya-config.ts';
import type { ZayaLayer } from './zaya-weights.ts';

/** What a router decided for each token. */
export interface Routing {
	/** Expert per token; -1: skipped. */
	readonly experts: Int32Array;
	/** Weight of the expert's output per token; 0 where skipped. */
	readonly weights: Float32Array;
	/** `tokens x (experts + 1)`, the skip last. */
	readonly probabilities: Float32Array;
	/** State for the next layer's router. */
	readonly states: Float32Array;
}

/** Routes tokens by their normalised hidden states. `before` is the previous layer's states. */
export function route(
	normed: Float32Array,
	tokens: number,
	layer: ZayaLayer,
	config: ZayaConfig,
	before: Float32Array | undefined,
): Routing {
	const { hidden, experts, routerWidth, normEpsilon } = config;
	const states = linear(normed, layer.routerDown, tokens, hidden, routerWidth, layer.routerDownBias);
	const scale = layer.routerStateScale;
	if (before !== undefined && scale !== undefined) {
		for (let i = 0; i < states.length; i++) {
			states[i] = (states[i] as number) + (scale[i % routerWidth] as number) * (before[i] as number);
		}
	}
	const first = linear(
		rmsNorm(states, layer.routerNorm, routerWidth, normEpsilon),
		layer.routerFirst,
		tokens,
		routerWidth,
		routerWidth,
		layer.routerFirstBias,
	).map(gelu);
	const second = linear(first, layer.routerSecond, tokens, routerWidth, routerWidth, layer.routerSecondBias).map(gelu);
	const logits = linear(second, layer.routerOut, tokens, routerWidth, experts + 1);
	const routing: Routing = {
		experts: new Int32Array(tokens),
		weights: new Float32Array(tokens),
		probabilities: new Float32Array(tokens * (experts + 1)),
		states,
	};
	for (let t = 0; t < tokens; t++) {
		const at = t * (experts + 1);
		const probabilities = softmax(Float64Array.from(logits.subarray(at, at + experts + 1)));
		let chosen = 0;
		for (let e = 1; e <= experts; e++) {
			const biased = (probabilities[e] as number) + (layer.balance[e] as number);
			if (biased > (probabilities[chosen] as number) + (layer.balance[chosen] as number)) chosen = e;
		}
		routing.probabilities.set(probabilities, at);
		routing.experts[t] = chosen === experts ? -1 : chosen;
		routing.weights[t] = chosen === experts ? 0 : (probabilities[chosen] as number);
	}
	return routing;
}

/** Output of the chosen experts; zero where skipped. */
export function runExperts(
	normed: Float32Array,
	tokens: number,
	layer: ZayaLayer,
	config: ZayaConfig,
	routing: Routing,
): Float32Array {
	const { hidden, expertWidth } = config;
	const output = new Float32Array(tokens * hidden);
	for (let t = 0; t < tokens; t++) {
		const expert = routing.experts[t] as number;
		if (expert < 0) continue;
		const weight = routing.weights[t] as number;
		const x = normed.subarray(t * hidden, (t + 1) * hidden);
		const both = linear(x, layer.gateUp, 1, hidden, 2 * expertWidth, undefined, expert * 2 * expertWidth * hidden);
		const inner = new Float32Array(expertWidth);
		for (let i = 0; i < expertWidth; i++) inner[i] = silu(both[i] as number) * (both[expertWidth + i] as number);
		const y = linear(inner, layer.down, 1, expertWidth, hidden, undefined, expert * hidden * expertWidth);
		for (let i = 0; i < hidden; i++) output[t * hidden + i] = weight * (y[i] as number);
	}
	return output;
}
