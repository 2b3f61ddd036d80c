/** All schedules of an inference pass, and what the link is worth to them. */
import { type EvaluatedPlan, eachPlan, type PlanRequest } from '../schedule/choose-plan.ts';

/**
 * Pinned host memory lets transfers run beside computing. From pageable memory they go at half the rate and one waits for them: a pass
 * then takes the computing and every transfer, one after the other.
 */
export async function inferencePlans(
	request: PlanRequest,
	hostMemory: 'pinned' | 'pageable',
	pause: () => Promise<void>,
): Promise<EvaluatedPlan[]> {
	const plans: EvaluatedPlan[] = [];
	for (const one of eachPlan(request)) {
		plans.push(hostMemory === 'pinned' ? one : { ...one, passSeconds: withoutOverlap(request, one) });
		await pause();
	}
	return plans;
}

function withoutOverlap({ times, writeback }: PlanRequest, { plan }: EvaluatedPlan): number {
	const sum = (values: Float64Array): number => values.reduce((total, one) => total + one, 0);
	const compute = sum(times.compute);
	if (plan.kind === 'resident') return compute;
	const moves = plan.kind === 'window' ? times.in.map(() => 1) : times.in.map((_, unit) => (plan.pinned[unit] === 1 ? 0 : 1));
	const share = (values: Float64Array): number => values.reduce((total, one, i) => total + one * (moves[i] as number), 0);
	const transfers = plan.kind === 'window' && plan.mode === 'batch' ? moves.length / plan.group : sum(moves);
	const out = writeback === 'copy' ? share(times.out) + transfers * times.latency : 0;
	return compute + share(times.in) + transfers * times.latency + out;
}
