/** The highest arrival rate at which a cluster meets every objective. */
import { isFeasible } from '../evaluate.ts';
import type { ClusterPlan, Serving } from '../serving.ts';
import type { RequestTrace } from '../trace/request-trace.ts';

export interface RateSearch {
	readonly lowest: number;
	readonly highest: number;
	/** Rates are searched to this, requests/s. */
	readonly step: number;
}

/**
 * By halving over whole multiples of the step, between the bounds; the multiple below the lowest (or 0) if even that fails.
 * `traceAt` must give the same requests at every rate, only closer together, so that the verdict is monotone but for noise.
 */
export async function maxRate(
	serving: Serving,
	plan: ClusterPlan,
	traceAt: (requestsPerSecond: number) => RequestTrace,
	search: RateSearch,
	pause: () => Promise<void>,
): Promise<number> {
	const { step } = search;
	let passing = Math.floor(search.lowest / step) - 1;
	let failing = Math.ceil(search.highest / step) + 1;
	while (failing - passing > 1) {
		const middle = (passing + failing) >> 1;
		if (await isFeasible(serving, plan, traceAt(middle * step), pause)) passing = middle;
		else failing = middle;
	}
	return passing * step;
}
