/** Layers and networks for the tests. */
import { createRandom } from '@assay/contract';
import { EYERISS_RELATIVE_ENERGY } from '@assay/machines';
import type { Matrix } from './arrays/cycle-stepped.ts';
import type { Convolution } from './convolution.ts';
import type { Hardware } from './hardware.ts';

/** A square layer without padding, stated in short. */
export function squareConvolution({
	groups = 1,
	inputsPerGroup = 1,
	outputsPerGroup = 1,
	kernel = 1,
	stride = 1,
	dilation = 1,
	input,
	batch = 1,
}: {
	readonly groups?: number;
	readonly inputsPerGroup?: number;
	readonly outputsPerGroup?: number;
	readonly kernel?: number;
	readonly stride?: number;
	readonly dilation?: number;
	readonly input: number;
	readonly batch?: number;
}): Convolution {
	const output = Math.floor((input - dilation * (kernel - 1) - 1) / stride) + 1;
	return {
		name: 'layer',
		batch,
		groups,
		inputsPerGroup,
		outputsPerGroup,
		kernelHeight: kernel,
		kernelWidth: kernel,
		strideHeight: stride,
		strideWidth: stride,
		dilationHeight: dilation,
		dilationWidth: dilation,
		inputHeight: input,
		inputWidth: input,
		outputHeight: output,
		outputWidth: output,
	};
}

/** A group of a layer on small whole numbers: windows and kernels as matrices, and what a direct convolution makes of them. */
export function groupOperands(layer: Convolution, seed: number): { windows: Matrix; kernels: Matrix; expected: Float64Array } {
	const random = createRandom(seed);
	const { batch, inputsPerGroup, outputsPerGroup, kernelHeight, kernelWidth, inputHeight, inputWidth } = layer;
	const { outputHeight, outputWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = layer;
	const whole = (length: number): Float64Array => Float64Array.from({ length }, () => random.integer(15) - 7);
	const image = whole(batch * inputsPerGroup * inputHeight * inputWidth);
	const weights = whole(outputsPerGroup * inputsPerGroup * kernelHeight * kernelWidth);
	const depth = inputsPerGroup * kernelHeight * kernelWidth;
	const windows = { rows: batch * outputHeight * outputWidth, columns: depth, values: new Float64Array(0) };
	const windowValues: number[] = [];
	const expected: number[] = [];
	for (let image0 = 0; image0 < batch; image0++) {
		for (let y = 0; y < outputHeight; y++) {
			for (let x = 0; x < outputWidth; x++) {
				const window: number[] = [];
				for (let map = 0; map < inputsPerGroup; map++) {
					for (let dy = 0; dy < kernelHeight; dy++) {
						for (let dx = 0; dx < kernelWidth; dx++) {
							const row = y * strideHeight + dy * dilationHeight;
							const column = x * strideWidth + dx * dilationWidth;
							window.push(image[((image0 * inputsPerGroup + map) * inputHeight + row) * inputWidth + column] as number);
						}
					}
				}
				windowValues.push(...window);
				for (let output = 0; output < outputsPerGroup; output++)
					expected.push(window.reduce((sum, value, t) => sum + value * (weights[output * depth + t] as number), 0));
			}
		}
	}
	const transposed = new Float64Array(weights.length);
	for (let output = 0; output < outputsPerGroup; output++)
		for (let t = 0; t < depth; t++) transposed[t * outputsPerGroup + output] = weights[output * depth + t] as number;
	return {
		windows: { ...windows, values: Float64Array.from(windowValues) },
		kernels: { rows: depth, columns: outputsPerGroup, values: transposed },
		expected: Float64Array.from(expected),
	};
}

/** Convolutions of MobileNetV1 at 224 x 224 (Howard et al., arXiv:1704.04861, table 1), `maps` channels in each group of the depthwise ones. */
export function mobileNetV1(maps = 1): Convolution[] {
	const pairs: readonly (readonly [number, number, number, number])[] = [
		[32, 64, 1, 112],
		[64, 128, 2, 112],
		[128, 128, 1, 56],
		[128, 256, 2, 56],
		[256, 256, 1, 28],
		[256, 512, 2, 28],
		...Array.from({ length: 5 }, () => [512, 512, 1, 14] as const),
		[512, 1024, 2, 14],
		[1024, 1024, 1, 7],
	];
	const padded = (layer: Convolution, side: number): Convolution => ({ ...layer, outputHeight: side, outputWidth: side });
	const first = squareConvolution({ inputsPerGroup: 3, outputsPerGroup: 32, kernel: 3, stride: 2, input: 224 });
	return [
		padded(first, 112),
		...pairs.flatMap(([channels, next, stride, side]) => {
			const shape = { groups: channels / maps, inputsPerGroup: maps, outputsPerGroup: maps, kernel: 3, stride, input: side };
			return [
				padded(squareConvolution(shape), side / stride),
				squareConvolution({ inputsPerGroup: channels, outputsPerGroup: next, input: side / stride }),
			];
		}),
	];
}

/** A square row-stationary array with 108 KiB of 16-bit values behind it. */
export function eyerissLike(side: number): Hardware {
	return {
		array: { rows: side, columns: side, clockHertz: 1e9 },
		dataflow: 'row-stationary',
		globalBufferElements: (108 * 1024) / 2,
		operandBuffers: { input: 32_768, weight: 32_768, output: 32_768 },
		dramElementsPerCycle: Number.POSITIVE_INFINITY,
		energies: EYERISS_RELATIVE_ENERGY,
	};
}
