/**
 * Compressed convolutional attention (CCA, arXiv 2510.04476): queries and keys are projected into a narrow space, mixed over two
 * tokens by a depthwise and a grouped convolution, joined with the mean of queries and keys, and normalised; half of each value comes
 * from the token before. What a token needs of the past besides keys and values is two columns of projections and one half value.
 */
import { linear } from './kernels.ts';
import type { ZayaConfig } from './zaya-config.ts';
import type { ZayaLayer } from './zaya-weights.ts';

/** What one layer remembers of a sequence. */
export class AttentionState {
	/** Tokens with keys and values kept, padding included. */
	tokens = 0;
	keys: Float32Array;
	values: Float32Array;
	/** Which kept tokens are padding. */
	readonly padding: boolean[] = [];
	/** Projections of queries and keys of the last two tokens, the older first. */
	readonly columns: readonly [Float32Array, Float32Array];
	/** The delayed half value of the last token. */
	readonly delayed: Float32Array;
	private readonly width: number;

	constructor(config: ZayaConfig, expectedTokens = 64) {
		this.width = config.kvHeads * config.headDim;
		const mixed = config.queryHeads * config.headDim + this.width;
		this.keys = new Float32Array(expectedTokens * this.width);
		this.values = new Float32Array(expectedTokens * this.width);
		this.columns = [new Float32Array(mixed), new Float32Array(mixed)];
		this.delayed = new Float32Array(this.width / 2);
	}

	/** Makes room for more tokens. */
	reserve(tokens: number): void {
		const needed = (this.tokens + tokens) * this.width;
		if (needed <= this.keys.length) return;
		const [keys, values] = [new Float32Array(2 * needed), new Float32Array(2 * needed)];
		keys.set(this.keys);
		values.set(this.values);
		this.keys = keys;
		this.values = values;
	}
}

const tiny = 1.1920928955078125e-7;

/**
 * Attention of `tokens` new tokens at positions `positions` (-1: padding) whose normalised hidden states are `normed`
 * (`tokens x hidden`, zero where padded). Extends the state and returns the output projection's result.
 */
export function convolutionalAttention(
	normed: Float32Array,
	positions: Int32Array,
	layer: ZayaLayer,
	config: ZayaConfig,
	state: AttentionState,
): Float32Array {
	const { hidden, queryHeads, kvHeads, headDim } = config;
	const tokens = positions.length;
	const queryWidth = queryHeads * headDim;
	const keyWidth = kvHeads * headDim;
	const half = keyWidth / 2;
	const queries = linear(normed, layer.query, tokens, hidden, queryWidth);
	const keys = linear(normed, layer.key, tokens, hidden, keyWidth);
	const current = linear(normed, layer.valueCurrent, tokens, hidden, half);
	const delayed = linear(normed, layer.valueDelayed, tokens, hidden, half);
	const mixed = new Float32Array(queryWidth + keyWidth);
	const first = state.tokens;
	state.reserve(tokens);
	const attended = new Float32Array(tokens * queryWidth);
	for (let t = 0; t < tokens; t++) {
		mixed.set(queries.subarray(t * queryWidth, (t + 1) * queryWidth));
		mixed.set(keys.subarray(t * keyWidth, (t + 1) * keyWidth), queryWidth);
		const convolved = convolve(mixed, layer, headDim, state);
		joinMeans(convolved, mixed, queryHeads, kvHeads, headDim);
		normalise(convolved, layer.temperature, queryHeads, headDim);
		rotate(convolved, positions[t] as number, config);
		const at = (first + t) * keyWidth;
		state.keys.set(convolved.subarray(queryWidth), at);
		state.values.set(current.subarray(t * half, (t + 1) * half), at);
		state.values.set(state.delayed, at + half);
		state.delayed.set(delayed.subarray(t * half, (t + 1) * half));
		state.padding.push((positions[t] as number) < 0);
		state.tokens = first + t + 1;
		if ((positions[t] as number) >= 0) attend(convolved, state, config, attended.subarray(t * queryWidth, (t + 1) * queryWidth));
	}
	return linear(attended, layer.output, tokens, queryWidth, hidden);
}

