/** Attention as the models count it: one layer's heads over a batch, by the paper's ranks. */

export interface AttentionShape {
	/** B: sequences. */
	readonly batch: number;
	/** H: heads. Query heads that share keys and values count as one head with more queries. */
	readonly heads: number;
	/** E: width of queries and keys in a head. */
	readonly queryKeyWidth: number;
	/** F: width of values in a head. */
	readonly valueWidth: number;
	/** M: key positions of a sequence. */
	readonly keys: number;
	/** P: query positions of a head. */
	readonly queries: number;
}

/** The ranks under their letters, for formulas. */
export function ranksOf({ batch, heads, queryKeyWidth, valueWidth, keys, queries }: AttentionShape): {
	readonly B: number;
	readonly H: number;
	readonly E: number;
	readonly F: number;
	readonly M: number;
	readonly P: number;
} {
	return { B: batch, H: heads, E: queryKeyWidth, F: valueWidth, M: keys, P: queries };
}

/** The share of the work that tiles of `side` keys by `side` queries do on padding: 0 where both are multiples. */
export function paddedShare({ keys, queries }: AttentionShape, side: number): number {
	const padded = Math.ceil(keys / side) * Math.ceil(queries / side) * side * side;
	return 1 - (keys * queries) / padded;
}
