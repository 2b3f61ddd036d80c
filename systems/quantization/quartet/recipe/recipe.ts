/** The models and the training recipe of the published study: Llama-2 style, untied embedding and head, no biases. */

export interface ModelSize {
	readonly layers: number;
	readonly width: number;
	readonly heads: number;
}

interface NamedSize extends ModelSize {
	readonly name: string;
	/** Highest learning rate of AdamW. */
	readonly peakRate: number;
	/** Tokens that sweeps multiply by 1/4 to 8: about a hundred for each parameter. */
	readonly baseTokens: number;
}

export const namedSizes = [
	{ name: '30M', layers: 6, width: 640, heads: 5, peakRate: 1.2e-3, baseTokens: 3e9 },
	{ name: '50M', layers: 7, width: 768, heads: 6, peakRate: 1.2e-3, baseTokens: 5e9 },
	{ name: '100M', layers: 8, width: 1024, heads: 8, peakRate: 6e-4, baseTokens: 10e9 },
	{ name: '200M', layers: 10, width: 1280, heads: 10, peakRate: 3e-4, baseTokens: 20e9 },
	{ name: '430M', layers: 13, width: 1664, heads: 13, peakRate: 1.5e-4, baseTokens: 43e9 },
	{ name: '800M', layers: 16, width: 2048, heads: 16, peakRate: 7.5e-5, baseTokens: 80e9 },
	{ name: '1600M', layers: 20, width: 2560, heads: 20, peakRate: 3.75e-5, baseTokens: 160e9 },
] as const satisfies readonly NamedSize[];
export type SizeName = (typeof namedSizes)[number]['name'];

/** Sequences of 512 tokens, 512 of them in a step. */
export const STEP_TOKENS = 512 * 512;

/** Inner width of the gated feed-forward: 8/3 of the width, up to the next multiple of 256. */
export function hiddenWidth(width: number): number {
	return Math.ceil((8 * width) / 3 / 256) * 256;
}

/** Parameters without embedding and head: L (4 d^2 + 3 d h + 2 d) + d, norms included. */
export function nonEmbeddingParameters({ layers, width }: Pick<ModelSize, 'layers' | 'width'>): number {
	return layers * (4 * width ** 2 + 3 * width * hiddenWidth(width) + 2 * width) + width;
}
