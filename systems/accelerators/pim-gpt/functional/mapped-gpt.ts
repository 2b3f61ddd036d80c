/**
 * A GPT-2 computed by the mapped banks: weights are fetched from the simulated rows by the very programs that are timed, keys and values are
 * written into rows and read from there, the ASIC does the rest. Vectors between the two are BF16; the residual stream stays in the ASIC
 * in BF16 too.
 */
import type { Hardware } from '../hardware/hardware.ts';
import { blocksOfChannel } from '../mapping/cache-layout.ts';
import { layOutMatrix, type MatrixLayout, outputAt, type Slice, sliceAddress } from '../mapping/matrix-layout.ts';
import { type LayerMap, type ModelMap, mapModel } from '../mapping/model-map.ts';
import type { Decoder } from '../model/decoder.ts';
import { scores, values } from '../program/attention.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { readRow, writeKey, writeValue } from '../program/transfers.ts';
import { add, gelu, layerNorm, softmax } from './asic-functions.ts';
import { BankMemory, FunctionalChannel } from './bank-memory.ts';
import { roundToBfloat16, toBfloat16 } from './bfloat16.ts';
import type { GptWeights, LayerWeights } from './weights.ts';

export const LAYER_NORM_EPSILON = 1e-5;

/** The decoder that such weights make. */
export function decoderOf({ width, heads, vocabulary, positions, layers, feedForwardWidth }: GptWeights): Decoder {
	return {
		name: `a GPT-2 of ${layers.length} layers and width ${width}`,
		layers: layers.length,
		hidden: width,
		heads,
		kvHeads: heads,
		headDim: width / heads,
		window: null,
		matrices: {
			'query-key-value': { inputs: width, outputs: 3 * width },
			projection: { inputs: width, outputs: width },
			'feed-forward up': { inputs: width, outputs: feedForwardWidth },
			'feed-forward down': { inputs: feedForwardWidth, outputs: width },
		},
		feedForwardWidth,
		gated: false,
		rmsNorm: false,
		normsPerLayer: 2,
		finalNorm: true,
		embeddingNorm: false,
		rotary: false,
		vocabulary,
		embeddingWidth: width,
		tied: true,
		positions,
		contextTokens: positions,
		functionWords: 9 * width + feedForwardWidth,
		parameters: vocabulary * width + positions * width + layers.length * width * (4 * width + 2 * feedForwardWidth),
	};
}

type Pause = () => Promise<void>;

export class MappedGpt {
	readonly map: ModelMap;
	private readonly hardware: Hardware;
	private readonly weights: GptWeights;
	private readonly store: BankMemory;
	private readonly channels: readonly FunctionalChannel[];
	private readonly pause: Pause;
	private length = 0;

	private constructor(weights: GptWeights, hardware: Hardware, map: ModelMap, pause: Pause) {
		this.weights = weights;
		this.hardware = hardware;
		this.map = map;
		this.pause = pause;
		this.store = new BankMemory(hardware.memory, map.rows);
		this.channels = Array.from({ length: hardware.memory.channels }, (_, channel) => new FunctionalChannel(this.store, channel));
	}

	/** Writes all weights into their rows. `tokens` is the longest sequence there is room for. */
	static async load(weights: GptWeights, hardware: Hardware, tokens: number, pause: Pause): Promise<MappedGpt> {
		const map = mapModel(decoderOf(weights), hardware, { tokens, concatenate: true });
		const gpt = new MappedGpt(weights, hardware, map, pause);
		const { vocabulary, width } = weights;
		await gpt.place(map.head, (output, input) => weights.tokens[output * width + input] as number);
		if (map.positions !== null)
			await gpt.place(map.positions, (output, input) => weights.positionTable[output * width + input] as number);
		for (const [number, layer] of weights.layers.entries()) {
			const { matrices } = map.layers[number] as LayerMap;
			const transposed =
				({ weight }: { readonly weight: Float32Array }, outputs: number) =>
				(output: number, input: number): number =>
					weight[input * outputs + output] as number;
			await gpt.place(matrices['query-key-value'], transposed(layer.queryKeyValue, 3 * width));
			await gpt.place(matrices.projection, transposed(layer.projection, width));
			await gpt.place(matrices['feed-forward up'], transposed(layer.up, weights.feedForwardWidth));
			await gpt.place(matrices['feed-forward down'], transposed(layer.down, width));
		}
		if (vocabulary !== map.head.outputs) throw new Error('the head has an output a token');
		return gpt;
	}

	private async place(layout: MatrixLayout, weight: (output: number, input: number) => number): Promise<void> {
		const { memory } = this.hardware;
		for (let channel = 0; channel < memory.channels; channel++) {
			for (let bank = 0; bank < memory.banks; bank++) {
				const start = this.store.rowStart(channel, bank, layout.firstRow);
				for (let local = 0; ; local++) {
					const output = outputAt(memory, channel, bank, local);
					if (output >= layout.outputs) break;
					for (let s = 0; s < layout.slices.length; s++) {
						const { first, words } = layout.slices[s] as Slice;
						const at = start + sliceAddress(layout, memory, local, s);
						for (let i = 0; i < words; i++) this.store.words[at + i] = toBfloat16(weight(output, first + i));
					}
					if (local % 64 === 0) await this.pause();
				}
			}
		}
	}

	/** Whether the banks accumulate all slices of a product, by its inputs and outputs. */
	readonly unbroken = (inputs: number, outputs: number): boolean =>
		layOutMatrix({ inputs, outputs }, this.hardware, { concatenate: true, firstRow: 0 }).order === 'output by output';

