/**
 * The integer arithmetic again, one output at a time and straight from the definitions: sums over a window, exact in float64; then in
 * BigInt one rounded doubling product of 64 bits and one rounding shift. What the kernels are held against; nothing here is shared with them.
 */
import type { Convolution, IntegerNetwork, IntegerTensor, Pair, Pooling } from '../integer/integer-network.ts';

type Values = readonly number[];

/** The factor as an integer of 31 bits and a binary exponent, found by doubling and halving. */
function factorOf(real: number): { mantissa: bigint; exponent: number } {
	if (real === 0) return { mantissa: 0n, exponent: 0 };
	let [fraction, exponent] = [real, 0];
	while (fraction >= 1) [fraction, exponent] = [fraction / 2, exponent + 1];
	while (fraction < 0.5) [fraction, exponent] = [fraction * 2, exponent - 1];
	let mantissa = BigInt(Math.round(fraction * 2 ** 31));
	if (mantissa === 1n << 31n) [mantissa, exponent] = [mantissa >> 1n, exponent + 1];
	return { mantissa, exponent };
}

/** Nearest integer to numerator / 2^bits; halves up, or away from zero. */
function roundedShift(numerator: bigint, bits: bigint, halves: 'up' | 'away'): bigint {
	if (bits === 0n) return numerator;
	if (halves === 'away' && numerator < 0n) return -roundedShift(-numerator, bits, 'up');
	return (numerator + (1n << (bits - 1n))) >> bits;
}

