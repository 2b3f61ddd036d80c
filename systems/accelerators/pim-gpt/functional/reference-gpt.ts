/**
 * The same GPT-2 without banks, from the formulas: once with BF16 words and a bank's order of additions, which the mapped banks must meet bit by bit,
 * and once in float64, which tells how much BF16 costs.
 */
import { add, gelu, layerNorm, softmax } from './asic-functions.ts';
import { roundToBfloat16 } from './bfloat16.ts';
import { LAYER_NORM_EPSILON } from './mapped-gpt.ts';
import type { GptWeights } from './weights.ts';

/** Arithmetic of a reference: V is its vector. */
interface Arithmetic<V extends Float32Array | Float64Array> {
	readonly vector: (length: number) => V;
	/** Sum of n products a(i) b(i). */
	readonly dot: (n: number, a: (i: number) => number, b: (i: number) => number, unbroken: boolean) => number;
	readonly add: (a: V, b: Float32Array | V) => V;
	readonly norm: (x: V, gamma: Float32Array, beta: Float32Array) => V;
	readonly softmax: (scores: V, scale: number) => V;
	readonly gelu: (x: V) => V;
}

/**
 * Columns of `columnWords` words summed by a tree, accumulated in float32 and rounded; sums of slices of `sliceWords` words are rounded each
 * and added in float32, unless the sum is unbroken.
 */
export function bankArithmetic(columnWords: number, sliceWords: number): Arithmetic<Float32Array> {
	const f = Math.fround;
	const level = new Float32Array(columnWords);
	return {
		vector: (length) => new Float32Array(length),
		dot(n, a, b, unbroken) {
			let total = 0;
			let sum = 0;
			for (let start = 0; start < n; start += columnWords) {
				for (let i = 0; i < columnWords; i++) level[i] = start + i < n ? a(start + i) * b(start + i) : 0;
				for (let left = columnWords; left > 1; left /= 2)
					for (let i = 0; i < left / 2; i++) level[i] = f((level[2 * i] as number) + (level[2 * i + 1] as number));
				sum = f(sum + (level[0] as number));
				if (unbroken || (start + columnWords) % sliceWords !== 0) continue;
				total = f(total + roundToBfloat16(sum));
				sum = 0;
			}
			return roundToBfloat16(f(total + roundToBfloat16(sum)));
		},
		add,
		norm: (x, gamma, beta) => layerNorm(x, gamma, beta, LAYER_NORM_EPSILON),
		softmax,
		gelu,
	};
}

export const float64Arithmetic: Arithmetic<Float64Array> = {
	vector: (length) => new Float64Array(length),
	dot(n, a, b) {
		let total = 0;
		for (let i = 0; i < n; i++) total += a(i) * b(i);
		return total;
	},
	add: (a, b) => a.map((value, i) => value + (b[i] as number)),
	norm(x, gamma, beta) {
		const mean = x.reduce((a, b) => a + b, 0) / x.length;
		const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
		return x.map(
			(value, i) => ((value - mean) / Math.sqrt(variance + LAYER_NORM_EPSILON)) * (gamma[i] as number) + (beta[i] as number),
		);
	},
	softmax(scores, scale) {
		const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
		const powers = scores.map((value) => Math.exp(scale * (value - most)));
		const total = powers.reduce((a, b) => a + b, 0);
		return powers.map((value) => value / total);
	},
	gelu: (x) => x.map((value) => 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)))),
};

/** Generates token by token, with keys and values kept in plain arrays. */
export class ReferenceGpt<V extends Float32Array | Float64Array> {
	private readonly weights: GptWeights;
	private readonly arithmetic: Arithmetic<V>;
	private readonly pause: () => Promise<void>;
	private readonly unbroken: (inputs: number, outputs: number) => boolean;
	private readonly keys: V[][];
	private readonly values: V[][];

	/** `unbroken` says of which matrices' sums, by inputs and outputs, banks accumulate all slices. */
	constructor(
		weights: GptWeights,
		arithmetic: Arithmetic<V>,
		pause: () => Promise<void>,
		unbroken: (inputs: number, outputs: number) => boolean = () => false,
	) {
		this.weights = weights;
		this.arithmetic = arithmetic;
		this.pause = pause;
		this.unbroken = unbroken;
		this.keys = weights.layers.map(() => []);
		this.values = weights.layers.map(() => []);
	}

	/** Logits after one more token. */
	async next(token: number): Promise<V> {
		const { weights, arithmetic } = this;
		const { width, heads, tokens, positionTable, vocabulary } = weights;
		const headDim = width / heads;
		const place = this.keys[0]?.length ?? 0;
		const slice = (table: Float32Array, row: number): V => this.fill(width, (i) => table[row * width + i] as number);
		let x = arithmetic.add(slice(tokens, token), slice(positionTable, place));
		for (const [number, layer] of weights.layers.entries()) {
			const normed = arithmetic.norm(x, layer.norm1.gamma, layer.norm1.beta);
			const qkv = await this.linear(normed, layer.queryKeyValue);
			const keys = this.keys[number] as V[];
			const values = this.values[number] as V[];
			keys.push(this.fill(width, (i) => qkv[width + i] as number));
			values.push(this.fill(width, (i) => qkv[2 * width + i] as number));
			const context = arithmetic.vector(width);
			for (let head = 0; head < heads; head++) {
				const at = head * headDim;
				const scores = this.fill(keys.length, (t) =>
					arithmetic.dot(
						headDim,
						(i) => (keys[t] as V)[at + i] as number,
						(i) => qkv[at + i] as number,
						false,
					),
				);
				const probabilities = arithmetic.softmax(scores, 1 / Math.sqrt(headDim));
				for (let i = 0; i < headDim; i++) {
					context[at + i] = arithmetic.dot(
						values.length,
						(t) => (values[t] as V)[at + i] as number,
						(t) => probabilities[t] as number,
						false,
					);
				}
			}
			const middle = arithmetic.add(x, await this.linear(context, layer.projection));
			const up = arithmetic.gelu(await this.linear(arithmetic.norm(middle, layer.norm2.gamma, layer.norm2.beta), layer.up));
			x = arithmetic.add(middle, await this.linear(up, layer.down));
		}
		const last = arithmetic.norm(x, weights.finalNorm.gamma, weights.finalNorm.beta);
		return this.product(width, vocabulary, (input, row) => tokens[row * width + input] as number, last);
	}

	private async linear(x: V, { weight, bias }: { readonly weight: Float32Array; readonly bias: Float32Array }): Promise<V> {
		const outputs = bias.length;
		const product = await this.product(x.length, outputs, (input, output) => weight[input * outputs + output] as number, x);
		return this.arithmetic.add(product, bias);
	}

	private async product(inputs: number, outputs: number, weight: (input: number, output: number) => number, x: V): Promise<V> {
		const unbroken = this.unbroken(inputs, outputs);
		const result = this.arithmetic.vector(outputs);
		for (let j = 0; j < outputs; j++) {
			result[j] = this.arithmetic.dot(
				inputs,
				(i) => weight(i, j),
				(i) => x[i] as number,
				unbroken,
			);
			if (j % 256 === 255) await this.pause();
		}
		return result;
	}

	private fill(length: number, value: (i: number) => number): V {
		const vector = this.arithmetic.vector(length);
		for (let i = 0; i < length; i++) vector[i] = value(i);
		return vector;
	}
}

/** Position of the largest value; the first of equal ones. */
export function largest(values: ArrayLike<number>): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
	return best;
}
