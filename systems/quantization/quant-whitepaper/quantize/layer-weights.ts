/**
 * Weights and bias of one layer in integers, by TensorFlow Lite's rules: symmetric codes from -127 to 127, one scale an output or one for
 * all, a bias of 32 bits in units of input scale times weight scale. A bias too large for that makes its output's scale coarser, as the
 * converter does; the weights of such an output, nearly nothing beside its bias, then shrink towards 0.
 */
import {
	affineParameters,
	perChannel,
	perTensor,
	quantizeAffine,
	type Rounding,
	rangesOf,
	restrictedCodes,
	roundToInteger,
} from '@assay/numerics';

export interface FloatLayer {
	/** [outputs, taps], row-major. */
	readonly weights: Float32Array;
	readonly bias: Float32Array | undefined;
	readonly outputs: number;
}

export interface WeightOptions {
	/** One scale for each output, or one for the layer. */
	readonly granularity: 'channel' | 'tensor';
	/** 2 to 8. */
	readonly bits: number;
	readonly rounding: Exclude<Rounding, 'stochastic'>;
}

export interface IntegerWeights {
	readonly weights: Int8Array;
	readonly bias: Int32Array;
	/** One for each output, also where they are all the same. */
	readonly scales: Float32Array;
	/** Outputs whose scale was made coarser for their bias. */
	readonly coarsened: readonly number[];
}

const LARGEST_SUM = 2 ** 31 - 1;

/** Quantizes a layer whose inputs have the given scale. Raises an InputError for weights that are not finite. */
export function quantizeLayer(
	layer: FloatLayer,
	inputScale: number,
	{ granularity, bits, rounding }: WeightOptions,
): IntegerWeights {
	const { weights, bias, outputs } = layer;
	const codes = restrictedCodes(bits);
	const shape = [outputs, weights.length / outputs];
	const byOutput = perChannel(shape, 0);
	const tiling = granularity === 'channel' ? byOutput : perTensor(shape);
	const parameters = affineParameters(codes, rangesOf(weights, tiling), { float32: true });
	const scales = Float32Array.from(
		{ length: outputs },
		(_, output) => parameters.scales[granularity === 'channel' ? output : 0] ?? 1,
	);
	const coarsened: number[] = [];
	if (bias !== undefined) {
		for (let output = 0; output < outputs; output++) {
			const magnitude = Math.abs(bias[output] as number);
			const unit = inputScale * (scales[output] as number);
			if (magnitude < 0.5 * unit * LARGEST_SUM) continue;
			coarsened.push(output);
			scales[output] = (2 * magnitude) / (inputScale * LARGEST_SUM);
		}
	}
	const integers = new Int8Array(weights.length);
	const zeroPoints = new Int32Array(outputs);
	quantizeAffine(weights, byOutput, codes, { scales, zeroPoints }, integers, { rounding, float32: true });
	const sums = Int32Array.from({ length: outputs }, (_, output) => {
		// In float32, as the converter does it: large biases are rounded twice.
		const units = Math.fround((bias?.[output] ?? 0) / Math.fround(inputScale * (scales[output] as number)));
		return Math.min(LARGEST_SUM, Math.max(-LARGEST_SUM, roundToInteger(units, rounding, 0)));
	});
	return { weights: integers, bias: sums, scales, coarsened };
}
