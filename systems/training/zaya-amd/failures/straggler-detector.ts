/** Finds when a job has become slow: steps longer than the median of healthy ones plus so many median absolute deviations. */

export interface DetectionRule {
	/** Median absolute deviations above the median that a step may take; 5 is usual. */
	readonly deviations: number;
	/** Steps in a row above the threshold until it counts. */
	readonly consecutiveSteps: number;
	/** Healthy steps that the threshold is taken from. */
	readonly windowSteps: number;
}

/** Longest step that counts as usual. */
export function stepThreshold(healthySteps: ArrayLike<number>, { deviations }: DetectionRule): number {
	const middle = median(healthySteps);
	const spread = median(Float64Array.from(healthySteps, (step) => Math.abs(step - middle)));
	return middle + deviations * spread;
}

/** Number of the step at which slow steps in a row are as many as the rule asks for; -1 if they never are. */
export function detectSlowSteps(steps: Iterable<number>, threshold: number, { consecutiveSteps }: DetectionRule): number {
	let row = 0;
	let at = 0;
	for (const step of steps) {
		row = step > threshold ? row + 1 : 0;
		if (row >= consecutiveSteps) return at;
		at++;
	}
	return -1;
}

function median(values: ArrayLike<number>): number {
	const sorted = Float64Array.from(values).sort();
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
