/** Operators without weights, forward and backward. */
import type { ValueFunction } from '../model/function-of-one-value.ts';
import type { NodeWindow } from '../model/window-of.ts';
import type { Tracked, TrainedStep } from './tracked.ts';

const add = (gradient: Float32Array, at: number, value: number): void => {
	gradient[at] = (gradient[at] as number) + value;
};

/** A chain of functions of one value. */
export function functionStep(input: Tracked, output: Tracked, functions: readonly ValueFunction[]): TrainedStep {
	return {
		forward() {
			for (let i = 0; i < output.values.length; i++) {
				let value = input.values[i] as number;
				for (const { apply } of functions) value = apply(value);
				output.values[i] = value;
			}
		},
		backward() {
			for (let i = 0; i < output.values.length; i++) {
				let value = input.values[i] as number;
				let gradient = output.gradient[i] as number;
				for (const { apply, slope } of functions) {
					gradient *= slope(value);
					value = apply(value);
				}
				add(input.gradient, i, gradient);
			}
		},
	};
}

/** Values bounded, as by a rectifier. */
export function clampStep(input: Tracked, output: Tracked, low: number, high: number): TrainedStep {
	return {
		forward() {
			for (let i = 0; i < output.values.length; i++) output.values[i] = Math.min(high, Math.max(low, input.values[i] as number));
		},
		backward() {
			for (let i = 0; i < output.values.length; i++) {
				const value = input.values[i] as number;
				if (value > low && value < high) add(input.gradient, i, output.gradient[i] as number);
			}
		},
	};
}

/** Sums or products of two tensors; `places`: for each value of the output, the one that is read of each. */
export function pairStep(
	kind: 'addition' | 'product',
	[left, right]: readonly [Tracked, Tracked],
	output: Tracked,
	[leftPlaces, rightPlaces]: readonly [Int32Array, Int32Array],
): TrainedStep {
	const isSum = kind === 'addition';
	return {
		forward() {
			for (let i = 0; i < output.values.length; i++) {
				const a = left.values[leftPlaces[i] as number] as number;
				const b = right.values[rightPlaces[i] as number] as number;
				output.values[i] = isSum ? a + b : a * b;
			}
		},
		backward() {
			for (let i = 0; i < output.values.length; i++) {
				const [at, bt] = [leftPlaces[i] as number, rightPlaces[i] as number];
				const gradient = output.gradient[i] as number;
				add(left.gradient, at, isSum ? gradient : gradient * (right.values[bt] as number));
				add(right.gradient, bt, isSum ? gradient : gradient * (left.values[at] as number));
			}
		},
	};
}

/** Values moved about: `places` in the input, -1 for padding. */
export function moveStep(input: Tracked, output: Tracked, places: Int32Array): TrainedStep {
	return {
		forward() {
			for (let i = 0; i < places.length; i++) {
				const at = places[i] as number;
				output.values[i] = at < 0 ? 0 : (input.values[at] as number);
			}
		},
		backward() {
			for (let i = 0; i < places.length; i++) {
				const at = places[i] as number;
				if (at >= 0) add(input.gradient, at, output.gradient[i] as number);
			}
		},
	};
}

/** Tensors side by side; `runs`: how many values of each stand together. */
export function concatenationStep(inputs: readonly Tracked[], output: Tracked, runs: readonly number[]): TrainedStep {
	const whole = runs.reduce((sum, run) => sum + run, 0);
	const eachRun = (visit: (input: Tracked, from: number, to: number, count: number) => void) => {
		for (let row = 0; row * whole < output.values.length; row++) {
			let to = row * whole;
			for (const [index, input] of inputs.entries()) {
				const run = runs[index] as number;
				visit(input, row * run, to, run);
				to += run;
			}
		}
	};
	return {
		forward: () => eachRun((input, from, to, count) => output.values.set(input.values.subarray(from, from + count), to)),
		backward: () =>
			eachRun((input, from, to, count) => {
				for (let i = 0; i < count; i++) add(input.gradient, from + i, output.gradient[to + i] as number);
			}),
	};
}

/** Rows of shares that sum to 1. */
export function softmaxStep(input: Tracked, output: Tracked, length: number): TrainedStep {
	return {
		forward() {
			for (let start = 0; start < output.values.length; start += length) {
				const row = input.values.subarray(start, start + length);
				const most = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
				let sum = 0;
				for (let i = 0; i < length; i++) sum += Math.exp((row[i] as number) - most);
				for (let i = 0; i < length; i++) output.values[start + i] = Math.exp((row[i] as number) - most) / sum;
			}
		},
		backward() {
			for (let start = 0; start < output.values.length; start += length) {
				let common = 0;
				for (let i = start; i < start + length; i++) common += (output.gradient[i] as number) * (output.values[i] as number);
				for (let i = start; i < start + length; i++)
					add(input.gradient, i, (output.values[i] as number) * ((output.gradient[i] as number) - common));
			}
		},
	};
}

/** Means or maxima over windows of images, padding left out. `from`, `to`: [batch, channels, height, width]. */
export function poolStep(
	kind: 'average-pool' | 'max-pool',
	input: Tracked,
	output: Tracked,
	{ height, width, strideHeight, strideWidth, padding }: NodeWindow,
	from: readonly number[],
	to: readonly number[],
): TrainedStep {
	const [, , rows = 1, columns = 1] = from;
	const [, , outRows = 1, outColumns = 1] = to;
	/** Places of a window's values in the input. */
	const window = (place: number, visit: (at: number) => void): number => {
		const [plane, within] = [Math.floor(place / (outRows * outColumns)), place % (outRows * outColumns)];
		const top = Math.floor(within / outColumns) * strideHeight - padding.top;
		const left = (within % outColumns) * strideWidth - padding.left;
		let count = 0;
		for (let y = Math.max(0, top); y < Math.min(rows, top + height); y++)
			for (let x = Math.max(0, left); x < Math.min(columns, left + width); x++, count++) visit((plane * rows + y) * columns + x);
		return count;
	};
	const largest = (place: number): number => {
		let best = -1;
		window(place, (at) => {
			if (best < 0 || (input.values[at] as number) > (input.values[best] as number)) best = at;
		});
		return best;
	};
	return {
		forward() {
			for (let place = 0; place < output.values.length; place++) {
				if (kind === 'max-pool') {
					output.values[place] = input.values[largest(place)] as number;
					continue;
				}
				let sum = 0;
				const count = window(place, (at) => {
					sum += input.values[at] as number;
				});
				output.values[place] = sum / Math.max(1, count);
			}
		},
		backward() {
			for (let place = 0; place < output.values.length; place++) {
				const gradient = output.gradient[place] as number;
				if (kind === 'max-pool') {
					add(input.gradient, largest(place), gradient);
					continue;
				}
				const count = window(place, () => undefined);
				window(place, (at) => add(input.gradient, at, gradient / count));
			}
		},
	};
}
