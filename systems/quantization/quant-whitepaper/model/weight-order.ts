/** Weights from TensorFlow's orders to [outputs, inputs, taps]. */

/** The last dimension brought to the second place: [a, b, c] to [a, c, b], or [b, c] to [c, b]. */
export function outputsFirst(
	values: Float32Array,
	shape: readonly [number, number] | readonly [number, number, number],
): Float32Array {
	const [first, second, third] = shape.length === 3 ? shape : [1, ...shape];
	const turned = new Float32Array(values.length);
	for (let a = 0; a < first; a++)
		for (let b = 0; b < second; b++)
			for (let c = 0; c < third; c++) turned[(a * third + c) * second + b] = values[(a * second + b) * third + c] as number;
	return turned;
}
