/** How far the array models can be trusted: against the Eyeriss chip, measured by its authors. */
import { type Calibration, calibrationError } from '@assay/contract';
import { layOutSets, runRowStationary } from './arrays/row-stationary.ts';
import type { Convolution } from './convolution.ts';

/**
 * AlexNet's convolutions on the chip, 12 x 14 elements at 200 MHz, four images (Chen, Krishna, Emer and Sze, IEEE JSSC 52(1), 2017, table V): active elements,
 * milliseconds of processing. Kernel, stride, groups, input and output maps, height of input and output.
 */
const MEASURED = [
	[11, 4, 1, 3, 96, 227, 55, 154, 16.5],
	[5, 1, 2, 48, 256, 31, 27, 135, 39.2],
	[3, 1, 1, 256, 384, 15, 13, 156, 21.8],
	[3, 1, 2, 192, 384, 15, 13, 156, 16.0],
	[3, 1, 2, 192, 256, 15, 13, 156, 10.0],
] as const;

const CHIP = { rows: 12, columns: 14 };
const CLOCK_HERTZ = 200e6;

function layerOf([kernel, stride, groups, inputs, outputs, input, output]: (typeof MEASURED)[number]): Convolution {
	return {
		name: 'AlexNet',
		batch: 4,
		groups,
		inputsPerGroup: inputs,
		outputsPerGroup: outputs / groups,
		kernelHeight: kernel,
		kernelWidth: kernel,
		strideHeight: stride,
		strideWidth: stride,
		dilationHeight: 1,
		dilationWidth: 1,
		inputHeight: input,
		inputWidth: input,
		outputHeight: output,
		outputWidth: output,
	};
}

export const calibration: Calibration = {
	checks: [
		{
			against: 'active elements of the Eyeriss chip on the five convolutions of AlexNet',
			measure: async () =>
				calibrationError(
					MEASURED.map((row) => layOutSets(layerOf(row), CHIP).structuralUtilisation * CHIP.rows * CHIP.columns),
					MEASURED.map(([, , , , , , , active]) => active),
				),
		},
		{
			against: 'measured processing times of the Eyeriss chip on them, row-stationary',
			measure: async () =>
				calibrationError(
					MEASURED.map((row) => (1000 * runRowStationary(layerOf(row), CHIP).cycles) / CLOCK_HERTZ),
					MEASURED.map(([, , , , , , , , milliseconds]) => milliseconds),
				),
		},
	],
};
