/** What is known of a tensor before a graph runs: its type and shape, and, where it is small and follows from shapes and constants, its values. */
import type { OnnxElementType } from '../element-type.ts';

/** Values of larger tensors are not followed: shape arithmetic is small. */
export const MAX_KNOWN_VALUES = 4096;

/** What an operator's rule says of one of its outputs. */
export interface OutputShape {
	/** Null where the operator's inputs do not say. */
	readonly elementType: OnnxElementType | null;
	readonly shape: readonly number[];
	/** Row-major; whole numbers beyond 2^53 are rounded. Null where they are not known. */
	readonly values: Float64Array | null;
}

/** The stored weight that a constant is made of. */
export interface StoredWeight {
	readonly name: string;
	readonly shape: readonly number[];
	readonly elementType: OnnxElementType | null;
}

export interface InferredTensor extends OutputShape {
	/** Unique in the whole graph, bodies and calls included. */
	readonly name: string;
	/** Does not depend on what the graph is given to compute on. */
	readonly constant: boolean;
	/** Of a constant: the weight it is a view, a converted copy or a dequantised form of, or itself. */
	readonly weight: StoredWeight | null;
}

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
	let count = 1;
	for (const one of shape) count *= one;
	return count;
}

/** Row-major distance between neighbours along each axis. */
export function rowMajorStrides(shape: readonly number[]): number[] {
	const strides = new Array<number>(shape.length);
	let step = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		strides[axis] = step;
		step *= shape[axis] as number;
	}
	return strides;
}

/** The shape several operands are stretched to by NumPy's rules, or null where they do not fit. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] | null {
	const rank = shapes.reduce((most, { length }) => Math.max(most, length), 0);
	const result = new Array<number>(rank).fill(1);
	for (const shape of shapes) {
		for (let axis = 0; axis < shape.length; axis++) {
			const at = rank - shape.length + axis;
			const size = shape[axis] as number;
			if (size === 1) continue;
			if (result[at] !== 1 && result[at] !== size) return null;
			result[at] = size;
		}
	}
	return result;
}

/**
 * Values of a tensor whose every element is one element of another: `sourceOf` turns the output's coordinates into the place in
 * `values`. Null where the source is not known or the result too large to follow.
 */
export function movedValues(
	values: Float64Array | null,
	shape: readonly number[],
	sourceOf: (coordinates: readonly number[]) => number,
): Float64Array | null {
	const count = elementCount(shape);
	if (values === null || count > MAX_KNOWN_VALUES) return null;
	const moved = new Float64Array(count);
	const coordinates = new Array<number>(shape.length).fill(0);
	for (let at = 0; at < count; at++) {
		moved[at] = values[sourceOf(coordinates)] as number;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			coordinates[axis] = (coordinates[axis] as number) + 1;
			if ((coordinates[axis] as number) < (shape[axis] as number)) break;
			coordinates[axis] = 0;
		}
	}
	return moved;
}

/** Values stretched to a shape they broadcast to. */
export function stretchedValues(tensor: OutputShape, shape: readonly number[]): Float64Array | null {
	const strides = rowMajorStrides(tensor.shape);
	const ahead = shape.length - tensor.shape.length;
	return movedValues(tensor.values, shape, (coordinates) => {
		let place = 0;
		for (let axis = 0; axis < strides.length; axis++)
			if (tensor.shape[axis] !== 1) place += (coordinates[ahead + axis] as number) * (strides[axis] as number);
		return place;
	});
}
