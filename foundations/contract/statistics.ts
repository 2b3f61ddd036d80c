/** Exact statistics of finite samples. Samples are never altered; empty samples give NaN. */

/** Quantile q in [0, 1] of a sample already sorted in ascending order, by linear interpolation between order statistics (type 7). */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
	const count = sorted.length;
	if (count === 0) return Number.NaN;
	const position = q * (count - 1);
	const below = Math.floor(position);
	const low = sorted[below] as number;
	if (below + 1 >= count) return low;
	return low + (position - below) * ((sorted[below + 1] as number) - low);
}

/** A sorted copy; numbers only. */
export function sortedCopy(values: ArrayLike<number>): Float64Array {
	return Float64Array.from(values).sort();
}

/** Arithmetic mean, summed with Neumaier's compensation. */
export function mean(values: ArrayLike<number>): number {
	return values.length === 0 ? Number.NaN : sum(values) / values.length;
}

/** Sum with Neumaier's compensation. */
export function sum(values: ArrayLike<number>): number {
	let total = 0;
	let lost = 0;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		const next = total + value;
		lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
		total = next;
	}
	return total + lost;
}

/** Sample standard deviation (n - 1); 0 for a single value. */
export function standardDeviation(values: ArrayLike<number>): number {
	const count = values.length;
	if (count === 0) return Number.NaN;
	if (count === 1) return 0;
	const centre = mean(values);
	let squares = 0;
	for (let i = 0; i < count; i++) squares += ((values[i] as number) - centre) ** 2;
	return Math.sqrt(squares / (count - 1));
}

/** Geometric mean of positive values; NaN if any value is not positive. */
export function geometricMean(values: ArrayLike<number>): number {
	if (values.length === 0) return Number.NaN;
	let logs = 0;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		if (!(value > 0)) return Number.NaN;
		logs += Math.log(value);
	}
	return Math.exp(logs / values.length);
}

/** What people read of a distribution. Units are those of the sample. */
export interface Summary {
	readonly count: number;
	readonly mean: number;
	readonly standardDeviation: number;
	readonly min: number;
	readonly max: number;
	readonly p50: number;
	readonly p90: number;
	readonly p95: number;
	readonly p99: number;
	readonly p999: number;
	readonly geometricMean: number;
}

/** Summary of a sample; every quantile is exact. */
export function summarize(values: ArrayLike<number>): Summary {
	const sorted = sortedCopy(values);
	return {
		count: sorted.length,
		mean: mean(sorted),
		standardDeviation: standardDeviation(sorted),
		min: sorted.length === 0 ? Number.NaN : (sorted[0] as number),
		max: sorted.length === 0 ? Number.NaN : (sorted[sorted.length - 1] as number),
		p50: quantileSorted(sorted, 0.5),
		p90: quantileSorted(sorted, 0.9),
		p95: quantileSorted(sorted, 0.95),
		p99: quantileSorted(sorted, 0.99),
		p999: quantileSorted(sorted, 0.999),
		geometricMean: geometricMean(sorted),
	};
}
