/** Student's paired test: whether the mean of differences is away from 0 by more than chance. */
import { mean, standardDeviation } from '@assay/contract';

export interface PairedTest {
	readonly mean: number;
	/** Sample standard deviation of the differences. */
	readonly deviation: number;
	/** 0 where all differences are 0. */
	readonly t: number;
	/** Two-sided. */
	readonly p: number;
}

/** Of two samples of the same length, at least 2, whose entries belong together. */
export function pairedTest(a: readonly number[], b: readonly number[]): PairedTest {
	const differences = a.map((value, i) => value - (b[i] as number));
	const centre = mean(differences);
	const deviation = standardDeviation(differences);
	const t = centre === 0 ? 0 : (centre * Math.sqrt(differences.length)) / deviation;
	return { mean: centre, deviation, t, p: twoSided(t, differences.length - 1) };
}

/** Chance that Student's t is farther from 0 (Abramowitz and Stegun 26.7.3 and 26.7.4). */
function twoSided(t: number, freedom: number): number {
	const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom));
	const cosine = Math.cos(angle);
	const isOdd = freedom % 2 === 1;
	let term = isOdd ? cosine : 1;
	let sum = 0;
	for (let k = isOdd ? 1 : 0; k < freedom - 1; k += 2) {
		sum += term;
		term *= ((k + 1) / (k + 2)) * cosine * cosine;
	}
	const inside = Math.sin(angle) * sum;
	return 1 - (isOdd ? (2 / Math.PI) * (angle + inside) : inside);
}
