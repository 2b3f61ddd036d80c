/** Where the controller's weights lie in one array: an LSTM cell, and for each decision an embedding of its options and a head. */

/** Hidden units of the LSTM and of an embedding (35 in the code of the paper's authors). */
export const HIDDEN = 35;

export interface PolicyLayout {
	/** Options of each decision. */
	readonly sizes: readonly number[];
	/** Gates in the order input, forget, candidate, output: `4 · HIDDEN` rows over the embedding and the state before. */
	readonly gates: number;
	readonly gateBias: number;
	/** What the cell reads before the first decision. */
	readonly start: number;
	/** For each decision `sizes[t]` rows of HIDDEN. */
	readonly embeddings: readonly number[];
	readonly heads: readonly number[];
	readonly headBias: readonly number[];
	readonly length: number;
}

export function policyLayout(sizes: readonly number[]): PolicyLayout {
	let length = 0;
	const take = (count: number): number => {
		const at = length;
		length += count;
		return at;
	};
	const gates = take(4 * HIDDEN * 2 * HIDDEN);
	const gateBias = take(4 * HIDDEN);
	const start = take(HIDDEN);
	const embeddings = sizes.map((size) => take(size * HIDDEN));
	const heads = sizes.map((size) => take(size * HIDDEN));
	const headBias = sizes.map((size) => take(size));
	return { sizes, gates, gateBias, start, embeddings, heads, headBias, length };
}
