/**
 * A mapping in the data-centric notation of MAESTRO (Kwon et al., "Understanding reuse, performance, and hardware cost of DNN dataflows",
 * MICRO 2019): loops from the outermost in, each over a dimension in steps of `offset` with tiles of `size`. A temporal map visits the
 * tiles one after the other, a spatial map gives them to neighbouring sub-clusters; `Cluster(n)` makes groups of n of what is below it.
 */

/** A sum of whole numbers and sizes of the layer: `8 + Sz(S) - 1`. */
export interface SizeExpression {
	readonly constant: number;
	/** Dimensions whose sizes are added, each with its sign. */
	readonly sizes: readonly { readonly dimension: number; readonly sign: 1 | -1 }[];
}

export interface MapDirective {
	readonly kind: 'temporal' | 'spatial';
	readonly dimension: number;
	readonly size: SizeExpression;
	readonly offset: SizeExpression;
	/** Given for output rows or columns (`Y'`, `X'`): the tile of inputs is larger by the kernel less one. */
	readonly isOfOutputs: boolean;
}

export interface ClusterLevelDirectives {
	readonly maps: readonly MapDirective[];
	/** Size of the clusters that this level's loops are spread over; null for the innermost level, which is spread over elements. */
	readonly clusterSize: SizeExpression | null;
}

export interface Mapping {
	readonly name: string;
	/** Outermost first; one more than there are `Cluster` directives. */
	readonly levels: readonly ClusterLevelDirectives[];
}

/** The value of an expression for a layer's sizes. */
export function evaluateSize({ constant, sizes }: SizeExpression, layer: ArrayLike<number>): number {
	return sizes.reduce((sum, { dimension, sign }) => sum + sign * (layer[dimension] as number), constant);
}
