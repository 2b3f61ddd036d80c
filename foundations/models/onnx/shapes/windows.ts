/** Where the windows of convolutions and poolings lie: padding, and how many there are along each axis. */
import type { Operator } from './operator.ts';

/** Windows over the spatial axes of one tensor, an entry an axis. */
export interface Windows {
	readonly kernel: readonly number[];
	readonly stride: readonly number[];
	readonly dilation: readonly number[];
	readonly padBegin: readonly number[];
	readonly padEnd: readonly number[];
	readonly inputSize: readonly number[];
	readonly outputSize: readonly number[];
}

/** Windows that fit into `size` elements: `⌊(size + pads − dilation·(kernel − 1) − 1) / stride⌋ + 1`. */
export function windowCount(size: number, pads: number, kernel: number, stride: number, dilation: number): number {
	return Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Reads the attributes common to windows. `ceil`: a last window may reach past the padded end, if it starts before it. */
export function windowsOf(operator: Operator, inputSize: readonly number[], kernel: readonly number[], ceil: boolean): Windows {
	const { stride, dilation, pads } = windowAttributes(operator, inputSize.length);
	if (kernel.length !== inputSize.length) throw operator.fail(`a kernel of ${kernel.length} axes`, `${inputSize.length} axes`);
	const auto = operator.text('auto_pad', 'NOTSET');
	const padBegin: number[] = [];
	const padEnd: number[] = [];
	const outputSize: number[] = [];
	for (const [axis, size] of inputSize.entries()) {
		const [k, s, d] = [kernel[axis] as number, stride[axis] as number, dilation[axis] as number];
		if (!(k >= 1)) throw operator.fail(`a kernel of ${k}`, 'at least 1');
		let [begin, end] = [pads[axis] as number, pads[inputSize.length + axis] as number];
		if (auto === 'VALID') begin = end = 0;
		else if (auto !== 'NOTSET') {
			const total = Math.max(0, (Math.ceil(size / s) - 1) * s + d * (k - 1) + 1 - size);
			[begin, end] = splitPads(operator, auto, total);
		}
		let count = windowCount(size, begin + end, k, s, d);
		if (ceil && (size + begin + end - d * (k - 1) - 1) % s !== 0 && count * s < size + begin) count++;
		if (!(count >= 1)) throw operator.fail(`${size} elements and a window of ${d * (k - 1) + 1}`, 'room for a window');
		padBegin.push(begin);
		padEnd.push(end);
		outputSize.push(count);
	}
	return { kernel, stride, dilation, padBegin, padEnd, inputSize, outputSize };
}

/**
 * Windows of a transposed convolution, which are laid over the output: along each axis
 * `stride·(input − 1) + output_padding + dilation·(kernel − 1) + 1 − pads`, unless the output's size is given.
 */
export function transposedWindowsOf(operator: Operator, inputSize: readonly number[], kernel: readonly number[]): Windows {
	const rank = inputSize.length;
	const { stride, dilation, pads } = windowAttributes(operator, rank);
	if (kernel.length !== rank) throw operator.fail(`a kernel of ${kernel.length} axes`, `${rank} axes`);
	const extra = operator.ints('output_padding') ?? [];
	const wanted = operator.ints('output_shape')?.slice(-rank) ?? null;
	const auto = operator.text('auto_pad', 'NOTSET');
	const padBegin: number[] = [];
	const padEnd: number[] = [];
	const outputSize: number[] = [];
	for (const [axis, size] of inputSize.entries()) {
		const [k, s, d] = [kernel[axis] as number, stride[axis] as number, dilation[axis] as number];
		const whole = s * (size - 1) + (extra[axis] ?? 0) + d * (k - 1) + 1;
		let [begin, end] = auto === 'VALID' ? [0, 0] : [pads[axis] as number, pads[rank + axis] as number];
		let output = whole - begin - end;
		const given = wanted?.[axis] ?? (auto.startsWith('SAME') ? Math.min(whole, size * s) : null);
		if (given !== null) {
			output = given;
			[begin, end] = splitPads(operator, auto === 'NOTSET' ? 'SAME_LOWER' : auto, Math.max(0, whole - output));
		}
		if (!(output >= 1)) throw operator.fail(`an output of ${output}`, 'at least 1');
		padBegin.push(begin);
		padEnd.push(end);
		outputSize.push(output);
	}
	return { kernel, stride, dilation, padBegin, padEnd, inputSize, outputSize };
}

function windowAttributes(operator: Operator, rank: number) {
	const perAxis = (name: string, length: number, standard: number, least: number): readonly number[] => {
		const values = operator.ints(name);
		if (values === null || values.length === 0) return new Array<number>(length).fill(standard);
		if (values.length !== length || values.some((one) => !(one >= least)))
			throw operator.fail(`${name} ${values.join(', ')}`, `${length} whole numbers from ${least}`);
		return values;
	};
	return {
		stride: perAxis('strides', rank, 1, 1),
		dilation: perAxis('dilations', rank, 1, 1),
		pads: perAxis('pads', 2 * rank, 0, Number.NEGATIVE_INFINITY),
	};
}

/** The odd element goes to the end, or to the beginning. */
function splitPads(operator: Operator, auto: string, total: number): [number, number] {
	const less = Math.floor(total / 2);
	if (auto === 'SAME_UPPER') return [less, total - less];
	if (auto === 'SAME_LOWER') return [total - less, less];
	throw operator.fail(`auto_pad ${auto}`, 'NOTSET, VALID, SAME_UPPER or SAME_LOWER');
}
