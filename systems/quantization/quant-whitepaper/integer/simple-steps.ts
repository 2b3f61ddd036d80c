/** Steps over bytes that are not worth a kernel: pooling, softmax, concatenation, and products in fixed point. */
import { imageSizes, outputSize } from './convolution-plan.ts';
import { multiplyFixedPoint, toFixedPoint } from './fixed-point.ts';
import type { IntegerTensor, Pair, Pooling, Rescaling, Window } from './integer-network.ts';
import { roundHalfEven } from './round-half-even.ts';

/** Runs of each input in turn. */
export function concatenate<Values extends Int8Array | Float32Array>(
	inputs: readonly Values[],
	runs: readonly number[],
	output: Values,
): void {
	const [first] = inputs;
	const rows = first === undefined ? 0 : first.length / (runs[0] as number);
	let at = 0;
	for (let row = 0; row < rows; row++) {
		for (const [index, input] of inputs.entries()) {
			const run = runs[index] as number;
			output.set(input.subarray(row * run, (row + 1) * run), at);
			at += run;
		}
	}
}

/** Products value by value: of the integers less their zero points, then rescaled once, in fixed point. */
export function multiplyFixed(
	{ low, high }: Pick<Pair, 'low' | 'high'>,
	a: Int8Array,
	aScale: IntegerTensor,
	b: Int8Array,
	bScale: IntegerTensor,
	out: Int8Array,
	to: IntegerTensor,
): void {
	const factor = toFixedPoint((aScale.scale * bScale.scale) / to.scale);
	for (let i = 0; i < out.length; i++) {
		const product = ((a[i] as number) - aScale.zeroPoint) * ((b[i] as number) - bScale.zeroPoint);
		out[i] = Math.min(high, Math.max(low, multiplyFixedPoint(product, factor) + to.zeroPoint));
	}
}

/** Visits each output with the sum and the number of the inputs that its window covers inside the image. */
export function eachWindow(
	step: Window,
	input: Int8Array | Float32Array,
	tensor: Pick<IntegerTensor, 'name' | 'shape'>,
	visit: (place: number, sum: number, count: number) => void,
): void {
	const { batch, channels, height, width } = imageSizes(tensor);
	const out = outputSize([height, width], step);
	let place = 0;
	for (let plane = 0; plane < batch * channels; plane++) {
		for (let row = 0; row < out.height; row++) {
			const top = row * step.strideHeight - step.padding.top;
			const lines = Math.min(height, top + step.height);
			for (let column = 0; column < out.width; column++) {
				const left = column * step.strideWidth - step.padding.left;
				const columns = Math.min(width, left + step.width);
				let sum = 0;
				let count = 0;
				for (let y = Math.max(top, 0); y < lines; y++) {
					const line = (plane * height + y) * width;
					for (let x = Math.max(left, 0); x < columns; x++) {
						sum += input[line + x] as number;
						count++;
					}
				}
				visit(place++, sum, count);
			}
		}
	}
}

/**
 * What the mean of a window becomes, from the sum of its values; padding does not count. `fixed-point`: the sum divided by the count, halves away from
 * zero, for one scale on both sides, as TensorFlow Lite has it. `float`: the real mean on the output's scale, halves to even.
 */
export function meanRule(
	{ low, high }: Pick<Pooling, 'low' | 'high'>,
	from: IntegerTensor,
	to: IntegerTensor,
	rescaling: Rescaling,
): (sum: number, count: number) => number {
	const clamp = (value: number) => Math.min(high, Math.max(low, value));
	if (rescaling === 'float')
		return (sum, count) => clamp(roundHalfEven(((sum / count - from.zeroPoint) * from.scale) / to.scale) + to.zeroPoint);
	if (from.scale !== to.scale || from.zeroPoint !== to.zeroPoint)
		throw new RangeError(`${from.name} and ${to.name} differ in scale, which an average pool cannot change`);
	return (sum, count) => clamp(Math.sign(sum) * Math.floor((Math.abs(sum) + Math.floor(count / 2)) / count));
}

/** What the kernel of a maximum is told of its window. */
export function poolingArguments(step: Window, tensor: Pick<IntegerTensor, 'name' | 'shape'>) {
	const { batch, channels, height, width } = imageSizes(tensor);
	const out = outputSize([height, width], step);
	const { top, left } = step.padding;
	const window = [step.height, step.width, step.strideHeight, step.strideWidth, top, left] as const;
	return [batch * channels, height, width, out.height, out.width, ...window] as const;
}

/** Fraction bits of the powers in the integer softmax: 2^23 times at most 4,096 values stays exact. */
const POWER_BITS = 23;

/**
 * Softmax of each row of the last dimension. `fixed-point`: powers of the differences to the row's largest value from a table of 256
 * integers, then one division, rounded to nearest. `float`: the real softmax, halves to even.
 */
export function softmax(
	input: Int8Array,
	from: IntegerTensor,
	output: Int8Array,
	to: IntegerTensor,
	beta: number,
	rescaling: Rescaling,
): void {
	const length = from.shape.at(-1) ?? 1;
	const powers = Float64Array.from({ length: 256 }, (_, difference) => {
		const power = Math.exp(-beta * from.scale * difference);
		return rescaling === 'fixed-point' ? Math.round(power * 2 ** POWER_BITS) : power;
	});
	for (let row = 0; row < input.length; row += length) {
		let largest = -128;
		for (let i = 0; i < length; i++) largest = Math.max(largest, input[row + i] as number);
		let sum = 0;
		for (let i = 0; i < length; i++) sum += powers[largest - (input[row + i] as number)] as number;
		for (let i = 0; i < length; i++) {
			const share = (powers[largest - (input[row + i] as number)] as number) / sum / to.scale;
			const value = (rescaling === 'fixed-point' ? Math.floor(share + 0.5) : roundHalfEven(share)) + to.zeroPoint;
			output[row + i] = Math.min(127, Math.max(-128, value));
		}
	}
}

/** Whether places name each of so many values as often as the others, one after the other: an image's channels stretched over its pixels. */
export function repeats(places: Int32Array, values: number): boolean {
	const times = places.length / values;
	return Number.isInteger(times) && places.every((place, at) => place === Math.floor(at / times));
}
