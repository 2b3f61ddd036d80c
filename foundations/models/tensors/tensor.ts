/** A tensor of numbers in memory, wherever it came from. */

export interface Tensor {
	/** Outermost first; empty for a scalar. */
	readonly shape: readonly number[];
	/** Row-major. */
	readonly values: Float32Array<ArrayBuffer>;
}
