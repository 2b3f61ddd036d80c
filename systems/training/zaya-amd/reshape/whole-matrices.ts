/**
 * Muon orthogonalises whole matrices (Newton-Schulz), so its states are not cut over data-parallel ranks but dealt out: the
 * costliest matrix first, each to the rank with the least to do (longest processing time first).
 */

/** Steps of the Newton-Schulz iteration in an update. */
const newtonSchulzSteps = 5;

/** Floating-point operations of an update; for a matrix with sides a <= b, five times 4a²b + 2a³. Vectors cost their length. */
export function muonCost(shape: readonly number[]): number {
	const columns = shape.at(-1) ?? 1;
	const rows = shape.at(-2) ?? 1;
	const matrices = shape.slice(0, -2).reduce((product, size) => product * size, 1);
	if (shape.length < 2 || Math.min(rows, columns) === 1) return matrices * rows * columns;
	const [a, b] = [Math.min(rows, columns), Math.max(rows, columns)];
	return matrices * newtonSchulzSteps * (4 * a * a * b + 2 * a ** 3);
}

/** The rank of each item; ties by order of the items, then by rank. */
export function dealOut(costs: readonly number[], ranks: number): { readonly rank: Int32Array; readonly load: Float64Array } {
	const order = costs.map((_, i) => i).sort((a, b) => (costs[b] as number) - (costs[a] as number) || a - b);
	const rank = new Int32Array(costs.length);
	const load = new Float64Array(ranks);
	for (const item of order) {
		let least = 0;
		for (let r = 1; r < ranks; r++) if ((load[r] as number) < (load[least] as number)) least = r;
		rank[item] = least;
		load[least] = (load[least] as number) + (costs[item] as number);
	}
	return { rank, load };
}

/** Largest load over the mean: 1 is even. */
export function imbalance(load: ArrayLike<number>): number {
	let sum = 0;
	let largest = 0;
	for (let r = 0; r < load.length; r++) {
		sum += load[r] as number;
		largest = Math.max(largest, load[r] as number);
	}
	return sum === 0 ? 1 : (largest * load.length) / sum;
}
