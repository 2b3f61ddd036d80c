/** Kendall's tau-b of two samples: 1 for the same order, 0 for none in common, -1 for the opposite; null where one sample is constant. */
export function kendallTau(a: readonly number[], b: readonly number[]): number | null {
	let agreeing = 0;
	let pairsOfA = 0;
	let pairsOfB = 0;
	for (let i = 0; i < a.length; i++) {
		for (let j = 0; j < i; j++) {
			const first = Math.sign((a[i] as number) - (a[j] as number));
			const second = Math.sign((b[i] as number) - (b[j] as number));
			agreeing += first * second;
			pairsOfA += first * first;
			pairsOfB += second * second;
		}
	}
	return pairsOfA === 0 || pairsOfB === 0 ? null : agreeing / Math.sqrt(pairsOfA * pairsOfB);
}
