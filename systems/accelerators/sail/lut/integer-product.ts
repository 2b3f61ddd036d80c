/** The integer matrix product that every other way must equal: y[b, n] = sum over k of x[b, k] w[k, n]. */

/** Whole numbers in rows. */
export interface IntegerMatrix {
	readonly rows: number;
	readonly columns: number;
	readonly values: Int32Array;
}

/** Plain product, row by row; every sum must stay within 2^53. */
export function integerProduct(activations: IntegerMatrix, weights: IntegerMatrix): Float64Array {
	const { rows, columns: depth } = activations;
	const { columns } = weights;
	const product = new Float64Array(rows * columns);
	for (let row = 0; row < rows; row++) {
		for (let k = 0; k < depth; k++) {
			const activation = activations.values[row * depth + k] as number;
			if (activation === 0) continue;
			for (let column = 0; column < columns; column++) {
				const at = row * columns + column;
				product[at] = (product[at] as number) + activation * (weights.values[k * columns + column] as number);
			}
		}
	}
	return product;
}
