/** The share of approval that a comment's votes vouch for (Wilson 1927). */

/** 97.5 % quantile of the normal distribution, as it is customarily rounded. */
const Z = 1.96;

/** Lower bound of the 95 % interval of up / (up + down); 0 without votes. */
export function wilsonLowerBound(up: number, down: number): number {
	const n = up + down;
	if (n === 0) return 0;
	const share = up / n;
	const spread = Z * Math.sqrt((share * (1 - share) + (Z * Z) / (4 * n)) / n);
	return (share + (Z * Z) / (2 * n) - spread) / (1 + (Z * Z) / n);
}
