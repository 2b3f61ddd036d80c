/**
 * Arithmetic of one's own in training: weights and activations as they will be once they are quantized, gradients straight through to the exact ones.
 */
export interface RoundedArithmetic {
	/** Rewrites a convolution's weights for a forward and backward pass, [outputs][inputs a group][row][column]; or the last layer's, [outputs][inputs]. */
	roundWeights(weights: Float32Array, outputs: number, layer: number): void;
	/**
	 * Sets `rounded` from a layer's activations (the image's are those of layer -1). Where no gradient shall pass, it sets the activation itself to 0.
	 */
	roundActivations(activations: Float32Array, rounded: Float32Array, layer: number): void;
}
