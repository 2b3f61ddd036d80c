/**
 * Convolutions of a small network, forward and backward, on images whose channels lie side by side (batch, row, column, channel). Without bias: a norm
 * follows each. Padding keeps the size: (kernel - 1) / 2 on every side.
 *
 * A grouped convolution's groups are strided: with n groups, group g has the channels g, g + n, g + 2 n ... So what one input of every group adds to one
 * output of every group is a product of neighbouring channels, and all groups are done at once. Which channels form a group is nothing that
 * learning could tell apart.
 */
import type { Address, Kernels } from '../kernels/kernels.ts';
import { matrix, multiply, transpose } from '../matrix.ts';

export interface ConvolutionShape {
	readonly batch: number;
	/** Height and width of the input. */
	readonly side: number;
	readonly inputs: number;
	readonly outputs: number;
	/** Odd. */
	readonly kernel: number;
	readonly stride: number;
	/** Divides inputs and outputs. */
	readonly groups: number;
}

export function outputSide({ side, stride }: ConvolutionShape): number {
	return Math.ceil(side / stride);
}

/**
 * Values of weights. A whole convolution's (one group) are a matrix of (kernel x kernel x inputs) x outputs; a grouped one's are, for each output
 * and each input of a group and each place of the kernel, a value for every group.
 */
export function weightCount({ inputs, outputs, kernel, groups }: ConvolutionShape): number {
	return (kernel * kernel * inputs * outputs) / groups;
}

/** Floats of windows that a whole convolution lays out; a pointwise or a grouped one needs none. */
export function windowCount(shape: ConvolutionShape): number {
	const { batch, kernel, inputs } = shape;
	return needsWindows(shape) ? batch * outputSide(shape) ** 2 * kernel * kernel * inputs : 0;
}

function needsWindows({ groups, kernel, stride }: ConvolutionShape): boolean {
	return groups === 1 && (kernel > 1 || stride > 1);
}

/** Addresses of a convolution's arrays. */
export interface ConvolutionArrays {
	readonly input: Address;
	readonly weights: Address;
	readonly output: Address;
	/** {@link windowCount} floats that several convolutions may share. */
	readonly windows: Address;
	readonly scratch: Address;
}

/** output = convolution of input. */
export function convolveForward(kernels: Kernels, shape: ConvolutionShape, arrays: ConvolutionArrays): void {
	const { inputs, outputs, kernel } = shape;
	const positions = shape.batch * outputSide(shape) ** 2;
	const output = matrix(arrays.output, positions, outputs);
	if (shape.groups > 1) {
		floats(kernels, arrays.output, positions * outputs).fill(0);
		eachRun(shape, (run) => {
			kernels.multiplyAddRows(
				arrays.output + run.outputBytes,
				arrays.input + run.inputBytes,
				arrays.weights + run.weightBytes,
				run.rows,
				4 * outputs,
				4 * inputs * shape.stride,
				shape.groups,
			);
		});
		return;
	}
	const depth = kernel * kernel * inputs;
	if (needsWindows(shape)) layOutWindows(kernels, shape, arrays);
	const windows = matrix(needsWindows(shape) ? arrays.windows : arrays.input, positions, depth);
	multiply(kernels, windows, matrix(arrays.weights, depth, outputs), output, arrays.scratch);
}

/** Adds to the weights' gradient, and where an address is given sets the input's gradient, from the output's. */
export function convolveBackward(
	kernels: Kernels,
	shape: ConvolutionShape,
	arrays: ConvolutionArrays,
	gradients: { readonly output: Address; readonly weights: Address; readonly input: Address | null },
): void {
	const { batch, side, inputs, outputs, kernel, stride, groups } = shape;
	const positions = batch * outputSide(shape) ** 2;
	if (gradients.input !== null) floats(kernels, gradients.input, batch * side * side * inputs).fill(0);
	if (groups > 1) {
		eachRun(shape, (run) => {
			const output = gradients.output + run.outputBytes;
			kernels.addRowProducts(
				gradients.weights + run.weightBytes,
				arrays.input + run.inputBytes,
				output,
				run.rows,
				4 * inputs * stride,
				4 * outputs,
				groups,
			);
			if (gradients.input === null) return;
			const weights = arrays.weights + run.weightBytes;
			kernels.multiplyAddRows(
				gradients.input + run.inputBytes,
				output,
				weights,
				run.rows,
				4 * inputs * stride,
				4 * outputs,
				groups,
			);
		});
		return;
	}
	const depth = kernel * kernel * inputs;
	const output = matrix(gradients.output, positions, outputs);
	// Laid out again: another convolution may have used their place since forward.
	if (needsWindows(shape)) layOutWindows(kernels, shape, arrays);
	const windows = matrix(needsWindows(shape) ? arrays.windows : arrays.input, positions, depth);
	multiply(kernels, transpose(windows), output, matrix(gradients.weights, depth, outputs), arrays.scratch, true);
	if (gradients.input === null) return;
	const weights = transpose(matrix(arrays.weights, depth, outputs));
	if (!needsWindows(shape)) {
		multiply(kernels, output, weights, matrix(gradients.input, positions, depth), arrays.scratch);
		return;
	}
	// The windows have served; their place takes their gradient.
	multiply(kernels, output, weights, matrix(arrays.windows, positions, depth), arrays.scratch);
	addWindows(kernels, shape, arrays.windows, gradients.input);
}

