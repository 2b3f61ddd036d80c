/** Learning rates over the steps of a training. */

export interface OneCycle {
	readonly steps: number;
	/** The highest rate, reached after the warm-up. */
	readonly peak: number;
	/** Share of the steps over which the rate rises linearly. */
	readonly warmUpShare: number;
	/** First rate as a share of the peak. */
	readonly firstShare: number;
	/** Last rate as a share of the peak; a half cosine leads there. */
	readonly lastShare: number;
}

/** A tenth of the steps up from a hundredth of the peak, then down to a tenth. */
export const usualOneCycle = { warmUpShare: 0.1, firstShare: 0.01, lastShare: 0.1 } as const;

/** The rate of step `step`, 0 for the first and `steps - 1` for the last. */
export function oneCycleRate({ steps, peak, warmUpShare, firstShare, lastShare }: OneCycle, step: number): number {
	const rising = Math.max(1, Math.round(steps * warmUpShare));
	if (step < rising) return peak * (firstShare + (1 - firstShare) * (step / rising));
	const way = steps - 1 > rising ? Math.min(1, (step - rising) / (steps - 1 - rising)) : 1;
	return peak * (lastShare + (1 - lastShare) * 0.5 * (1 + Math.cos(Math.PI * way)));
}
