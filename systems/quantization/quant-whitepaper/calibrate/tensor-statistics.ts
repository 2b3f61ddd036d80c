/** What is kept of a tensor's values over the calibration samples. */
import { Histogram } from './histogram.ts';
import type { ValueRange } from './value-range.ts';

/** Share of the moving range that a new sample replaces. */
const MOVING_SHARE = 0.01;
const BINS = 2048;
const MAGNITUDE_BINS = 8001;

export class TensorStatistics {
	minimum = Number.POSITIVE_INFINITY;
	maximum = Number.NEGATIVE_INFINITY;
	movingMinimum = 0;
	movingMaximum = 0;
	samples = 0;
	/** Of the values: for percentiles, least squares and pictures. */
	readonly values = Histogram.empty(BINS);
	/** Of their magnitudes: for the entropy method. Only filled where that is asked for. */
	readonly magnitudes: Histogram | undefined;
	/** By channel (axis 1). */
	readonly channelSums: Float64Array;
	readonly channelMaxima: Float64Array;
	private readonly channels: number;
	private perChannel = 0;

	constructor(shape: readonly number[], withMagnitudes: boolean) {
		this.channels = shape.length > 1 ? (shape.length === 3 ? (shape[2] as number) : (shape[1] as number)) : 1;
		this.channelSums = new Float64Array(this.channels);
		this.channelMaxima = new Float64Array(this.channels);
		this.magnitudes = withMagnitudes ? Histogram.empty(MAGNITUDE_BINS) : undefined;
	}

	/** Mean of each channel: [batch, channels, ...], or of [batch, rows, channels] along the last dimension. */
	get channelMeans(): Float64Array {
		return this.channelSums.map((sum) => sum / Math.max(1, this.perChannel));
	}

	/** Takes in one sample's values. Raises a RangeError for values that are not finite. */
	add(values: Float32Array, shape: readonly number[]): void {
		if (values.length === 0) return;
		const { minimum, maximum } = this.addChannels(values, shape);
		this.minimum = Math.min(this.minimum, minimum);
		this.maximum = Math.max(this.maximum, maximum);
		const share = this.samples === 0 ? 1 : MOVING_SHARE;
		this.movingMinimum += share * (minimum - this.movingMinimum);
		this.movingMaximum += share * (maximum - this.movingMaximum);
		this.samples++;
		this.values.add(values, minimum, maximum);
		this.magnitudes?.add(values, 0, Math.max(Math.abs(minimum), Math.abs(maximum)), true);
	}

	/** Adds to the channels, and gives the least and the greatest of all values. */
	private addChannels(values: Float32Array, shape: readonly number[]): ValueRange {
		const { channels, channelSums, channelMaxima } = this;
		// Rows of a sequence have their channels side by side.
		const inner = shape.length === 3 || shape.length < 2 ? 1 : values.length / ((shape[0] as number) * channels);
		let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
		for (let start = 0, row = 0; start < values.length; start += inner, row++) {
			let [sum, least, greatest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
			for (let i = start; i < start + inner; i++) {
				const value = values[i] as number;
				sum += value;
				if (value < least) least = value;
				if (value > greatest) greatest = value;
			}
			// Finite values of float32 have a finite sum; one that is infinite, or no number, leaves none.
			if (sum - sum !== 0) throw new RangeError(`the value ${values.find((value) => !Number.isFinite(value))}`);
			const channel = row % channels;
			channelSums[channel] = (channelSums[channel] as number) + sum;
			channelMaxima[channel] = Math.max(channelMaxima[channel] as number, Math.abs(least), Math.abs(greatest));
			if (least < minimum) minimum = least;
			if (greatest > maximum) maximum = greatest;
		}
		this.perChannel += values.length / channels;
		return { minimum, maximum };
	}
}
