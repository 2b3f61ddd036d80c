/**
 * The normal distribution. Near zero the error function is its Maclaurin series, further out the continued fraction of its
 * complement (Abramowitz and Stegun 7.1.5 and 7.1.14); both are taken to the last bit that matters.
 */

/** erf(x), to about 1e-15. */
export function errorFunction(x: number): number {
	return Math.abs(x) < 2.5 ? series(x) : Math.sign(x) * (1 - complementFraction(Math.abs(x)));
}

/** Cumulative probability of a normal deviate of the given mean and standard deviation. */
export function normalCumulative(x: number, mean = 0, deviation = 1): number {
	const z = (x - mean) / (deviation * Math.SQRT2);
	if (Math.abs(z) < 2.5) return 0.5 * (1 + series(z));
	const tail = 0.5 * complementFraction(Math.abs(z));
	return z < 0 ? tail : 1 - tail;
}

function series(x: number): number {
	let term = x;
	let total = x;
	for (let n = 1; n < 200; n++) {
		term *= (-x * x) / n;
		const next = total + term / (2 * n + 1);
		if (next === total) break;
		total = next;
	}
	return (2 / Math.sqrt(Math.PI)) * total;
}

/** erfc(x) for x >= 2.5. */
function complementFraction(x: number): number {
	if (x > 27) return 0;
	let fraction = x;
	for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
	return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
