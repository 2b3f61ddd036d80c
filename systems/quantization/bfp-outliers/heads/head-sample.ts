/** One key head with what reads it: what all sources of keys come down to. */
import { channelOrder, type HeadOrder } from '../ksort/channel-order.ts';
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
	/** The order that the head has with all others that turn by the same tables; left out where it can have its own. */
	readonly sharedOrder?: Int32Array;
}

/** The channel that each place of a head holds. */
export function headOrder(
	{ scores, rotary, sharedOrder }: Pick<HeadSample, 'scores' | 'rotary' | 'sharedOrder'>,
	kind: HeadOrder,
): Int32Array {
	if (kind !== 'shared') return channelOrder(scores, rotary, kind);
	if (sharedOrder === undefined) throw new Error('a head with an order of its own');
	return sharedOrder;
}
