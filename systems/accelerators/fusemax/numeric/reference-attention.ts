/** Softmax attention in double precision, row by row, as a reference for every cascade. */

export interface AttentionData {
	/** Q [e, p], K [e, m], V [f, m], row-major. */
	readonly queries: Float64Array;
	readonly keys: Float64Array;
	readonly values: Float64Array;
}

/** AV [f, p]. A row whose logits are all minus infinity gives 0. */
export async function referenceAttention(
	{ queries, keys, values }: AttentionData,
	size: { readonly E: number; readonly F: number; readonly M: number; readonly P: number },
	pause: () => Promise<void>,
): Promise<Float64Array> {
	const { E, F, M, P } = size;
	const result = new Float64Array(F * P);
	const weights = new Float64Array(M);
	for (let p = 0; p < P; p++) {
		await pause();
		weights.fill(0);
		for (let e = 0; e < E; e++) {
			const factor = queries[e * P + p] as number;
			for (let m = 0; m < M; m++) weights[m] = (weights[m] as number) + factor * (keys[e * M + m] as number);
		}
		let largest = Number.NEGATIVE_INFINITY;
		for (let m = 0; m < M; m++) largest = Math.max(largest, weights[m] as number);
		if (largest === Number.NEGATIVE_INFINITY) continue;
		let total = 0;
		for (let m = 0; m < M; m++) {
			const weight = Math.exp((weights[m] as number) - largest);
			weights[m] = weight;
			total += weight;
		}
		for (let f = 0; f < F; f++) {
			let sum = 0;
			for (let m = 0; m < M; m++) sum += (weights[m] as number) * (values[f * M + m] as number);
			result[f * P + p] = sum / total;
		}
	}
	return result;
}
