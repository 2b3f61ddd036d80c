/**
 * A network in integers: 8-bit tensors with a scale and a zero point, 32-bit sums, and a rule that brings each sum back to 8 bits.
 * Images are [batch, channels, height, width]. Nothing here is floating point but the scales themselves.
 */

/** Real value = scale (q - zeroPoint), q from -128 to 127. */
export interface Quantization {
	readonly scale: number;
	readonly zeroPoint: number;
}

export interface IntegerTensor extends Quantization {
	readonly name: string;
	readonly shape: readonly number[];
}

/** A factor below 2^31 as `multiplier` 2^(shift - 31): multiplier in [2^30, 2^31), or 0. */
export interface FixedPoint {
	readonly multiplier: number;
	readonly shift: number;
}

/**
 * How sums come back to 8 bits. `fixed-point`: TensorFlow Lite's integer multiplication, rounding halves away from zero. `float`: onnxruntime's
 * float32 product, rounding halves to even.
 */
export type Rescaling = 'fixed-point' | 'float';

export interface Padding {
	readonly top: number;
	readonly left: number;
	readonly bottom: number;
	readonly right: number;
}

export interface Window {
	readonly height: number;
	readonly width: number;
	readonly strideHeight: number;
	readonly strideWidth: number;
	readonly padding: Padding;
}

/** Convolution, or with a window of 1 x 1 on 1 x 1 images a fully connected layer. */
export interface Convolution extends Window {
	readonly kind: 'convolution';
	readonly input: string;
	readonly output: string;
	readonly groups: number;
	readonly dilationHeight: number;
	readonly dilationWidth: number;
	/** [outputs, inputs / groups, height, width], symmetric: zero point 0. */
	readonly weights: Int8Array;
	readonly outputs: number;
	/** One sum for each output, in units of input scale times weight scale. */
	readonly bias: Int32Array;
	/** Scale of each output's weights. */
	readonly weightScales: Float32Array;
	/** Least and greatest 8-bit result: an activation folded in. */
	readonly low: number;
	readonly high: number;
}

/** The window of a convolution that is a product: rows of a matrix are images of one pixel. */
export const ONE_PIXEL = {
	groups: 1,
	height: 1,
	width: 1,
	strideHeight: 1,
	strideWidth: 1,
	dilationHeight: 1,
	dilationWidth: 1,
	padding: { top: 0, left: 0, bottom: 0, right: 0 },
};

/** Value by value, of tensors of one shape. */
export interface Pair {
	readonly kind: 'addition' | 'product';
	readonly left: string;
	readonly right: string;
	readonly output: string;
	readonly low: number;
	readonly high: number;
}

export interface Pooling extends Window {
	readonly kind: 'average-pool' | 'max-pool';
	readonly input: string;
	readonly output: string;
	readonly low: number;
	readonly high: number;
}

/** Softmax over the last dimension. */
export interface Softmax {
	readonly kind: 'softmax';
	readonly input: string;
	readonly output: string;
	readonly beta: number;
}

/** The same numbers under another shape. */
export interface Reshape {
	readonly kind: 'reshape';
	readonly input: string;
	readonly output: string;
}

/** Any function of one value, by a table of 256 entries: activations, and a change of scale. */
export interface Lookup {
	readonly kind: 'lookup';
	readonly input: string;
	readonly output: string;
	/** Entry q + 128 is the result for q. */
	readonly table: Int8Array;
}

/** Values taken from other places, on one scale: transposing, slicing, stretching, padding. */
export interface Gather {
	readonly kind: 'gather';
	readonly input: string;
	readonly output: string;
	/** For each value of the output its place in the input, or -1 for zero. */
	readonly places: Int32Array;
}

/** Tensors on one scale side by side. */
export interface Concatenation {
	readonly kind: 'concatenation';
	readonly inputs: readonly string[];
	readonly output: string;
	/** Values from one run of an input to its next: for each input, what it adds to each of the outer rows. */
	readonly runs: readonly number[];
}

export type IntegerStep = Convolution | Pair | Pooling | Softmax | Reshape | Lookup | Gather | Concatenation;

export interface IntegerNetwork {
	readonly tensors: ReadonlyMap<string, IntegerTensor>;
	/** Tensors that are the same for every input. */
	readonly constants: ReadonlyMap<string, Int8Array>;
	/** In an order in which they can run. */
	readonly steps: readonly IntegerStep[];
	readonly input: string;
	readonly output: string;
	readonly rescaling: Rescaling;
}

/** The tensor of that name. Raises an Error for one that the network does not have. */
export function tensorOf(network: Pick<IntegerNetwork, 'tensors'>, name: string): IntegerTensor {
	const tensor = network.tensors.get(name);
	if (tensor === undefined) throw new Error(`the network has no tensor ${name}`);
	return tensor;
}

/** Values of a shape. */
export function valuesOf({ shape }: Pick<IntegerTensor, 'shape'>): number {
	return shape.reduce((product, size) => product * size, 1);
}
