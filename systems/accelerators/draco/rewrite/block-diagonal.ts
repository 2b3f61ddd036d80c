/** Weights of a widened depthwise layer that compute what it computed: its kernels on the diagonal of each group, zeros beside them. */

/**
 * From C m x 1 x kernel to C m x width x kernel, values of `elementBytes` bytes. Output map o reads input map floor(o / m), m being the outputs of
 * an input map.
 */
export function blockDiagonal(
	kernels: Uint8Array,
	outputs: number,
	outputsPerInput: number,
	width: number,
	elementBytes: number,
): Uint8Array {
	const kernelBytes = kernels.byteLength / outputs;
	if (kernelBytes % elementBytes !== 0) throw new RangeError(`${kernels.byteLength} bytes of kernels for ${outputs} maps`);
	const widened = new Uint8Array(kernels.byteLength * width);
	for (let output = 0; output < outputs; output++) {
		const place = Math.floor(output / outputsPerInput) % width;
		const kernel = kernels.subarray(output * kernelBytes, (output + 1) * kernelBytes);
		widened.set(kernel, (output * width + place) * kernelBytes);
	}
	return widened;
}
