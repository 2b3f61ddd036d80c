/**
 * Training on the grid of the integers to come (quantization-aware training): weights are rounded with a scale for each output, which does not hang on
 * the norm that follows, since folding it multiplies a whole output; activations to 8 bits over a moving range. Gradients pass straight through
 * (Krishnamoorthi 2018).
 */
import type { RoundedArithmetic } from '@assay/learning';
import {
	affineParameters,
	asymmetricCodes,
	perChannel,
	perTensor,
	quantizeAffine,
	type Rounding,
	rangesOf,
	restrictedCodes,
} from '@assay/numerics';

/** Share of a moving range that stays with each batch. */
const KEPT = 0.999;

export interface GridOptions {
	readonly weightBits: number;
	/** Of weights; `stochastic` draws anew in each pass. */
	readonly rounding: Extract<Rounding, 'half-even' | 'stochastic'>;
	readonly granularity: 'channel' | 'tensor';
}

export class QuantizedArithmetic implements RoundedArithmetic {
	private readonly options: GridOptions;
	private readonly maxima = new Map<number, { low: number; high: number }>();
	private readonly codes = asymmetricCodes(8);
	private rangesAreFrozen = false;
	private pass = 0;

	constructor(options: GridOptions) {
		this.options = options;
	}

	/** From now on the ranges of activations stay. */
	freezeRanges(): void {
		this.rangesAreFrozen = true;
	}

	roundWeights(weights: Float32Array, outputs: number): void {
		const { weightBits, rounding, granularity } = this.options;
		const codes = restrictedCodes(weightBits);
		const shape = [outputs, weights.length / outputs];
		const tiling = granularity === 'channel' ? perChannel(shape, 0) : perTensor(shape);
		const { scales, zeroPoints } = affineParameters(codes, rangesOf(weights, tiling), { float32: true });
		const stored = new Int8Array(weights.length);
		quantizeAffine(weights, tiling, codes, { scales, zeroPoints }, stored, { rounding, seed: this.pass++, float32: true });
		const each = granularity === 'channel' ? weights.length / outputs : weights.length;
		for (let i = 0; i < weights.length; i++) weights[i] = (stored[i] as number) * (scales[Math.floor(i / each)] as number);
	}

	roundActivations(activations: Float32Array, rounded: Float32Array, layer: number): void {
		let [low, high] = [0, 0];
		for (let i = 0; i < activations.length; i++) {
			const value = activations[i] as number;
			if (value < low) low = value;
			if (value > high) high = value;
		}
		let range = this.maxima.get(layer);
		if (range === undefined) {
			range = { low, high };
			this.maxima.set(layer, range);
		} else if (!this.rangesAreFrozen) {
			range.low = KEPT * range.low + (1 - KEPT) * low;
			range.high = KEPT * range.high + (1 - KEPT) * high;
		}
		const { scales, zeroPoints } = affineParameters(
			this.codes,
			{ minima: Float64Array.of(range.low), maxima: Float64Array.of(range.high) },
			{ float32: true },
		);
		const [scale, zero] = [scales[0] as number, zeroPoints[0] as number];
		const [least, greatest] = [-zero * scale, (255 - zero) * scale];
		for (let i = 0; i < activations.length; i++) {
			const value = activations[i] as number;
			const clipped = Math.min(greatest, Math.max(least, value));
			rounded[i] = Math.round(clipped / scale) * scale;
			// Beyond the range no gradient passes.
			if (value > greatest || value < least) activations[i] = 0;
		}
	}
}
