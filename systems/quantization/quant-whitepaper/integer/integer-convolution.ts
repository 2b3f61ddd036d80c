/** A convolution in 8 bits: its numbers in the kernels' memory, and each output's way back to 8 bits. */
import type { Arena } from '@assay/learning';
import { packWeights, planConvolution } from './convolution-plan.ts';
import { toFixedPoint } from './fixed-point.ts';
import { type Convolution, type IntegerTensor, type Rescaling, valuesOf } from './integer-network.ts';
import type { Address, IntegerKernels } from './kernels/kernels.ts';
import { PANEL_OUTPUTS, PANEL_PIXELS } from './kernels/panels.ts';
import { RECORD_BYTES } from './kernels/rescale.ts';
import { prepareConvolution } from './prepare-convolution.ts';

/** `places`: of input and output. Raises a RangeError for shapes that do not fit together. */
export function integerConvolution(
	step: Convolution,
	input: IntegerTensor,
	output: IntegerTensor,
	places: readonly [Address, Address],
	rescaling: Rescaling,
	kernels: IntegerKernels,
	arena: Arena,
): () => void {
	const plan = planConvolution(step, input);
	if (valuesOf(output) !== (input.shape[0] ?? 1) * step.outputs * plan.pixels)
		throw new RangeError(`${step.output} has another shape`);
	const keep = (values: Int32Array | Int16Array): Address => {
		const place = arena.bytes(values.byteLength);
		new Uint8Array(arena.memory.buffer, place, values.byteLength).set(new Uint8Array(values.buffer));
		return place;
	};
	const [pixels, taps, together] = [keep(plan.pixelOffsets), keep(plan.tapOffsets), keep(plan.together)];
	const weights = keep(packWeights(step, plan));
	const records = keep(recordsOf(step, input, output, rescaling));
	const pairs = plan.tapOffsets.length / 2;
	const quads = Math.ceil(plan.groupOutputs / PANEL_OUTPUTS);
	const { zeroPoint } = output;
	const { low, high } = step;
	return prepareConvolution(
		plan,
		input,
		step,
		places,
		{
			valueBytes: 1,
			panelBytes: 4 * PANEL_PIXELS * pairs,
			padByte: input.zeroPoint,
			copyRows: kernels.copyRows,
			gather: (source, panel, target, count) =>
				kernels.gatherPanels(source, taps, pixels + 4 * PANEL_PIXELS * panel, together + 4 * panel, target, pairs, count),
			multiply: (group, from, out, rowBytes, count) => {
				const own = weights + 4 * group * quads * PANEL_OUTPUTS * pairs;
				const record = records + RECORD_BYTES * group * plan.groupOutputs;
				kernels.multiplyPanels(own, from, out, rowBytes, pairs, count, quads, record, zeroPoint, low, high);
			},
			depthwise: (source, out) =>
				kernels.depthwise(
					source,
					plan.paddedHeight * plan.paddedWidth,
					step.outputs,
					plan.groupOutputs,
					taps,
					pairs,
					step.strideWidth,
					step.strideHeight * plan.paddedWidth,
					plan.outHeight,
					plan.outWidth,
					weights,
					out,
					records,
					zeroPoint,
					low,
					high,
				),
		},
		arena,
	);
}

/** A record for each output, as `kernels/rescale.ts` reads them, and some behind for a last quad that is not full. */
function recordsOf(
	{ bias, weights, weightScales, outputs }: Convolution,
	input: IntegerTensor,
	{ scale }: IntegerTensor,
	rescaling: Rescaling,
): Int32Array {
	const words = RECORD_BYTES / 4;
	const taps = weights.length / outputs;
	const records = new Int32Array(words * (outputs + PANEL_OUTPUTS));
	const factors = new Float32Array(records.buffer);
	for (let output = 0; output < outputs; output++) {
		const weight = weightScales[output] ?? 0;
		let sum = 0;
		for (let at = output * taps; at < (output + 1) * taps; at++) sum += weights[at] as number;
		// Sums are of codes: what the input's zero point adds to them is taken off. Beyond 32 bits both wrap around alike.
		records[words * output] = (bias[output] ?? 0) - input.zeroPoint * sum;
		if (rescaling === 'float') {
			factors[words * output + 1] = rescalingFactor(input.scale, weight, scale);
			continue;
		}
		const { multiplier, shift } = toFixedPoint((input.scale * weight) / scale);
		records.set([multiplier, Math.max(0, shift), Math.max(0, -shift)], words * output + 1);
	}
	return records;
}

/** onnxruntime's factor of a convolution: float32 products and quotient, in this order. */
export function rescalingFactor(input: number, weight: number, output: number): number {
	return Math.fround(Math.fround(Math.fround(input) * Math.fround(weight)) / Math.fround(output));
}
