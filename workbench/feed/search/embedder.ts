/** Turns texts into vectors of length 1, so that texts of like meaning point the same way. */
export interface Embedder {
	/** Differs between any two embedders that may give different vectors; with its version. */
	readonly name: string;
	readonly dimensions: number;
	/** One vector a text, of length 1, or all zero for a text of which nothing is known. */
	embed(texts: readonly string[]): Promise<Float32Array[]>;
}
