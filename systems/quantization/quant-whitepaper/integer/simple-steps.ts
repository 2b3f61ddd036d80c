/** Steps over bytes that are not worth a kernel: pooling, softmax, concatenation, and products in fixed point. */
import { imageSizes, outputSize } from './convolution-plan.ts';
import { multiplyFixedPoint, toFixedPoint } from './fixed-point.ts';
import type { IntegerTensor, Pair, Pooling, Rescaling } from './integer-network.ts';
import { roundHalfEven } from './round-half-even.ts';

/** Runs of each input in turn. */
export function concatenate(inputs: readonly Int8Array[], runs: readonly number[], output: Int8Array): void {
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

/** Visits each output with the sum, the largest and the number of the inputs that its window covers inside the image. */
function eachWindow(
	step: Pooling,
	input: Int8Array,
	tensor: IntegerTensor,
	visit: (place: number, sum: number, largest: number, count: number) => void,
): void {
	const { batch, channels, height, width } = imageSizes(tensor);
	const out = outputSize([height, width], step);
	for (let plane = 0; plane < batch * channels; plane++) {
		for (let row = 0; row < out.height; row++) {
			for (let column = 0; column < out.width; column++) {
				const [top, left] = [row * step.strideHeight - step.padding.top, column * step.strideWidth - step.padding.left];
				let [sum, largest, count] = [0, -128, 0];
				for (let y = Math.max(0, top); y < Math.min(height, top + step.height); y++) {
					for (let x = Math.max(0, left); x < Math.min(width, left + step.width); x++) {
						const value = input[(plane * height + y) * width + x] as number;
						sum += value;
						largest = Math.max(largest, value);
						count++;
					}
				}
				visit((plane * out.height + row) * out.width + column, sum, largest, count);
			}
		}
	}
}

/**
 * Means over windows; padding does not count. `fixed-point`: the sum divided by the count, halves away from zero, for one scale on both sides,
 * as TensorFlow Lite has it. `float`: the real mean on the output's scale, halves to even.
 */
export function averagePool(
	step: Pooling,
	input: Int8Array,
	from: IntegerTensor,
	output: Int8Array,
	to: IntegerTensor,
	rescaling: Rescaling,
): void {
	if (rescaling === 'fixed-point' && (from.scale !== to.scale || from.zeroPoint !== to.zeroPoint))
		throw new RangeError(`${from.name} and ${to.name} differ in scale, which an average pool cannot change`);
	eachWindow(step, input, from, (place, sum, _, count) => {
		const value =
			rescaling === 'fixed-point'
				? Math.sign(sum) * Math.floor((Math.abs(sum) + Math.floor(count / 2)) / count)
				: roundHalfEven(((sum / count - from.zeroPoint) * from.scale) / to.scale) + to.zeroPoint;
		output[place] = Math.min(step.high, Math.max(step.low, value));
	});
}

/** The largest value of each window, on the input's scale. */
export function maxPool(step: Pooling, input: Int8Array, from: IntegerTensor, output: Int8Array, to: IntegerTensor): void {
	if (from.scale !== to.scale || from.zeroPoint !== to.zeroPoint)
		throw new RangeError(`${from.name} and ${to.name} differ in scale, which a maximum cannot change`);
	eachWindow(step, input, from, (place, _, largest) => {
		output[place] = Math.min(step.high, Math.max(step.low, largest));
	});
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
