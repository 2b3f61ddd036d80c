/** Fits how many parameters and tokens count in a precision, the law being known: the same Huber's loss as the law's own fit. */
import { HUBER_DELTA } from './fit-law.ts';
import { type Efficiency, type LossLaw, predictLoss, type TrainingRun } from './loss-law.ts';
import { minimize } from './minimize.ts';

/** Which factor is free; the other is 1. */
export type FreeFactor = 'parameters' | 'tokens' | 'both';

/** Starts in powers of ten: the worst rivals lose three orders of magnitude. */
const STARTS = [0.9, 0.3, 0.03, 0.003, 0.0003] as const;

/** `start`: where a good fit is known already. Raises a RangeError where there are no runs. */
export function fitEfficiency(
	law: LossLaw,
	runs: readonly TrainingRun[],
	free: FreeFactor,
	start?: Efficiency,
): Efficiency & { readonly cost: number } {
	if (runs.length === 0) throw new RangeError('no runs to fit');
	const efficiencyOf = (point: ArrayLike<number>): Efficiency => ({
		parameters: free === 'tokens' ? 1 : Math.exp(point[0] as number),
		tokens: free === 'parameters' ? 1 : Math.exp(point[free === 'both' ? 1 : 0] as number),
	});
	const cost = (delta: number) => (point: Float64Array, gradient: Float64Array) => {
		const efficiency = efficiencyOf(point);
		let sum = 0;
		gradient.fill(0);
		for (const { parameters, tokens, loss } of runs) {
			const size = Math.exp(law.lnA - law.alpha * Math.log(parameters * efficiency.parameters));
			const data = Math.exp(law.lnB - law.beta * Math.log(tokens * efficiency.tokens));
			const predicted = predictLoss(law, parameters, tokens, efficiency);
			const residual = Math.log(loss / predicted);
			const inside = Math.abs(residual) <= delta;
			sum += inside ? residual * residual : delta * (2 * Math.abs(residual) - delta);
			const weight = inside ? residual : delta * Math.sign(residual);
			const outer = (law.gamma * (size + data) ** (law.gamma - 1)) / predicted;
			const slopes = [-outer * law.alpha * size, -outer * law.beta * data];
			const used = free === 'both' ? slopes : [slopes[free === 'tokens' ? 1 : 0] as number];
			for (const [index, slope] of used.entries()) gradient[index] = (gradient[index] as number) - weight * slope;
		}
		return sum / 2;
	};
	const known =
		start && (free === 'both' ? [start.parameters, start.tokens] : [free === 'tokens' ? start.tokens : start.parameters]);
	const grid = free === 'both' ? STARTS.flatMap((n) => STARTS.map((d) => [n, d])) : STARTS.map((one) => [one]);
	let best: { point: Float64Array; cost: number } | undefined;
	for (const one of known === undefined ? grid : [known]) {
		let point: ArrayLike<number> = one.map(Math.log);
		for (const delta of [1e-1, 1e-2, 1e-3]) point = minimize(cost(delta), point).point;
		const end = minimize(cost(HUBER_DELTA), point, 500);
		if (best === undefined || end.cost < best.cost) best = end;
	}
	const { point, cost: least } = best as { point: Float64Array; cost: number };
	return { ...efficiencyOf(point), cost: least };
}
