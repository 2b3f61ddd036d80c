/** The best interval between saves of a job that no closed form covers: simulated over a range of intervals with the same failures. */
import type { Random } from '@assay/contract';
import { type Job, simulateJob } from './simulate-job.ts';

/** Goodput at an interval. */
export interface IntervalPoint {
	readonly intervalSeconds: number;
	readonly goodput: number;
}

export interface IntervalSearch {
	readonly points: readonly IntervalPoint[];
	readonly bestSeconds: number;
}

/**
 * Simulates intervals from a third to three times `aroundSeconds` and takes the minimum of a/t + b t + c t² + e fitted to the overhead: what is spent on
 * saves falls with the interval, what is lost grows with it. `random` is forked alike for all, so that they meet the same failures.
 */
export async function searchInterval(
	job: Job,
	aroundSeconds: number,
	options: {
		readonly wallSeconds: number;
		readonly random: Random;
		readonly pause: () => Promise<void>;
		readonly points?: number;
	},
): Promise<IntervalSearch> {
	const count = options.points ?? 13;
	const points: IntervalPoint[] = [];
	for (let i = 0; i < count; i++) {
		const intervalSeconds = aroundSeconds * 3 ** ((2 * i) / (count - 1) - 1);
		const changed = { ...job, save: { ...job.save, intervalSeconds } };
		const { goodput } = await simulateJob(changed, { ...options, random: options.random.fork('failures') });
		points.push({ intervalSeconds, goodput });
	}
	return { points, bestSeconds: minimumOfFit(points) };
}

function minimumOfFit(points: readonly IntervalPoint[]): number {
	const usable = points.filter(({ goodput }) => goodput > 0);
	const scale = usable[usable.length >> 1]?.intervalSeconds ?? 1;
	const basis = (t: number): number[] => [1 / t, t, t * t, 1];
	const coefficients = leastSquares(
		usable.map(({ intervalSeconds }) => basis(intervalSeconds / scale)),
		usable.map(({ goodput }) => 1 / goodput - 1),
	);
	const overhead = (t: number): number => basis(t).reduce((sum, value, k) => sum + value * (coefficients[k] as number), 0);
	let best = points.reduce((a, b) => (b.goodput > a.goodput ? b : a)).intervalSeconds / scale;
	const [low, high] = [(usable[0]?.intervalSeconds ?? scale) / scale, (usable.at(-1)?.intervalSeconds ?? scale) / scale];
	for (let i = 0; i <= 2000; i++) {
		const t = low * (high / low) ** (i / 2000);
		if (i === 0 || overhead(t) < overhead(best)) best = t;
	}
	return best * scale;
}

/** Normal equations by elimination with pivots; few unknowns. */
function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
	const size = rows[0]?.length ?? 0;
	const matrix = Array.from({ length: size }, (_, i) => [
		...Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)),
		rows.reduce((sum, row, r) => sum + (row[i] as number) * (values[r] as number), 0),
	]);
	for (let i = 0; i < size; i++) {
		let pivot = i;
		for (let r = i + 1; r < size; r++) {
			if (Math.abs(matrix[r]?.[i] ?? 0) > Math.abs(matrix[pivot]?.[i] ?? 0)) pivot = r;
		}
		const [row, other] = [matrix[pivot] as number[], matrix[i] as number[]];
		matrix[i] = row;
		matrix[pivot] = other;
		for (let r = 0; r < size; r++) {
			if (r === i || row[i] === 0) continue;
			const factor = ((matrix[r] as number[])[i] as number) / (row[i] as number);
			for (let c = i; c <= size; c++)
				(matrix[r] as number[])[c] = ((matrix[r] as number[])[c] as number) - factor * (row[c] as number);
		}
	}
	return matrix.map((row, i) => (row[size] as number) / (row[i] as number));
}
