/** A convolution in float: its numbers in the kernels' memory. */
import type { Arena } from '@assay/learning';
import { type ConvolutionPlan, planConvolution } from '../integer/convolution-plan.ts';
import type { Convolution, IntegerTensor } from '../integer/integer-network.ts';
import type { Address } from '../integer/kernels/kernels.ts';
import { PANEL_OUTPUTS, PANEL_PIXELS } from '../integer/kernels/panels.ts';
import { prepareConvolution } from '../integer/prepare-convolution.ts';
import type { FloatLayer } from '../quantize/layer-weights.ts';
import type { FloatKernels } from './float-kernels.ts';
import type { ClampedLine } from './line-of.ts';

const VALUE_BYTES = 4;

/** `places`: of input and output; `bounds`: of a rectifier behind. */
export function floatConvolution(
	step: Parameters<typeof planConvolution>[0] & Pick<Convolution, 'groups' | 'padding'>,
	{ weights, bias = new Float32Array(step.outputs) }: FloatLayer,
	input: Pick<IntegerTensor, 'name' | 'shape'>,
	places: readonly [Address, Address],
	{ low, high }: Pick<ClampedLine, 'low' | 'high'>,
	kernels: FloatKernels,
	arena: Arena,
): () => void {
	const plan = planConvolution(step, input);
	const keep = (values: Int32Array | Float32Array): Address => {
		const place = arena.bytes(values.byteLength);
		new Uint8Array(arena.memory.buffer, place, values.byteLength).set(
			new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
		);
		return place;
	};
	const bytes = (offsets: Int32Array) => offsets.map((offset) => VALUE_BYTES * offset);
	const [pixels, taps, together] = [keep(bytes(plan.pixelOffsets)), keep(bytes(plan.tapOffsets)), keep(plan.together)];
	const packed = keep(plan.isDepthwise ? weights : packWeights(weights, step.groups, plan));
	// A last quad that is not full reads on.
	const biases = keep(Float32Array.from({ length: step.outputs + PANEL_OUTPUTS }, (_, output) => bias[output] ?? 0));
	const quads = Math.ceil(plan.groupOutputs / PANEL_OUTPUTS);
	return prepareConvolution(
		plan,
		input,
		step,
		places,
		{
			valueBytes: VALUE_BYTES,
			panelBytes: VALUE_BYTES * PANEL_PIXELS * plan.taps,
			padByte: 0,
			copyRows: kernels.copyRows,
			gather: (source, panel, target, count) =>
				kernels.gatherPanels(source, taps, pixels + 4 * PANEL_PIXELS * panel, together + 4 * panel, target, plan.taps, count),
			multiply: (group, from, out, rowBytes, count) => {
				const own = packed + VALUE_BYTES * group * quads * PANEL_OUTPUTS * plan.taps;
				const sums = biases + VALUE_BYTES * group * plan.groupOutputs;
				kernels.multiplyPanels(own, sums, from, out, rowBytes, plan.taps, count, quads, low, high);
			},
			depthwise: (source, out) =>
				kernels.depthwise(
					source,
					VALUE_BYTES * plan.paddedHeight * plan.paddedWidth,
					step.outputs,
					plan.groupOutputs,
					taps,
					plan.taps,
					step.strideWidth,
					VALUE_BYTES * step.strideHeight * plan.paddedWidth,
					plan.outHeight,
					plan.outWidth,
					packed,
					biases,
					out,
					low,
					high,
				),
		},
		arena,
	);
}

/** [groups of 4 outputs][taps][4]; zeros fill up. */
function packWeights(weights: Float32Array, groups: number, { taps, groupOutputs }: ConvolutionPlan): Float32Array {
	const quads = Math.ceil(groupOutputs / PANEL_OUTPUTS);
	const packed = new Float32Array(groups * quads * taps * PANEL_OUTPUTS);
	for (let group = 0; group < groups; group++) {
		for (let output = 0; output < groupOutputs; output++) {
			const quad = group * quads + Math.floor(output / PANEL_OUTPUTS);
			const from = (group * groupOutputs + output) * taps;
			for (let tap = 0; tap < taps; tap++)
				packed[(quad * taps + tap) * PANEL_OUTPUTS + (output % PANEL_OUTPUTS)] = weights[from + tap] as number;
		}
	}
	return packed;
}
