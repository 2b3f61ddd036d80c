import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { compileKernels, createKernelMemory, instantiateKernels, type Kernels, MATMUL_SCRATCH_BYTES } from '../kernels/index.ts';
import { Arena } from '../memory-layout.ts';
import { type ConvolutionShape, convolveBackward, convolveForward, outputSide, weightCount, windowCount } from './convolution.ts';

let kernels: Kernels;
beforeAll(async () => {
	kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 24));
});

const anyShape = fc
	.record({
		batch: fc.integer({ min: 1, max: 2 }),
		side: fc.integer({ min: 1, max: 7 }),
		inputsEach: fc.integer({ min: 1, max: 3 }),
		outputsEach: fc.integer({ min: 1, max: 3 }),
		groups: fc.constantFrom(1, 2, 5, 8),
		kernel: fc.constantFrom(1, 3, 5),
		stride: fc.integer({ min: 1, max: 2 }),
	})
	.map(
		({ inputsEach, outputsEach, ...rest }): ConvolutionShape => ({
			...rest,
			inputs: inputsEach * rest.groups,
			outputs: outputsEach * rest.groups,
		}),
	);

/** The weight between an output and an input channel of the same group. */
function weightAt(
	{ inputs, outputs, kernel, groups }: ConvolutionShape,
	output: number,
	input: number,
	down: number,
	across: number,
): number {
	if (groups === 1) return ((down * kernel + across) * inputs + input) * outputs + output;
	const [o, i, group] = [Math.floor(output / groups), Math.floor(input / groups), output % groups];
	return (((o * (inputs / groups) + i) * kernel + down) * kernel + across) * groups + group;
}

/** Calls back for every product of a convolution, plainly: places of output, input and weight. */
function eachProduct(shape: ConvolutionShape, body: (output: number, input: number, weight: number) => void): void {
	const { batch, side, inputs, outputs, kernel, stride, groups } = shape;
	const height = Math.floor((side - 1) / stride) + 1;
	const pad = (kernel - 1) / 2;
	for (let image = 0; image < batch; image++)
		for (let row = 0; row < height; row++)
			for (let column = 0; column < height; column++)
				for (let output = 0; output < outputs; output++)
					for (let input = output % groups; input < inputs; input += groups)
						for (let down = 0; down < kernel; down++)
							for (let across = 0; across < kernel; across++) {
								const [y, x] = [row * stride + down - pad, column * stride + across - pad];
								if (y < 0 || x < 0 || y >= side || x >= side) continue;
								body(
									((image * height + row) * height + column) * outputs + output,
									((image * side + y) * side + x) * inputs + input,
									weightAt(shape, output, input, down, across),
								);
							}
}

test('forward and backward are the plain sums of products, whole and grouped', () => {
	fc.assert(
		fc.property(anyShape, fc.nat(), (shape, seed) => {
			const random = createRandom(seed);
			const arena = new Arena(kernels.memory);
			// Small whole numbers: sums are exact in any order.
			const make = (count: number) => {
				const start = arena.floats(count);
				for (let i = 0; i < count; i++) arena.view(start, count)[i] = random.integer(7) - 3;
				return { start, values: Float32Array.from(arena.view(start, count)) };
			};
			const positions = shape.batch * outputSide(shape) ** 2;
			const input = make(shape.batch * shape.side ** 2 * shape.inputs);
			const weights = make(weightCount(shape));
			const dOutput = make(positions * shape.outputs);
			const dWeights = make(weightCount(shape));
			const output = arena.floats(positions * shape.outputs);
			const dInput = arena.floats(input.values.length);
			const windows = arena.floats(windowCount(shape));
			const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
			const arrays = { input: input.start, weights: weights.start, output, windows, scratch };
			convolveForward(kernels, shape, arrays);
			const expected = {
				output: new Float32Array(positions * shape.outputs),
				weights: dWeights.values.slice(),
				input: new Float32Array(input.values.length),
			};
			eachProduct(shape, (o, i, w) => {
				const [x, weight, gradient] = [input.values[i], weights.values[w], dOutput.values[o]] as [number, number, number];
				expected.output[o] = (expected.output[o] as number) + x * weight;
				expected.weights[w] = (expected.weights[w] as number) + x * gradient;
				expected.input[i] = (expected.input[i] as number) + weight * gradient;
			});
			expect(Float32Array.from(arena.view(output, expected.output.length))).toEqual(expected.output);
			convolveBackward(kernels, shape, arrays, { output: dOutput.start, weights: dWeights.start, input: dInput });
			expect(Float32Array.from(arena.view(dWeights.start, expected.weights.length))).toEqual(expected.weights);
			expect(Float32Array.from(arena.view(dInput, expected.input.length))).toEqual(expected.input);
		}),
		{ numRuns: 100 },
	);
});
