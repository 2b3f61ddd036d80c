/**
 * A tensor rounded to its 256 codes while a network is trained. The range moves slowly with what is seen until it is frozen; gradients pass straight
 * through where a value lies within it, and stop beyond (Krishnamoorthi 2018, on quantization-aware training).
 */
import type { Rounding } from '@assay/numerics';
import type { ValueRange } from '../calibrate/value-range.ts';
import type { Quantization } from '../integer/integer-network.ts';
import { quantizationOf } from '../quantize/quantized-network.ts';
import type { Tracked, TrainedStep } from './tracked.ts';

/** Share of a moving range that stays with each batch. */
const KEPT = 0.99;

export class ActivationGrid {
	private minimum: number;
	private maximum: number;
	private batchMinimum = Number.POSITIVE_INFINITY;
	private batchMaximum = Number.NEGATIVE_INFINITY;
	private readonly rounding: Exclude<Rounding, 'stochastic'>;
	quantization: Quantization;

	/** Starts from the range that calibration found. */
	constructor({ minimum, maximum }: ValueRange, rounding: Exclude<Rounding, 'stochastic'>) {
		this.minimum = minimum;
		this.maximum = maximum;
		this.rounding = rounding;
		this.quantization = quantizationOf(this.range, rounding);
	}

	get range(): ValueRange {
		return { minimum: this.minimum, maximum: this.maximum };
	}

	observe(values: Float32Array): void {
		for (let i = 0; i < values.length; i++) {
			const value = values[i] as number;
			if (value < this.batchMinimum) this.batchMinimum = value;
			if (value > this.batchMaximum) this.batchMaximum = value;
		}
	}

	/** After a batch. */
	move(): void {
		if (!(this.batchMinimum <= this.batchMaximum)) return;
		this.minimum = KEPT * this.minimum + (1 - KEPT) * this.batchMinimum;
		this.maximum = KEPT * this.maximum + (1 - KEPT) * this.batchMaximum;
		[this.batchMinimum, this.batchMaximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
		this.quantization = quantizationOf(this.range, this.rounding);
	}
}

/** From a tensor to its values on the grid; while `isOn` says no, the same values. */
export function gridStep(input: Tracked, output: Tracked, grid: () => Quantization, isOn: () => boolean): TrainedStep {
	return {
		forward() {
			if (!isOn()) {
				output.values.set(input.values);
				return;
			}
			const { scale, zeroPoint } = grid();
			const [least, most] = [-128 - zeroPoint, 127 - zeroPoint];
			for (let i = 0; i < output.values.length; i++)
				output.values[i] = Math.min(most, Math.max(least, Math.round((input.values[i] as number) / scale))) * scale;
		},
		backward() {
			const { scale, zeroPoint } = grid();
			const isLimited = isOn();
			const [low, high] = [(-128 - zeroPoint) * scale, (127 - zeroPoint) * scale];
			for (let i = 0; i < output.values.length; i++) {
				const value = input.values[i] as number;
				if (!isLimited || (value >= low && value <= high))
					input.gradient[i] = (input.gradient[i] as number) + (output.gradient[i] as number);
			}
		},
	};
}
