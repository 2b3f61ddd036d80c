/** Agreement of two rankings. */

/** Spearman's rho: the correlation of ranks, ties sharing their mean rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
	return pearson(ranks(a), ranks(b));
}

/** Kendall's tau-b, which allows for ties. */
export function kendall(a: readonly number[], b: readonly number[]): number {
	let agree = 0;
	let tiedA = 0;
	let tiedB = 0;
	let pairs = 0;
	for (let i = 0; i < a.length; i++) {
		for (let j = i + 1; j < a.length; j++) {
			const x = Math.sign((a[i] as number) - (a[j] as number));
			const y = Math.sign((b[i] as number) - (b[j] as number));
			agree += x * y;
			if (x === 0) tiedA++;
			if (y === 0) tiedB++;
			pairs++;
		}
	}
	return agree / Math.sqrt((pairs - tiedA) * (pairs - tiedB));
}

function ranks(values: readonly number[]): number[] {
	const order = values.map((_, index) => index).sort((i, j) => (values[i] as number) - (values[j] as number));
	const result = new Array<number>(values.length).fill(0);
	for (let start = 0; start < order.length; ) {
		let end = start + 1;
		while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
		for (let k = start; k < end; k++) result[order[k] as number] = (start + end - 1) / 2;
		start = end;
	}
	return result;
}

function pearson(a: readonly number[], b: readonly number[]): number {
	const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
	const meanA = mean(a);
	const meanB = mean(b);
	let product = 0;
	let squaresA = 0;
	let squaresB = 0;
	for (const [i, value] of a.entries()) {
		const x = value - meanA;
		const y = (b[i] as number) - meanB;
		product += x * y;
		squaresA += x * x;
		squaresB += y * y;
	}
	return product / Math.sqrt(squaresA * squaresB);
}
