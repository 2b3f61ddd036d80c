/** Softmax of each row of so many values. */
export function softmax(values: Float32Array, results: Float32Array, length: number): void {
	for (let row = 0; row < values.length; row += length) {
		let largest = Number.NEGATIVE_INFINITY;
		for (let i = row; i < row + length; i++) largest = Math.max(largest, values[i] as number);
		let sum = 0;
		for (let i = row; i < row + length; i++) {
			const power = Math.exp((values[i] as number) - largest);
			results[i] = power;
			sum += power;
		}
		for (let i = row; i < row + length; i++) results[i] = (results[i] as number) / sum;
	}
}
