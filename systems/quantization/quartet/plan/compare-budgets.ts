/** The four pairs of precisions over budgets of tokens and sizes of models. */
import type { Efficiency, LossLaw } from '../law/loss-law.ts';
import { tokensForLoss } from '../law/loss-law.ts';
import type { PlanOutput } from '../outputs.ts';
import {
	bestPair,
	type PrecisionPair,
	pairEfficiency,
	pairSpeeds,
	predictPairs,
	trainingSpeed,
} from '../regions/precision-map.ts';
import type { SpeedsOf } from '../regions/speeds.ts';

/** Training in FP8 over training with a pair to the same loss, the model as large as the same cost to serve allows. */
export function equalLossSpeed(
	law: LossLaw,
	fp4: Efficiency,
	speeds: { forward: number; backward: number },
	pair: PrecisionPair,
	parameters: number,
	tokens: number,
	loss: number,
): number | null {
	const used = pairSpeeds(pair, speeds);
	if (!(used.forward > 0 && used.backward > 0)) return null;
	const larger = parameters * used.forward;
	const needed = tokensForLoss(law, loss, larger, pairEfficiency(pair, fp4));
	if (needed === null) return null;
	const faster = (trainingSpeed(used) * parameters * tokens) / (larger * needed);
	return Number.isFinite(faster) ? faster : null;
}

function ratios(from: number, to: number, steps: number): number[] {
	return Array.from({ length: steps }, (_, step) => from * (to / from) ** (step / (steps - 1)));
}

/** Tokens a parameter from which on all in FP4 is the best; null where it never is for good. */
export function breakEven(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf, parameters: number): number | null {
	const isBest = (ratio: number) =>
		bestPair(predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters)) === 'FP4:FP4';
	const grid = ratios(1, 1e5, 201);
	if (!isBest(grid.at(-1) as number)) return null;
	const last = grid.findLastIndex((ratio) => !isBest(ratio));
	if (last < 0) return grid[0] as number;
	let [low, high] = [grid[last] as number, grid[last + 1] as number];
	for (let step = 0; step < 40; step++) {
		const middle = Math.sqrt(low * high);
		if (isBest(middle)) high = middle;
		else low = middle;
	}
	return high;
}

/** Losses of the pairs above all in FP8, by tokens a parameter. */
export function gapsOf(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf, parameters: number): PlanOutput['gaps'] {
	return ratios(10, 10_000, 31).flatMap((ratio) => {
		const four = predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters);
		const base = four[0]?.loss ?? null;
		return four.flatMap(({ pair, loss }) => (loss === null || base === null ? [] : [{ ratio, pair, gap: loss - base }]));
	});
}

/** The best pair by size and tokens a parameter. */
export function mapOf(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf): PlanOutput['map'] {
	return ratios(1e8, 1e11, 31).flatMap((parameters) =>
		ratios(25, 2200, 25).map((ratio) => ({
			parameters,
			ratio,
			best: bestPair(predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters)),
		})),
	);
}
