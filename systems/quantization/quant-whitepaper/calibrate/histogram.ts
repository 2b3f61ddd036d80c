/** Counts of values in bins of equal width over a range that doubles when a value lies beyond it: two neighbours become one bin. */
export class Histogram {
	/** Start of the first bin. */
	low: number;
	/** Width of a bin; 0 until a value other than the start has come. */
	width: number;
	readonly counts: Float64Array;

	private constructor(counts: Float64Array, low: number, width: number) {
		this.counts = counts;
		this.low = low;
		this.width = width;
	}

	/** Over nothing yet: the first values give the range. */
	static empty(bins: number): Histogram {
		return new Histogram(new Float64Array(bins), 0, 0);
	}

	/** With counts that are known. */
	static of(counts: ArrayLike<number>, low: number, high: number): Histogram {
		return new Histogram(Float64Array.from(counts), low, (high - low) / counts.length);
	}

	get high(): number {
		return this.low + this.width * this.counts.length;
	}

	/** Adds finite values, or their magnitudes, whose least and greatest are known. */
	add(values: ArrayLike<number>, minimum: number, maximum: number, magnitudes = false): void {
		if (this.width === 0) this.start(minimum, maximum);
		this.cover(minimum, maximum);
		const { counts, low } = this;
		const last = counts.length - 1;
		const scale = this.width === 0 ? 0 : 1 / this.width;
		// Both ends were covered: what rounding puts beyond the last bin is in it.
		for (let i = 0; i < values.length; i++) {
			const value = values[i] as number;
			const bin = (((magnitudes && value < 0 ? -value : value) - low) * scale) | 0;
			const at = Math.min(bin, last);
			counts[at] = (counts[at] as number) + 1;
		}
	}

	/** Centre of a bin. */
	centre(bin: number): number {
		return this.low + (bin + 0.5) * this.width;
	}

	private start(minimum: number, maximum: number): void {
		const seen = this.counts[0] as number;
		const at = this.low;
		// Values that were all the same, so far, keep their count where they are.
		const [least, greatest] = seen > 0 ? [Math.min(at, minimum), Math.max(at, maximum)] : [minimum, maximum];
		this.low = least;
		this.width = (greatest - least) / this.counts.length;
		if (seen > 0 && this.width > 0) {
			this.counts[0] = 0;
			this.counts[Math.min(this.counts.length - 1, Math.floor((at - least) / this.width))] = seen;
		}
	}

	/** Doubles the range upwards or downwards until both lie within. */
	private cover(minimum: number, maximum: number): void {
		if (this.width === 0) return;
		while (maximum > this.high * (1 + 1e-12) + 1e-300 && Number.isFinite(this.width)) this.grow(false);
		while (minimum < this.low && Number.isFinite(this.width)) this.grow(true);
	}

	private grow(downwards: boolean): void {
		const { counts } = this;
		const bins = counts.length;
		const before = counts.slice();
		counts.fill(0);
		// Downwards the old bins end where they ended; an odd number of bins then shifts pairs by one.
		const shift = downwards ? bins : 0;
		if (downwards) this.low -= this.width * bins;
		this.width *= 2;
		for (let bin = 0; bin < bins; bin++) {
			const to = (bin + shift) >> 1;
			counts[to] = (counts[to] as number) + (before[bin] as number);
		}
	}
}