	/** Logits after one more token, BF16 values. */
	async next(token: number): Promise<Float32Array> {
		const place = this.length++;
		const { finalNorm } = this.weights;
		let x = this.lookUp(this.map.head, token);
		if (this.map.positions !== null) x = add(x, this.lookUp(this.map.positions, place));
		for (const [number, layer] of this.weights.layers.entries()) x = await this.layer(number, layer, x, place);
		return this.product(this.map.head, layerNorm(x, finalNorm.gamma, finalNorm.beta, LAYER_NORM_EPSILON));
	}

	private async layer(number: number, weights: LayerWeights, x: Float32Array, place: number): Promise<Float32Array> {
		const { matrices } = this.map.layers[number] as LayerMap;
		const width = x.length;
		const normed = layerNorm(x, weights.norm1.gamma, weights.norm1.beta, LAYER_NORM_EPSILON);
		const qkv = add(await this.product(matrices['query-key-value'], normed), weights.queryKeyValue.bias);
		const context = await this.attend(
			number,
			qkv.subarray(0, width),
			qkv.subarray(width, 2 * width),
			qkv.subarray(2 * width),
			place,
		);
		const attended = add(await this.product(matrices.projection, context), weights.projection.bias);
		const middle = add(x, attended);
		const normed2 = layerNorm(middle, weights.norm2.gamma, weights.norm2.beta, LAYER_NORM_EPSILON);
		const up = gelu(add(await this.product(matrices['feed-forward up'], normed2), weights.up.bias));
		const down = add(await this.product(matrices['feed-forward down'], up), weights.down.bias);
		return add(middle, down);
	}

	private async attend(
		number: number,
		query: Float32Array,
		key: Float32Array,
		value: Float32Array,
		place: number,
	): Promise<Float32Array> {
		const { memory } = this.hardware;
		const { heads } = this.weights;
		const headDim = query.length / heads;
		const { keys, values: valueLayout } = this.map.layers[number] as LayerMap;
		const tokens = place + 1;
		for (const [channel, sink] of this.channels.entries()) {
			sink.write(atWholeColumns(key, headDim, keys.headWords));
			writeKey(keys, memory, channel, place, sink);
			const { first, count } = blocksOfChannel(valueLayout, channel);
			sink.write(components(value, headDim, valueLayout.blocksPerHead, memory.banks, first, count));
			writeValue(valueLayout, memory, channel, place, sink);
		}

		const scored = Array.from({ length: heads }, () => new Float32Array(tokens));
		for (const [channel, sink] of this.channels.entries()) {
			sink.vector = atWholeColumns(query, headDim, keys.headWords);
			sink.onResults = (result, results) => {
				const head = scored[result % heads] as Float32Array;
				for (const [bank, score] of results.entries()) {
					const token = outputAt(memory, channel, bank, Math.floor(result / heads));
					if (token < tokens) head[token] = score;
				}
			};
			scores(keys, memory, channel, tokens, heads, sink);
			await this.pause();
		}

		const probabilities = new Float32Array(heads * valueLayout.tokenWords);
		for (const [head, row] of scored.entries())
			probabilities.set(softmax(row, 1 / Math.sqrt(headDim)), head * valueLayout.tokenWords);
		const context = new Float32Array(query.length);
		for (const [channel, sink] of this.channels.entries()) {
			const { first } = blocksOfChannel(valueLayout, channel);
			sink.vector = probabilities;
			sink.onResults = (result, results) => {
				const block = first + result;
				const head = Math.floor(block / valueLayout.blocksPerHead);
				for (const [bank, sum] of results.entries()) {
					const component = (block % valueLayout.blocksPerHead) * memory.banks + bank;
					const at = head * headDim + component;
					if (component < headDim) context[at] = (context[at] as number) + sum;
				}
			};
			values(valueLayout, memory, channel, tokens, sink);
			await this.pause();
		}
		return context.map(roundToBfloat16);
	}

	/** A vector times a matrix: partial results are added in float32 and leave as BF16. */
	private async product(layout: MatrixLayout, vector: Float32Array): Promise<Float32Array> {
		const { memory } = this.hardware;
		const result = new Float32Array(layout.outputs);
		for (const [channel, sink] of this.channels.entries()) {
			sink.vector = vector;
			sink.onResults = (local, results) => {
				for (const [bank, sum] of results.entries()) {
					const output = outputAt(memory, channel, bank, local);
					if (output < layout.outputs) result[output] = (result[output] as number) + sum;
				}
			};
			matrixVector(layout, memory, channel, sink);
			await this.pause();
		}
		return result.map(roundToBfloat16);
	}

	private lookUp(layout: MatrixLayout, row: number): Float32Array {
		const parts: number[] = [];
		for (const [channel, sink] of this.channels.entries()) {
			sink.onRead = (words) => parts.push(...words);
			readRow(layout, this.hardware.memory, channel, row, sink);
		}
		return Float32Array.from(parts);
	}
}

/** Heads of a vector, each filled up with zeros to `words`. */
function atWholeColumns(vector: Float32Array, headDim: number, words: number): Float32Array {
	const heads = vector.length / headDim;
	const padded = new Float32Array(heads * words);
	for (let head = 0; head < heads; head++) padded.set(vector.subarray(head * headDim, (head + 1) * headDim), head * words);
	return padded;
}

/** Words for each bank of a channel, block after block; a head's last block may be part empty. */
function components(
	value: Float32Array,
	headDim: number,
	blocksPerHead: number,
	banks: number,
	first: number,
	count: number,
): Float32Array {
	return Float32Array.from({ length: count * banks }, (_, i) => {
		const block = first + Math.floor(i / banks);
		const component = (block % blocksPerHead) * banks + (i % banks);
		return component < headDim ? (value[Math.floor(block / blocksPerHead) * headDim + component] as number) : 0;
	});
}