function floats({ memory }: Kernels, start: Address, count: number): Float32Array {
	return new Float32Array(memory.buffer, start, count);
}

interface Run {
	readonly rows: number;
	readonly inputBytes: number;
	readonly outputBytes: number;
	readonly weightBytes: number;
}

/** Rows of outputs under one weight of every group: for each image, row, place of the kernel, output and input of a group. */
function eachRun(shape: ConvolutionShape, body: (run: Run) => void): void {
	const { batch, side, inputs, outputs, kernel, stride, groups } = shape;
	const [inputsEach, outputsEach] = [inputs / groups, outputs / groups];
	const height = outputSide(shape);
	const pad = (kernel - 1) / 2;
	for (let image = 0; image < batch; image++) {
		for (let row = 0; row < height; row++) {
			for (let down = 0; down < kernel; down++) {
				const inputRow = row * stride + down - pad;
				if (inputRow < 0 || inputRow >= side) continue;
				for (let across = 0; across < kernel; across++) {
					const first = Math.max(0, Math.ceil((pad - across) / stride));
					const last = Math.min(height - 1, Math.floor((side - 1 + pad - across) / stride));
					const inputAt = (image * side + inputRow) * side + first * stride + across - pad;
					const outputAt = (image * height + row) * height + first;
					for (let output = 0; output < outputsEach; output++) {
						for (let input = 0; input < inputsEach; input++) {
							const place = ((output * inputsEach + input) * kernel + down) * kernel + across;
							body({
								rows: last - first + 1,
								inputBytes: 4 * (inputAt * inputs + input * groups),
								outputBytes: 4 * (outputAt * outputs + output * groups),
								weightBytes: 4 * place * groups,
							});
						}
					}
				}
			}
		}
	}
}

/** Visits every row of a window: where its values are in the image, or that they are outside of it. */
function eachWindowPlace(shape: ConvolutionShape, body: (window: number, image: number | null) => void): void {
	const { batch, side, inputs, kernel, stride } = shape;
	const height = outputSide(shape);
	const pad = (kernel - 1) / 2;
	let window = 0;
	for (let image = 0; image < batch; image++) {
		for (let row = 0; row < height; row++) {
			for (let column = 0; column < height; column++) {
				for (let down = 0; down < kernel; down++) {
					for (let across = 0; across < kernel; across++) {
						const [y, x] = [row * stride + down - pad, column * stride + across - pad];
						const isInside = y >= 0 && y < side && x >= 0 && x < side;
						body(window, isInside ? ((image * side + y) * side + x) * inputs : null);
						window += inputs;
					}
				}
			}
		}
	}
}

function layOutWindows(kernels: Kernels, shape: ConvolutionShape, arrays: ConvolutionArrays): void {
	const { batch, side, inputs } = shape;
	const image = floats(kernels, arrays.input, batch * side * side * inputs);
	const windows = floats(kernels, arrays.windows, windowCount(shape));
	eachWindowPlace(shape, (window, place) => {
		for (let channel = 0; channel < inputs; channel++)
			windows[window + channel] = place === null ? 0 : (image[place + channel] as number);
	});
}

function addWindows(kernels: Kernels, shape: ConvolutionShape, from: Address, gradient: Address): void {
	const { batch, side, inputs } = shape;
	const image = floats(kernels, gradient, batch * side * side * inputs);
	const windows = floats(kernels, from, windowCount(shape));
	eachWindowPlace(shape, (window, place) => {
		if (place === null) return;
		for (let channel = 0; channel < inputs; channel++)
			image[place + channel] = (image[place + channel] as number) + (windows[window + channel] as number);
	});
}
