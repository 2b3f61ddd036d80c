/** What a page and the worker that runs systems say to each other. */
import type { Panel } from '@assay/contract';

export interface LiveOrder {
	/** Rises with every order; answers carry it. */
	readonly order: number;
	readonly slug: string;
	/** Settings as text, by path, over the inputs of an example. */
	readonly example: string;
	readonly settings: Readonly<Record<string, string>>;
}

export type LiveAnswer =
	| {
			readonly order: number;
			readonly kind: 'done';
			readonly headline: string;
			readonly panels: readonly Panel[];
			readonly seconds: number;
			readonly notes: readonly string[];
	  }
	| { readonly order: number; readonly kind: 'failed'; readonly message: string };
