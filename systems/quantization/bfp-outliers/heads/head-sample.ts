/** One key head with what reads it: what all sources of keys come down to. */
import type { Rotary } from '../ksort/rotary.ts';

export interface HeadSample {
	readonly layer: number;
	/** Of the keys and values. */
	readonly head: number;
	readonly headDim: number;
	/** As they are cached, after the rotary embedding: [tokens, headDim]. */
	readonly keys: Float32Array;
	/** Rows from all query heads that share the keys: [queries, headDim]. */
	readonly queries: Float32Array;
	/** For each query the number of keys that it sees, from the first on. */
	readonly visible: Int32Array;
	/** [tokens, headDim]; null where only keys and queries were captured. */
	readonly values: Float32Array | null;
	/** What channels are sorted by. */
	readonly scores: Float64Array;
	readonly rotary: Rotary;
}