function scaled(value: number, real: number): number {
	const { mantissa, exponent } = factorOf(real);
	const left = BigInt(Math.max(0, exponent));
	const right = BigInt(Math.max(0, -exponent));
	return Number(roundedShift(roundedShift((BigInt(value) << left) * mantissa, 31n, 'up'), right, 'away'));
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function convolution(step: Convolution, values: Values, from: IntegerTensor, to: IntegerTensor): number[] {
	const { height: tall, width: wide, padding, strideHeight, strideWidth, dilationHeight, dilationWidth, weights } = step;
	const [channels = 0, height = 1, width = 1] = from.shape.slice(1);
	const [outputs = 0, rows = 1, columns = 1] = to.shape.slice(1);
	const perGroup = channels / step.groups;
	const result: number[] = [];
	for (let output = 0; output < outputs; output++) {
		const first = Math.floor((output * step.groups) / outputs) * perGroup;
		const real = (from.scale * step.weightScales[output]!) / to.scale;
		for (let row = 0; row < rows; row++) {
			for (let column = 0; column < columns; column++) {
				let sum = step.bias[output]!;
				for (let i = 0; i < tall; i++) {
					const y = row * strideHeight - padding.top + i * dilationHeight;
					if (y < 0 || y >= height) continue;
					for (let j = 0; j < wide; j++) {
						const x = column * strideWidth - padding.left + j * dilationWidth;
						if (x < 0 || x >= width) continue;
						for (let channel = 0; channel < perGroup; channel++) {
							const value = values[((first + channel) * height + y) * width + x]!;
							sum += weights[((output * perGroup + channel) * tall + i) * wide + j]! * (value - from.zeroPoint);
						}
					}
				}
				if ((sum | 0) !== sum) throw new RangeError('a sum beyond 32 bits');
				result.push(clamp(scaled(sum, real) + to.zeroPoint, step.low, step.high));
			}
		}
	}
	return result;
}

function product(step: Pair, a: Values, b: Values, left: IntegerTensor, right: IntegerTensor, to: IntegerTensor): number[] {
	const real = (left.scale * right.scale) / to.scale;
	return a.map((value, i) =>
		clamp(scaled((value - left.zeroPoint) * (b[i]! - right.zeroPoint), real) + to.zeroPoint, step.low, step.high),
	);
}

function addition(step: Pair, a: Values, b: Values, left: IntegerTensor, right: IntegerTensor, to: IntegerTensor): number[] {
	const twice = 2 * Math.max(left.scale, right.scale);
	return a.map((value, i) => {
		const one = scaled((value - left.zeroPoint) * 2 ** 20, left.scale / twice);
		const other = scaled((b[i]! - right.zeroPoint) * 2 ** 20, right.scale / twice);
		return clamp(scaled(one + other, twice / (2 ** 20 * to.scale)) + to.zeroPoint, step.low, step.high);
	});
}

function pooling(step: Pooling, values: Values, from: IntegerTensor, to: IntegerTensor): number[] {
	const [channels = 0, rows = 1, columns = 1] = to.shape.slice(1);
	const [height = 1, width = 1] = from.shape.slice(2);
	const result: number[] = [];
	for (let channel = 0; channel < channels; channel++) {
		for (let row = 0; row < rows; row++) {
			for (let column = 0; column < columns; column++) {
				const seen: number[] = [];
				for (let i = 0; i < step.height; i++) {
					for (let j = 0; j < step.width; j++) {
						const y = row * step.strideHeight - step.padding.top + i;
						const x = column * step.strideWidth - step.padding.left + j;
						if (y >= 0 && y < height && x >= 0 && x < width) seen.push(values[(channel * height + y) * width + x]!);
					}
				}
				const sum = seen.reduce((total, value) => total + value, 0);
				// Nearest, halves away from zero.
				const mean = Math.trunc((2 * Math.abs(sum) + seen.length) / (2 * seen.length)) * Math.sign(sum);
				const largest = Math.max(...seen, -128);
				result.push(clamp(step.kind === 'average-pool' ? mean : largest, step.low, step.high));
			}
		}
	}
	return result;
}

function softmax(values: Values, from: IntegerTensor, to: IntegerTensor, beta: number): number[] {
	const length = from.shape.at(-1)!;
	return values.map((value, i) => {
		const row = values.slice(i - (i % length), i - (i % length) + length);
		const largest = Math.max(...row);
		const power = (one: number) => BigInt(Math.round(Math.exp(-beta * from.scale * (largest - one)) * 2 ** 23));
		const sum = row.reduce((total, one) => total + power(one), 0n);
		// The output's scale is a power of two: 1/256.
		const steps = BigInt(Math.round(1 / to.scale));
		return clamp(Number((2n * power(value) * steps + sum) / (2n * sum)) + to.zeroPoint, -128, 127);
	});
}

/** Every tensor's values, for an input of one image. */
export function runBigIntegers(network: IntegerNetwork, input: ArrayLike<number>): Map<string, number[]> {
	const all = new Map([[network.input, Array.from(input)]]);
	for (const [name, values] of network.constants) all.set(name, Array.from(values));
	const tensor = (name: string): IntegerTensor => network.tensors.get(name)!;
	for (const step of network.steps) all.set(step.output, resultOf(step));
	return all;

	function resultOf(step: IntegerNetwork['steps'][number]): number[] {
		const to = tensor(step.output);
		switch (step.kind) {
			case 'addition':
			case 'product': {
				const [a, b] = [all.get(step.left)!, all.get(step.right)!];
				return (step.kind === 'addition' ? addition : product)(step, a, b, tensor(step.left), tensor(step.right), to);
			}
			case 'concatenation':
				return Array.from({ length: all.get(step.inputs[0]!)!.length / step.runs[0]! }, (_, row) =>
					step.inputs.flatMap((name, i) => all.get(name)!.slice(row * step.runs[i]!, (row + 1) * step.runs[i]!)),
				).flat();
			default: {
				const values = all.get(step.input)!;
				const from = tensor(step.input);
				if (step.kind === 'convolution') return convolution(step, values, from, to);
				if (step.kind === 'average-pool' || step.kind === 'max-pool') return pooling(step, values, from, to);
				if (step.kind === 'softmax') return softmax(values, from, to, step.beta);
				if (step.kind === 'lookup') return values.map((value) => step.table[value + 128]!);
				if (step.kind === 'gather') return Array.from(step.places, (place) => (place < 0 ? to.zeroPoint : values[place]!));
				return values;
			}
		}
	}
}
