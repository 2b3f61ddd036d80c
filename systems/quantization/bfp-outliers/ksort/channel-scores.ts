/** What channels are sorted by. */

/** The paper's is the norm of the weights' rows; the others are additions of ours. */
export const SORT_KEYS = ['auto', 'row-norm', 'folded', 'calibrated-rms', 'calibrated-max'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/**
 * Norms of the rows of a key projection [rows, inputs]. `gain` is the norm's before it, `bias` the projection's own: a channel of
 * normalised inputs then has the mean square |row * gain|^2 + bias^2.
 */
export function rowNorms(weights: Float32Array, inputs: number, gain?: Float32Array, bias?: Float32Array): Float64Array {
	const norms = new Float64Array(weights.length / inputs);
	for (let row = 0; row < norms.length; row++) {
		let sum = 0;
		for (let i = 0; i < inputs; i++) {
			const weight = (weights[row * inputs + i] as number) * (gain === undefined ? 1 : (gain[i] as number));
			sum += weight * weight;
		}
		norms[row] = Math.sqrt(sum + (bias === undefined ? 0 : (bias[row] as number) ** 2));
	}
	return norms;
}

/** Root mean square, or largest magnitude, of each channel of rows of keys. */
export function calibratedScores(keys: Float32Array, headDim: number, key: 'calibrated-rms' | 'calibrated-max'): Float64Array {
	const scores = new Float64Array(headDim);
	for (let start = 0; start < keys.length; start += headDim) {
		for (let channel = 0; channel < headDim; channel++) {
			const value = keys[start + channel] as number;
			if (key === 'calibrated-max') scores[channel] = Math.max(scores[channel] as number, Math.abs(value));
			else scores[channel] = (scores[channel] as number) + value * value;
		}
	}
	return key === 'calibrated-max' ? scores : scores.map((sum) => Math.sqrt((sum * headDim) / keys.length));
}

/** Largest score over the median: how far outliers stand out. */
export function outlierRatio(scores: Float64Array): number {
	const middle = median(scores);
	const largest = scores.reduce((most, score) => Math.max(most, score), 0);
	return middle > 0 ? largest / middle : 1;
}

/** A channel counts as an outlier from so many times the median score. */
export const OUTLIER_FACTOR = 3;

/** Scores above it are outliers'. */
export function outlierLimit(scores: Float64Array): number {
	return OUTLIER_FACTOR * median(scores);
}

/** Blocks that hold at least one outlier. */
export function blocksWithOutliers(scores: Float64Array, order: Int32Array, blockSize: number): number {
	const limit = outlierLimit(scores);
	const blocks = new Set<number>();
	for (let place = 0; place < order.length; place++)
		if ((scores[order[place] as number] as number) > limit) blocks.add(Math.floor(place / blockSize));
	return blocks.size;
}

function median(scores: Float64Array): number {
	const sorted = scores.slice().sort();
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