/** Both convolutions at the newest token; the state's columns move on by it. */
function convolve(column: Float32Array, layer: ZayaLayer, headDim: number, state: AttentionState): Float32Array {
	const channels = column.length;
	const [older, newer] = state.columns;
	const before = new Float64Array(channels);
	const now = new Float64Array(channels);
	const { depthwise, depthwiseBias, grouped, groupedBias } = layer;
	for (let i = 0; i < channels; i++) {
		const [early, late] = [depthwise[2 * i] as number, depthwise[2 * i + 1] as number];
		before[i] = (depthwiseBias[i] as number) + early * (older[i] as number) + late * (newer[i] as number);
		now[i] = (depthwiseBias[i] as number) + early * (newer[i] as number) + late * (column[i] as number);
	}
	const result = new Float32Array(channels);
	for (let i = 0; i < channels; i++) {
		const group = i - (i % headDim);
		let sum = groupedBias[i] as number;
		for (let j = 0; j < headDim; j++) {
			const at = 2 * (i * headDim + j);
			sum += (grouped[at] as number) * (before[group + j] as number) + (grouped[at + 1] as number) * (now[group + j] as number);
		}
		result[i] = sum;
	}
	older.set(newer);
	newer.set(column);
	return result;
}

/** Adds to each query the mean of it and its key before the convolutions, and to each key the mean of its queries' means. */
function joinMeans(convolved: Float32Array, mixed: Float32Array, queryHeads: number, kvHeads: number, headDim: number): void {
	const group = queryHeads / kvHeads;
	const keys = queryHeads * headDim;
	for (let head = 0; head < queryHeads; head++) {
		const key = keys + Math.floor(head / group) * headDim;
		for (let i = 0; i < headDim; i++) {
			const mean = ((mixed[head * headDim + i] as number) + (mixed[key + i] as number)) / 2;
			convolved[head * headDim + i] = (convolved[head * headDim + i] as number) + mean;
			convolved[key + i] = (convolved[key + i] as number) + mean / group;
		}
	}
}

/** Every head to length sqrt(d); keys times their temperature. */
function normalise(heads: Float32Array, temperature: Float32Array, queryHeads: number, headDim: number): void {
	for (let head = 0; head * headDim < heads.length; head++) {
		const at = head * headDim;
		let squares = 0;
		for (let i = 0; i < headDim; i++) squares += (heads[at + i] as number) ** 2;
		const factor = head < queryHeads ? 1 : (temperature[head - queryHeads] as number);
		const scale = (factor * Math.sqrt(headDim)) / Math.max(Math.sqrt(squares), tiny);
		for (let i = 0; i < headDim; i++) heads[at + i] = (heads[at + i] as number) * scale;
	}
}

/** Rotary embedding of the first channels of each head; channel i turns with channel i + half of them. */
function rotate(heads: Float32Array, position: number, { headDim, rotaryShare, ropeTheta }: ZayaConfig): void {
	const rotary = Math.floor(headDim * rotaryShare);
	const half = rotary / 2;
	for (let i = 0; i < half; i++) {
		const angle = Math.max(0, position) * ropeTheta ** ((-2 * i) / rotary);
		const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
		for (let at = i; at < heads.length; at += headDim) {
			const [a, b] = [heads[at] as number, heads[at + half] as number];
			heads[at] = a * cosine - b * sine;
			heads[at + half] = b * cosine + a * sine;
		}
	}
}

/** Softmax-weighted values for the newest token, into `into`. */
function attend(heads: Float32Array, state: AttentionState, config: ZayaConfig, into: Float32Array): void {
	const { queryHeads, kvHeads, headDim } = config;
	const width = kvHeads * headDim;
	const group = queryHeads / kvHeads;
	const scale = 1 / Math.sqrt(headDim);
	const weights = new Float64Array(state.tokens);
	for (let head = 0; head < queryHeads; head++) {
		const query = head * headDim;
		const kv = Math.floor(head / group) * headDim;
		let largest = Number.NEGATIVE_INFINITY;
		for (let s = 0; s < state.tokens; s++) {
			if (state.padding[s] === true) continue;
			let dot = 0;
			for (let i = 0; i < headDim; i++) dot += (heads[query + i] as number) * (state.keys[s * width + kv + i] as number);
			weights[s] = dot * scale;
			largest = Math.max(largest, dot * scale);
		}
		let sum = 0;
		for (let s = 0; s < state.tokens; s++) {
			weights[s] = state.padding[s] === true ? 0 : Math.exp((weights[s] as number) - largest);
			sum += weights[s] as number;
		}
		for (let i = 0; i < headDim; i++) {
			let value = 0;
			for (let s = 0; s < state.tokens; s++) value += (weights[s] as number) * (state.values[s * width + kv + i] as number);
			into[query + i] = value / sum;
		}
	}
}
