/** Scores of all key heads of a layer. */
import type { AttentionShape } from '../weights/attention-shape.ts';
import type { LayerWeights } from '../weights/layer-reader.ts';
import { rowNorms } from './channel-scores.ts';

/**
 * By the weights: the paper's row norms, or (`folded`) with the gain of the norm before them and the biases. Where keys are normalised per
 * head, the norm divides all channels by one number and then multiplies each by its gain, so a channel's score is its row's norm over the
 * head's mean, times its gain. Heads that share those gains share one order: their scores are replaced by their common root mean square.
 */
export function headScores(layer: LayerWeights, shape: AttentionShape, key: 'row-norm' | 'folded'): Float64Array[] {
	const scores = Array.from({ length: shape.keyValueHeads }, (_, head) => {
		const norms =
			key === 'row-norm'
				? rowNorms(layer.rows('key', head), layer.inputs)
				: rowNorms(layer.rows('key', head), layer.inputs, layer.inputGain(), layer.bias('key', head));
		const gain = layer.gain('key', head);
		if (gain === undefined) return norms;
		const mean = Math.sqrt(norms.reduce((sum, norm) => sum + norm * norm, 0) / norms.length) || 1;
		return norms.map((norm, channel) => (norm / mean) * Math.abs(gain[channel] as number));
	});
	return layer.isGainShared ? shareScores(scores) : scores;
}

/** The root mean square over heads, for each of them. */
export function shareScores(scores: readonly Float64Array[]): Float64Array[] {
	const common = (scores[0] ?? new Float64Array()).map((_, channel) =>
		Math.sqrt(scores.reduce((sum, one) => sum + (one[channel] as number) ** 2, 0) / scores.length),
	);
	return scores.map(() => common);
}
