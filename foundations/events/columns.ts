/** Columns that grow: numbers appended one row at a time and read back as typed arrays without a copy. */

export class Reals {
	private values: Float64Array;
	length = 0;

	constructor(expected = 64) {
		this.values = new Float64Array(Math.max(1, expected));
	}

	push(value: number): void {
		if (this.length === this.values.length) {
			const grown = new Float64Array(this.values.length * 2);
			grown.set(this.values);
			this.values = grown;
		}
		this.values[this.length++] = value;
	}

	/** The rows so far; a view, valid until the next push. */
	view(): Float64Array {
		return this.values.subarray(0, this.length);
	}
}

export class Integers {
	private values: Int32Array;
	length = 0;

	constructor(expected = 64) {
		this.values = new Int32Array(Math.max(1, expected));
	}

	push(value: number): void {
		if (this.length === this.values.length) {
			const grown = new Int32Array(this.values.length * 2);
			grown.set(this.values);
			this.values = grown;
		}
		this.values[this.length++] = value;
	}

	/** The rows so far; a view, valid until the next push. */
	view(): Int32Array {
		return this.values.subarray(0, this.length);
	}
}
