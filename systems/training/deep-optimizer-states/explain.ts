/** Why a stride is the best, in plain words. */
import type { UpdateRates } from './rates/update-rates.ts';
import { bestStride, cpuSecondsPerPeriod, isTransferBound, linkSecondsPerPeriod } from './update/update-time.ts';

export function explain(
	rates: UpdateRates,
	strides: readonly number[],
	shape: { readonly parameters: number; readonly ratio: number },
): string {
	if (strides.length === 0)
		return 'There is a single sub-group, so nothing can alternate: the default update is all there is. Smaller sub-groups would change that.';
	const best = Math.min(bestStride(shape, rates, 1000), Math.max(...strides));
	const onCpu = 1e9 * cpuSecondsPerPeriod(best, rates);
	const onLink = 1e9 * linkSecondsPerPeriod(rates);
	const pace = isTransferBound(best, rates)
		? `even then the link sets the pace: for sub-groups of 1e9 parameters it takes ${onLink.toFixed(2)} s to move the state of one out and of another in, while the CPU updates ${best - 1} in ${onCpu.toFixed(2)} s`
		: `then the CPU sets the pace: ${onCpu.toFixed(2)} s for the ${best - 1} sub-group${best === 2 ? '' : 's'} of 1e9 parameters that it updates, against ${onLink.toFixed(2)} s in which the link moves the state of one out and of another in`;
	const before =
		best === 2
			? 'No stride is smaller.'
			: `At smaller strides the link would be the bottleneck: in its ${onLink.toFixed(2)} s the CPU could update ${(onLink / (1e9 / rates.cpuPerSecond)).toFixed(1)} sub-groups.`;
	return `Stride ${best} is the best: ${pace}. ${before} Larger strides leave more of the work to the CPU.`;
}
