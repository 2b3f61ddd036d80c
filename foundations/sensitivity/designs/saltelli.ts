/**
 * Sobol indices from a design made for them (Saltelli et al. 2010, "Variance based sensitivity analysis of model output"). Two independent
 * samples A and B of points are taken, and for each factor i the points A with the i-th coordinate from B, AB_i. Comparing outputs at A, B and
 * AB_i estimates what factor i does alone (first order) and with all others held (total, Jansen 1999).
 *
 * A design is laid out point by point: A, AB_1, ..., AB_d, B; then the next. So a design that was cut short is one with fewer points.
 */
import { createRandom, mean, quantileSorted, type Random, sortedCopy } from '@assay/contract';
import type { Factor, FactorShare, Share } from '../factor.ts';

const RESAMPLES = 300;

/**
 * A design in the unit cube of `factors` dimensions: (factors + 2) rows for each of `points` points. Raises a RangeError for no factors or
 * fewer than two points.
 */
export function saltelliDesign(factors: number, points: number, seed: number): Float64Array[] {
	if (!(factors >= 1 && points >= 2)) throw new RangeError(`${points} points of ${factors} factors`);
	const random = createRandom(seed).fork('saltelli');
	const [a, b] = [latinHypercube(factors, points, random.fork('A')), latinHypercube(factors, points, random.fork('B'))];
	return Array.from({ length: points }, (_, point) => {
		const [from, other] = [a[point] as Float64Array, b[point] as Float64Array];
		const mixed = Array.from(from, (_, at) => from.with(at, other[at] as number));
		return [from, ...mixed, other];
	}).flat();
}

/** Points of which, in each dimension, one lies in each of equal stretches: a factor's mean and variance are then nearly exact. */
function latinHypercube(factors: number, points: number, random: Random): Float64Array[] {
	const columns = Array.from({ length: factors }, () => {
		const places = random.shuffle(Float64Array.from({ length: points }, (_, index) => index));
		return places.map((place) => (place + random.uniform()) / points);
	});
	return Array.from({ length: points }, (_, point) => Float64Array.from(columns, (column) => column[point] as number));
}

/** How many whole points of such a design the runs are, in their order; 0 if they are none. */
export function saltelliPoints(factors: readonly Factor[]): number {
	const width = factors.length + 2;
	const points = Math.floor((factors[0]?.values.length ?? 0) / width);
	let hasMixed = false;
	for (let point = 0; point < points; point++) {
		const from = point * width;
		for (const [at, { values }] of factors.entries()) {
			const [a, b] = [values[from], values[from + width - 1]];
			if (a !== b) hasMixed = true;
			for (let row = 1; row < width - 1; row++) if (values[from + row] !== (row - 1 === at ? b : a)) return 0;
		}
	}
	return hasMixed && factors.length > 1 ? points : 0;
}

/**
 * First-order and total indices from the outputs of a design, with 95 % intervals by bootstrap over points. Points of which a run has no
 * finite output are left out; null if fewer than two are left or the output does not vary.
 */
export function saltelliShares(
	factors: readonly Pick<Factor, 'name'>[],
	outputs: ArrayLike<number>,
	seed: number,
): FactorShare[] | null {
	const width = factors.length + 2;
	const points: Float64Array[] = [];
	for (let from = 0; from + width <= outputs.length; from += width) {
		const row = Float64Array.from({ length: width }, (_, at) => outputs[from + at] as number);
		if (row.every(Number.isFinite)) points.push(row);
	}
	if (points.length < 2) return null;
	const all = Uint32Array.from(points, (_, index) => index);
	// Estimators of products lose digits far from zero, so outputs are taken from their mean on.
	const centre = mean(points.flatMap((row) => [row[0] as number, row[width - 1] as number]));
	for (const row of points) for (let at = 0; at < width; at++) row[at] = (row[at] as number) - centre;
	const whole = indices(points, all, factors.length);
	if (whole === null) return null;
	const random = createRandom(seed).fork('bootstrap');
	const resampled: Float64Array[] = [];
	for (let resample = 0; resample < RESAMPLES; resample++) {
		const drawn = indices(
			points,
			all.map(() => random.integer(points.length)),
			factors.length,
		);
		if (drawn !== null) resampled.push(drawn);
	}
	const share = (at: number): Share => {
		const sorted = sortedCopy(resampled.map((one) => one[at] as number));
		return { value: whole[at] as number, low: quantileSorted(sorted, 0.025), high: quantileSorted(sorted, 0.975) };
	};
	return factors.map(({ name }, at) => ({ name, alone: share(at), total: share(factors.length + at) }));
}

/** First-order indices, then total ones; null where the output does not vary. */
function indices(points: readonly Float64Array[], chosen: Uint32Array, factors: number): Float64Array | null {
	const last = factors + 1;
	const result = new Float64Array(2 * factors);
	let [sum, squares] = [0, 0];
	for (const index of chosen) {
		const row = points[index] as Float64Array;
		const [a, b] = [row[0] as number, row[last] as number];
		sum += a + b;
		squares += a * a + b * b;
		for (let at = 0; at < factors; at++) {
			const mixed = row[at + 1] as number;
			result[at] = (result[at] as number) + b * (mixed - a);
			result[factors + at] = (result[factors + at] as number) + (a - mixed) ** 2 / 2;
		}
	}
	const count = chosen.length;
	const variance = squares / (2 * count) - (sum / (2 * count)) ** 2;
	if (!(variance > 0)) return null;
	return result.map((total) => total / count / variance);
}
