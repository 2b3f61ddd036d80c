import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupOperands, squareConvolution } from '../test-data.ts';
import { stepProduct } from './cycle-stepped.ts';
import { type OperandBuffers, runSystolic, type SystolicDataflow, systolicTraffic } from './systolic.ts';

const anyDataflow = fc.constantFrom<SystolicDataflow>('output-stationary', 'weight-stationary', 'input-stationary');
const anyArray = fc.record({ rows: fc.integer({ min: 1, max: 16 }), columns: fc.integer({ min: 1, max: 16 }) });
const anyLayer = fc
	.record({
		batch: fc.integer({ min: 1, max: 2 }),
		groups: fc.integer({ min: 1, max: 3 }),
		inputsPerGroup: fc.integer({ min: 1, max: 4 }),
		outputsPerGroup: fc.integer({ min: 1, max: 20 }),
		kernel: fc.integer({ min: 1, max: 3 }),
		stride: fc.integer({ min: 1, max: 2 }),
		dilation: fc.integer({ min: 1, max: 2 }),
		beyond: fc.integer({ min: 0, max: 5 }),
	})
	.map(({ beyond, ...layer }) => squareConvolution({ ...layer, input: layer.dilation * (layer.kernel - 1) + 1 + beyond }));

test('stepped cycle by cycle, arrays take the cycles of the closed forms and compute the convolution', () => {
	fc.assert(
		fc.property(anyLayer, anyArray, anyDataflow, fc.nat(), (layer, array, dataflow, seed) => {
			let cycles = 0;
			for (let group = 0; group < layer.groups; group++) {
				const { windows, kernels, expected } = groupOperands(layer, seed + group);
				const step = stepProduct(windows, kernels, array, dataflow);
				cycles += step.cycles;
				expect(step.product.values).toEqual(expected);
			}
			expect(cycles).toBe(runSystolic(layer, array, dataflow).cycles);
		}),
		{ numRuns: 200 },
	);
});

test('a layer that fills the array exactly, worked by hand', () => {
	// 1 x 1 kernels over 4 x 4 positions, 8 input maps, 4 output maps on 16 x 4: one fold of stationary outputs.
	const layer = squareConvolution({ inputsPerGroup: 8, outputsPerGroup: 4, input: 4 });
	const run = runSystolic(layer, { rows: 16, columns: 4 }, 'output-stationary');
	expect(run.cycles).toBe(2 * 16 + 4 + 8 - 2);
	expect(run.utilisation).toBeCloseTo((16 * 8 * 4) / (42 * 64), 12);
});

test('larger buffers never move more, and with large ones every operand moves once', () => {
	const anyBuffers = fc.record({ input: fc.nat(4000), weight: fc.nat(4000), output: fc.nat(4000) });
	const total = (
		layer: Parameters<typeof systolicTraffic>[0],
		array: { rows: number; columns: number },
		dataflow: SystolicDataflow,
		buffers: OperandBuffers,
	) => {
		const { input, weight, output } = systolicTraffic(layer, array, dataflow, buffers);
		return input + weight + output;
	};
	fc.assert(
		fc.property(
			anyLayer,
			anyArray,
			anyDataflow,
			anyBuffers,
			fc.integer({ min: 1, max: 10 }),
			(layer, array, dataflow, buffers, times) => {
				const larger = { input: buffers.input * times, weight: buffers.weight * times, output: buffers.output * times };
				expect(total(layer, array, dataflow, larger)).toBeLessThanOrEqual(total(layer, array, dataflow, buffers));
				const all = { input: 1e9, weight: 1e9, output: 1e9 };
				const once =
					layer.batch *
						layer.groups *
						(layer.inputsPerGroup * layer.inputHeight ** 2 + layer.outputsPerGroup * layer.outputHeight ** 2) +
					layer.groups * layer.outputsPerGroup * layer.inputsPerGroup * layer.kernelHeight ** 2;
				expect(total(layer, array, dataflow, all)).toBe(once);
			},
		),
	);
});
