/**
 * The exact functional ANOVA decomposition of a complete grid. Where every combination of the factors' values was run, the variance of the
 * output over the grid splits exactly (Sobol 1993 on a product of finite sets): nothing is estimated, and the intervals have no width.
 */
import { mean, sum } from '@assay/contract';
import { type Factor, type FactorShare, levelsOf, type Share } from '../factor.ts';

/**
 * Shares of each factor, or null if some combination was not run or the output does not vary. Combinations that were run several times count
 * once, with their mean. O(runs × factors).
 */
export function factorialShares(factors: readonly Factor[], outputs: ArrayLike<number>): FactorShare[] | null {
	const levels = factors.map(({ values }) => levelsOf(values));
	const cells = levels.reduce((product, { count }) => product * count, 1);
	if (cells > outputs.length || cells < 2) return null;
	const strides = levels.map((_, at) => levels.slice(at + 1).reduce((product, { count }) => product * count, 1));
	const sums = new Float64Array(cells);
	const counts = new Uint32Array(cells);
	for (let run = 0; run < outputs.length; run++) {
		let cell = 0;
		for (const [at, { codes }] of levels.entries()) cell += (codes[run] as number) * (strides[at] as number);
		sums[cell] = (sums[cell] as number) + (outputs[run] as number);
		counts[cell] = (counts[cell] as number) + 1;
	}
	if (counts.some((count) => count === 0)) return null;
	const means = sums.map((total, cell) => total / (counts[cell] as number));
	const variance = varianceOf(means);
	// Differences that rounding alone could make are none.
	const scale = means.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	if (!(variance > (1e-12 * scale) ** 2)) return null;
	return factors.map(({ name }, at) => {
		const stride = strides[at] as number;
		const count = (levels[at] as { count: number }).count;
		const byLevel = new Float64Array(count);
		const byOthers = new Float64Array(cells / count);
		for (let cell = 0; cell < cells; cell++) {
			const level = Math.floor(cell / stride) % count;
			const others = Math.floor(cell / (stride * count)) * stride + (cell % stride);
			byLevel[level] = (byLevel[level] as number) + (means[cell] as number) / (cells / count);
			byOthers[others] = (byOthers[others] as number) + (means[cell] as number) / count;
		}
		return { name, alone: exact(varianceOf(byLevel) / variance), total: exact(1 - varianceOf(byOthers) / variance) };
	});
}

const exact = (value: number): Share => {
	const share = Math.min(1, Math.max(0, value));
	return { value: share, low: share, high: share };
};

function varianceOf(values: Float64Array): number {
	const centre = mean(values);
	return sum(values.map((value) => (value - centre) ** 2)) / values.length;
}
