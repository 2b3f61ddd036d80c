/** Why nothing fits into a budget. */
import { InputError } from '@assay/contract';
import type { Convolution } from './convolution.ts';
import type { Hardware } from './hardware.ts';
import type { Objective } from './search/choose-widths.ts';
import { type Budget, type EvaluateLayer, variantFor } from './search/trade-offs.ts';

/** Raises an `InputError` that names the least work, or the fewest weights, that the layers can come down to. */
export function refuseBudget(
	layers: readonly Convolution[],
	hardware: Hardware,
	objective: Objective,
	evaluate: EvaluateLayer,
	budget: Budget,
): never {
	const isWork =
		variantFor(layers, hardware, objective, evaluate, { ...budget, weights: Number.POSITIVE_INFINITY }) === undefined;
	const within = (limit: number): Budget =>
		isWork ? { macs: limit, weights: Number.POSITIVE_INFINITY } : { macs: Number.POSITIVE_INFINITY, weights: limit };
	// Doubled until something fits: within twice of the least.
	let limit = isWork ? budget.macs : budget.weights;
	while (variantFor(layers, hardware, objective, evaluate, within(limit)) === undefined) limit *= 2;
	const fitting = variantFor(layers, hardware, objective, evaluate, within(limit));
	throw new InputError({
		path: ['change', isWork ? 'mostMegaMacs' : 'mostWeights'],
		found: isWork ? `${budget.macs / 1e6} million multiply-accumulates` : `${budget.weights} weights`,
		expected: isWork
			? `more: with the narrowest layers there are ${((fitting?.evaluation.macs ?? 0) / 1e6).toPrecision(3)} million`
			: `more: with the narrowest layers there are ${fitting?.weights ?? 0}`,
	});
}
