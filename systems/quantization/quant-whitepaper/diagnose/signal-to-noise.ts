/** Power of a signal over that of what was added to it: SQNR = 10 log10(sum y^2 / sum (y - y')^2). */
export class SignalToNoise {
	private signal = 0;
	noise = 0;

	add(exact: ArrayLike<number>, approximate: ArrayLike<number>): void {
		if (exact.length !== approximate.length) throw new RangeError(`${exact.length} values beside ${approximate.length}`);
		for (let i = 0; i < exact.length; i++) {
			const value = exact[i] as number;
			const difference = value - (approximate[i] as number);
			this.signal += value * value;
			this.noise += difference * difference;
		}
	}

	/** In dB; null where there is no signal or no noise. */
	get decibels(): number | null {
		return this.signal > 0 && this.noise > 0 ? 10 * Math.log10(this.signal / this.noise) : null;
	}
}
