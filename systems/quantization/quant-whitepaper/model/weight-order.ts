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

/** [taps, inputs, outputs], as TensorFlow stores kernels of convolutions, to [outputs, inputs, taps]. */
export function kernelOutputsFirst(
	values: Float32Array,
	[taps, inputs, outputs]: readonly [taps: number, inputs: number, outputs: number],
): Float32Array {
	const turned = new Float32Array(values.length);
	let at = 0;
	for (let tap = 0; tap < taps; tap++)
		for (let input = 0; input < inputs; input++)
			for (let output = 0; output < outputs; output++) turned[(output * inputs + input) * taps + tap] = values[at++] as number;
	return turned;
}
