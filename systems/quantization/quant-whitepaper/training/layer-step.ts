/**
 * Convolutions of any groups, strides and dilations, forward and backward, as sums of shifted rows: each weight adds its multiple of a row of the input to a
 * row of the output. A fully connected layer is a convolution of one pixel for each row.
 */
import type { NodeWindow } from '../model/window-of.ts';
import type { Tracked, TrainedStep } from './tracked.ts';

/** What is learnt of a layer. */
export interface LayerParameters {
	/** [outputs, inputs a group, taps], in float. */
	readonly weights: Tracked;
	/** The weights that the layer computes with: on their grid, or the same. */
	readonly used: Float32Array;
	readonly bias: Tracked | undefined;
}

export interface LayerShape extends NodeWindow {
	readonly channels: number;
	readonly outputs: number;
	readonly groups: number;
	/** Height and width of the input and of the output. */
	readonly from: readonly [number, number];
	readonly to: readonly [number, number];
}

/** Numbers [first, last) of places in a row of the output whose input lies within the image. */
function inside(size: number, out: number, offset: number, stride: number): readonly [number, number] {
	const first = Math.max(0, Math.ceil(-offset / stride));
	return [first, Math.min(out, Math.floor((size - 1 - offset) / stride) + 1)];
}

/** Rows that are read and written whole: a layer of single pixels reads its image as one row. */
function flattened(shape: LayerShape): LayerShape {
	const { height, width, strideHeight, strideWidth, from, to } = shape;
	const isPlain = height * width * strideHeight * strideWidth === 1 && from[0] === to[0] && from[1] === to[1];
	return isPlain ? { ...shape, from: [1, from[0] * from[1]], to: [1, to[0] * to[1]] } : shape;
}

export function convolutionStep(
	input: Tracked,
	output: Tracked,
	{ weights, used, bias }: LayerParameters,
	given: LayerShape,
): TrainedStep {
	const shape = flattened(given);
	const { channels, outputs, groups, height, width, strideHeight, strideWidth, dilationHeight, dilationWidth, padding } = shape;
	const [[rows, columns], [outRows, outColumns]] = [shape.from, shape.to];
	const each = channels / groups;
	const perGroup = outputs / groups;
	const pixels = outRows * outColumns;
	/** For every weight and row: its number, where the rows start, and how many values they have. */
	const eachRow = (visit: (weight: number, from: number, to: number, count: number) => void) => {
		for (let row = 0; row < height; row++)
			for (let column = 0; column < width; column++) {
				const [down, across] = [row * dilationHeight - padding.top, column * dilationWidth - padding.left];
				const [top, bottom] = inside(rows, outRows, down, strideHeight);
				const [left, right] = inside(columns, outColumns, across, strideWidth);
				if (right <= left) continue;
				for (let out = 0; out < outputs; out++) {
					const first = Math.floor(out / perGroup) * each;
					for (let c = 0; c < each; c++) {
						const weight = ((out * each + c) * height + row) * width + column;
						for (let y = top; y < bottom; y++)
							visit(
								weight,
								((first + c) * rows + y * strideHeight + down) * columns + left * strideWidth + across,
								out * pixels + y * outColumns + left,
								right - left,
							);
					}
				}
			}
	};
	return {
		forward() {
			for (let out = 0; out < outputs; out++) output.values.fill(bias?.values[out] ?? 0, out * pixels, (out + 1) * pixels);
			eachRow((weight, from, to, count) =>
				addRow(output.values, to, input.values, from, strideWidth, count, used[weight] as number),
			);
		},
		backward() {
			for (let out = 0; bias !== undefined && out < outputs; out++) {
				let sum = 0;
				for (let i = out * pixels; i < (out + 1) * pixels; i++) sum += output.gradient[i] as number;
				bias.gradient[out] = (bias.gradient[out] as number) + sum;
			}
			eachRow((weight, from, to, count) => {
				const sum = rowGradient(output.gradient, to, input, from, strideWidth, count, used[weight] as number);
				weights.gradient[weight] = (weights.gradient[weight] as number) + sum;
			});
		},
	};
}

/** Adds a multiple of a row to another. */
function addRow(
	out: Float32Array,
	to: number,
	values: Float32Array,
	from: number,
	stride: number,
	count: number,
	factor: number,
): void {
	if (stride === 1) {
		const shift = from - to;
		for (let i = to; i < to + count; i++) out[i] = (out[i] as number) + factor * (values[i + shift] as number);
		return;
	}
	for (let i = to, at = from; i < to + count; i++, at += stride) out[i] = (out[i] as number) + factor * (values[at] as number);
}

/** Gives the gradient of a row's factor, and adds that of the row that was read. */
function rowGradient(
	gradients: Float32Array,
	to: number,
	{ values, gradient }: Tracked,
	from: number,
	stride: number,
	count: number,
	factor: number,
): number {
	let sum = 0;
	if (stride === 1) {
		const shift = from - to;
		for (let i = to; i < to + count; i++) {
			const one = gradients[i] as number;
			sum += one * (values[i + shift] as number);
			gradient[i + shift] = (gradient[i + shift] as number) + factor * one;
		}
		return sum;
	}
	for (let i = to, at = from; i < to + count; i++, at += stride) {
		const one = gradients[i] as number;
		sum += one * (values[at] as number);
		gradient[at] = (gradient[at] as number) + factor * one;
	}
	return sum;
}

/** Rows of inputs to rows of outputs; weights [outputs, inputs]. */
export function denseStep(
	input: Tracked,
	output: Tracked,
	{ weights, used, bias }: LayerParameters,
	outputs: number,
): TrainedStep {
	const inputs = used.length / outputs;
	const rows = input.values.length / inputs;
	return {
		forward() {
			for (let row = 0; row < rows; row++)
				for (let out = 0; out < outputs; out++) {
					let sum = bias?.values[out] ?? 0;
					for (let i = 0; i < inputs; i++) sum += (used[out * inputs + i] as number) * (input.values[row * inputs + i] as number);
					output.values[row * outputs + out] = sum;
				}
		},
		backward() {
			for (let row = 0; row < rows; row++)
				for (let out = 0; out < outputs; out++) {
					const gradient = output.gradient[row * outputs + out] as number;
					if (bias !== undefined) bias.gradient[out] = (bias.gradient[out] as number) + gradient;
					for (let i = 0; i < inputs; i++) {
						const [weight, at] = [out * inputs + i, row * inputs + i];
						weights.gradient[weight] = (weights.gradient[weight] as number) + gradient * (input.values[at] as number);
						input.gradient[at] = (input.gradient[at] as number) + gradient * (used[weight] as number);
					}
				}
		},
	};
}
