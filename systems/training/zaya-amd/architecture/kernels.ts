/** Dense arithmetic on rows of Float32Arrays; sums are kept in double precision. Matrices are row-major, `rows x inner`. */

/** y[t] = W x[t] for `tokens` rows x of width `inner`; W is `outer x inner`, from `offset` on. */
export function linear(
	x: Float32Array,
	weight: Float32Array,
	tokens: number,
	inner: number,
	outer: number,
	bias?: Float32Array,
	offset = 0,
): Float32Array {
	const y = new Float32Array(tokens * outer);
	for (let o = 0; o < outer; o++) {
		const row = offset + o * inner;
		const start = bias === undefined ? 0 : (bias[o] as number);
		for (let t = 0; t < tokens; t++) {
			const at = t * inner;
			let a = 0;
			let b = 0;
			let c = 0;
			let d = 0;
			let i = 0;
			for (; i + 3 < inner; i += 4) {
				a += (weight[row + i] as number) * (x[at + i] as number);
				b += (weight[row + i + 1] as number) * (x[at + i + 1] as number);
				c += (weight[row + i + 2] as number) * (x[at + i + 2] as number);
				d += (weight[row + i + 3] as number) * (x[at + i + 3] as number);
			}
			for (; i < inner; i++) a += (weight[row + i] as number) * (x[at + i] as number);
			y[t * outer + o] = start + a + b + c + d;
		}
	}
	return y;
}

/** x / sqrt(mean(x²) + epsilon) * weight, row by row. */
export function rmsNorm(x: Float32Array, weight: Float32Array, width: number, epsilon: number): Float32Array {
	const y = new Float32Array(x.length);
	for (let at = 0; at < x.length; at += width) {
		let squares = 0;
		for (let i = 0; i < width; i++) squares += (x[at + i] as number) ** 2;
		const scale = 1 / Math.sqrt(squares / width + epsilon);
		for (let i = 0; i < width; i++) y[at + i] = (x[at + i] as number) * scale * (weight[i] as number);
	}
	return y;
}

/** (x + bias) * scale per channel. */
export function shiftAndScale(x: Float32Array, bias: Float32Array, scale: Float32Array): Float32Array {
	const width = bias.length;
	return x.map((value, i) => (value + (bias[i % width] as number)) * (scale[i % width] as number));
}

/** Softmax of a row, in place. */
export function softmax(row: Float64Array): Float64Array {
	let largest = Number.NEGATIVE_INFINITY;
	for (const value of row) largest = Math.max(largest, value);
	let sum = 0;
	for (let i = 0; i < row.length; i++) {
		row[i] = Math.exp((row[i] as number) - largest);
		sum += row[i] as number;
	}
	for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / sum;
	return row;
}

export function silu(x: number): number {
	return x / (1 + Math.exp(-x));
}

/** x Φ(x) with the normal distribution's exact Φ. */
export function gelu(x: number): number {
	return (x / 2) * (1 + erf(x / Math.SQRT2));
}

/** Error function to about 1e-15: Maclaurin series inside, continued fraction of the complement outside. */
export function erf(x: number): number {
	const a = Math.abs(x);
	if (a < 2.5) {
		let term = a;
		let sum = a;
		for (let n = 1; n < 80 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
			term *= (-a * a) / n;
			sum += term / (2 * n + 1);
		}
		return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
	}
	let fraction = 0;
	for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
	return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}
