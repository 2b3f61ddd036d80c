/** The law and the factors, fitted once for all claims of a reproduction to the losses that the authors published. */
import type { ClaimContext } from '@assay/contract';
import { type Estimate, estimate } from '../law/estimate.ts';
import { backwardRuns, exactRuns, forwardRuns, quartetRuns } from '../law/published-runs.ts';

export function fittedLaw(context: ClaimContext): Promise<Estimate> {
	const sets = { exact: exactRuns, forward: forwardRuns, backward: backwardRuns, both: quartetRuns };
	return context.once('law', () => estimate(sets, context.pause));
}
