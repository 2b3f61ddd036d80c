/**
 * What quantised keys do to attention. The energy error is dominated by the outliers themselves, which every order keeps well; what
 * sorting saves are the quiet channels, so it shows in the mean over channels and in the scores.
 */
import type { KeyCodec } from '../bfp/key-codec.ts';
import type { HeadSample } from '../heads/head-sample.ts';
import { gatherRows, scatterRows } from '../ksort/rotary.ts';

export interface KeyErrors {
	/** Sum of squared errors over sum of squares. */
	readonly energyError: number;
	/** Mean over channels of the error's energy over the channel's. */
	readonly channelError: number;
	/** Squared errors of the scores q k over their squares, for all pairs that see each other. */
	readonly scoreError: number;
	/** Mean over queries of the total variation distance of the attention weights, 0 to 1. */
	readonly totalVariation: number;
	/** Squared errors of attention's output over its squares; null without values. */
	readonly outputError: number | null;
}

/** Keys as they come back from a cache whose places hold the channels of `order`. */
export function cachedKeys(keys: Float32Array, order: Int32Array, codec: KeyCodec): Float32Array {
	const stored = new Float32Array(keys.length);
	gatherRows(keys, order, stored);
	codec.quantize(stored, stored);
	const back = new Float32Array(keys.length);
	scatterRows(stored, order, back);
	return back;
}

/** The errors of keys alone. */
export function channelErrors(
	keys: Float32Array,
	cached: Float32Array,
	headDim: number,
): Pick<KeyErrors, 'energyError' | 'channelError'> {
	const energy = new Float64Array(headDim);
	const lost = new Float64Array(headDim);
	for (let start = 0; start < keys.length; start += headDim) {
		for (let channel = 0; channel < headDim; channel++) {
			const value = keys[start + channel] as number;
			const error = (cached[start + channel] as number) - value;
			energy[channel] = (energy[channel] as number) + value * value;
			lost[channel] = (lost[channel] as number) + error * error;
		}
	}
	const ratios = lost.map((error, channel) => ratio(error, energy[channel] as number));
	return { energyError: ratio(total(lost), total(energy)), channelError: total(ratios) / headDim };
}

/** All errors of one head, whose queries meet the cached keys as `storedQueries`. */
export function keyErrors(sample: HeadSample, cached: Float32Array, storedQueries = sample.queries): KeyErrors {
	const { keys, queries, visible, values, headDim } = sample;
	const longest = keys.length / headDim;
	const exact = new Float64Array(longest);
	const stored = new Float64Array(longest);
	const [output, outputDifference] = [new Float64Array(headDim), new Float64Array(headDim)];
	let [scoreEnergy, scoreLost, variation, outputEnergy, outputLost] = [0, 0, 0, 0, 0];
	for (let query = 0; query < visible.length; query++) {
		const seen = visible[query] as number;
		for (let key = 0; key < seen; key++) {
			let [score, changed] = [0, 0];
			for (let channel = 0; channel < headDim; channel++) {
				const place = query * headDim + channel;
				score += (queries[place] as number) * (keys[key * headDim + channel] as number);
				changed += (storedQueries[place] as number) * (cached[key * headDim + channel] as number);
			}
			exact[key] = score;
			stored[key] = changed;
			scoreEnergy += score * score;
			scoreLost += (changed - score) ** 2;
		}
		softmax(exact, seen, headDim);
		softmax(stored, seen, headDim);
		for (let key = 0; key < seen; key++) variation += Math.abs((stored[key] as number) - (exact[key] as number)) / 2;
		if (values === null) continue;
		output.fill(0);
		outputDifference.fill(0);
		for (let key = 0; key < seen; key++) {
			const weight = exact[key] as number;
			const difference = (stored[key] as number) - weight;
			for (let channel = 0; channel < headDim; channel++) {
				const value = values[key * headDim + channel] as number;
				output[channel] = (output[channel] as number) + weight * value;
				outputDifference[channel] = (outputDifference[channel] as number) + difference * value;
			}
		}
		for (let channel = 0; channel < headDim; channel++) {
			outputEnergy += (output[channel] as number) ** 2;
			outputLost += (outputDifference[channel] as number) ** 2;
		}
	}
	return {
		...channelErrors(keys, cached, headDim),
		scoreError: ratio(scoreLost, scoreEnergy),
		totalVariation: visible.length === 0 ? 0 : variation / visible.length,
		outputError: values === null ? null : ratio(outputLost, outputEnergy),
	};
}

function softmax(scores: Float64Array, count: number, headDim: number): void {
	const factor = 1 / Math.sqrt(headDim);
	let largest = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < count; i++) largest = Math.max(largest, scores[i] as number);
	let sum = 0;
	for (let i = 0; i < count; i++) {
		const weight = Math.exp(((scores[i] as number) - largest) * factor);
		scores[i] = weight;
		sum += weight;
	}
	for (let i = 0; i < count; i++) scores[i] = (scores[i] as number) / sum;
}

/** Nothing lost of nothing is no error. */
function ratio(lost: number, all: number): number {
	return all > 0 ? lost / all : 0;
}

function total(values: Float64Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}
