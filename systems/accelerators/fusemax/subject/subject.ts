/** What is asked about: the attention of one layer, and the matrix products around it where they are known. */
import type { AttentionShape } from '../attention-shape.ts';
import type { LinearProduct } from '../linear-products.ts';

/** A layer's attention apart from lengths and batch. */
export interface Heads {
	/** Query heads. */
	readonly heads: number;
	/** Heads of keys and values; divides `heads`. */
	readonly kvHeads: number;
	readonly queryKeyWidth: number;
	readonly valueWidth: number;
}

/** Matrix products that a token passes in one layer beside attention, by their inner and outer widths. */
export interface TokenProduct {
	readonly name: string;
	readonly inner: number;
	readonly outer: number;
	/** Alike products that every token passes. */
	readonly count: number;
	/** Of an expert: how many there are, among which tokens are spread evenly, each visiting `count` of them. */
	readonly experts: number | null;
}

export interface AttentionSubject {
	readonly name: string;
	readonly source: string;
	readonly heads: Heads;
	/** Empty where only attention is known. */
	readonly products: readonly TokenProduct[];
	/** Lengths and batch that the subject itself states (a graph's); null where the user gives them. */
	readonly stated: { readonly batch: number; readonly keys: number; readonly queries: number } | null;
	/** Layers with such attention. */
	readonly layers: number;
	readonly notes: readonly string[];
}

/** The attention of a length. Queries that share keys are taken together: as many heads as there are key-value heads, with more queries each. */
export function attentionOf({ heads }: AttentionSubject, batch: number, keys: number, queries: number): AttentionShape {
	return {
		batch,
		heads: heads.kvHeads,
		queryKeyWidth: heads.queryKeyWidth,
		valueWidth: heads.valueWidth,
		keys,
		queries: queries * (heads.heads / heads.kvHeads),
	};
}

/** The products of so many tokens. */
export function productsOf({ products }: AttentionSubject, tokens: number): LinearProduct[] {
	return products.map(({ name, inner, outer, count, experts }) =>
		experts === null
			? { name, rows: tokens, inner, outer, count }
			: { name, rows: (tokens * count) / experts, inner, outer, count: experts },
	);
}
