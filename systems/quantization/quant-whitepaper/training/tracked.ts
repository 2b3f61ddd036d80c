/** A tensor while a network is trained. */
export interface Tracked {
	readonly values: Float32Array;
	/** Of the loss by each value; added to by every reader. */
	readonly gradient: Float32Array;
}

/** One operator on such tensors. `backward` adds to the gradients of what it reads. */
export interface TrainedStep {
	forward(): void;
	backward(): void;
}

export function tracked(length: number): Tracked {
	return { values: new Float32Array(length), gradient: new Float32Array(length) };
}
