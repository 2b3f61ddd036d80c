import { expect, test } from 'vitest';
import { squareConvolution } from '../test-data.ts';
import { accessCounts } from './access-counts.ts';

const traffic = { input: 1, weight: 2, output: 4 };

test('row-stationary, counted by hand', () => {
	// 3 x 3 kernels, 4 input maps of 10 x 10, 6 output maps of 8 x 8. A set is 3 x 8 elements: on 6 x 16 there are four, two across for two output
	// maps, two down for two input maps, so output maps come in three rounds and input maps in two.
	const layer = squareConvolution({ inputsPerGroup: 4, outputsPerGroup: 6, kernel: 3, input: 10 });
	const counts = accessCounts(layer, { rows: 6, columns: 16 }, 'row-stationary', traffic);
	const work = 6 * 64 * 4 * 9;
	const [inputs, weights, outputs] = [3 * 4 * 100, 6 * 4 * 9, 6 * 64];
	expect(counts).toEqual({
		'multiply-accumulate': work,
		'register file': 4 * work,
		// Sums of the second round of input maps come back once.
		'global buffer': inputs + weights + outputs * 3,
		// An input row to the three rows of elements of two sets across, a kernel row to its eight elements, sums down three elements of four maps.
		array: inputs * 3 * 2 + weights * 8 + outputs * 4 * 3,
		DRAM: 7,
	});
});

test('systolic, counted by hand: 16 windows of 8 values, 4 kernels', () => {
	const layer = squareConvolution({ inputsPerGroup: 8, outputsPerGroup: 4, input: 4 });
	const buffer = (dataflow: Parameters<typeof accessCounts>[2], rows: number, columns: number): number =>
		accessCounts(layer, { rows, columns }, dataflow, traffic)['global buffer'];
	// All outputs at once, and in two folds down and two across.
	expect(buffer('output-stationary', 16, 4)).toBe(16 * 8 + 8 * 4 + 16 * 4);
	expect(buffer('output-stationary', 8, 2)).toBe(2 * 16 * 8 + 2 * 8 * 4 + 16 * 4);
	// Half of the depth at a time: sums go out, come back and go out again.
	expect(buffer('weight-stationary', 4, 4)).toBe(16 * 8 + 8 * 4 + 3 * 16 * 4);
	expect(buffer('input-stationary', 8, 8)).toBe(16 * 8 + 2 * 8 * 4 + 16 * 4);
	expect(accessCounts(layer, { rows: 16, columns: 4 }, 'output-stationary', traffic).array).toBe(2 * 16 * 8 * 4);
});
