/** What a source of keys has to offer, whichever it is. */
import type { RunContext } from '@assay/contract';
import type { SortKey } from '../ksort/channel-scores.ts';
import type { Rotary } from '../ksort/rotary.ts';
import type { AttentionShape } from '../weights/attention-shape.ts';
import type { LayerOrders } from '../weights/rewrite.ts';
import type { HeadSample } from './head-sample.ts';
import type { TrainedModel } from './trained-model.ts';

/** A model's weights once `each` has gone through them. */
export interface SortedWeights {
	readonly shape: AttentionShape;
	readonly orders: readonly LayerOrders[];
	/** The files with their channels in the new order; `bytes` are those of the old. */
	readonly files: readonly { readonly name: string; readonly bytes: number; rewritten(): AsyncIterable<Uint8Array> }[];
}

/** The cache of what the source itself is. */
export interface OwnCache {
	readonly name: string;
	readonly headDim: number;
	/** Keys and values of all layers and heads in 16 bits. */
	readonly bytesPerToken: number;
}

export interface KeySource {
	readonly name: string;
	readonly headDim: number;
	readonly layers: number;
	/** Key heads over all layers. */
	readonly keyHeads: number;
	readonly rotary: Rotary;
	/** Whether heads that turn by the same tables must have one order (`HeadSample.sharedOrder`). */
	readonly isOrderShared?: boolean;
	readonly sortedBy: SortKey;
	/** What the heads' inputs are, in a few words. */
	readonly inputs: string;
	readonly notes: readonly string[];
	each(visit: (sample: HeadSample) => Promise<void>): Promise<void>;
	readonly trained?: { readonly model: TrainedModel; readonly inject: () => void };
	readonly weights?: SortedWeights;
	/** Left out: the table of memory is for the model that the user names. */
	readonly ownCache?: OwnCache;
}

/** What a source needs of a run. */
export type SourceContext = Pick<RunContext, 'open' | 'pause' | 'progress' | 'random' | 'seed'>;
