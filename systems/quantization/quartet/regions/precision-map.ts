/**
 * Which precision is best for a budget. Cost to serve is fixed by the parameters that 8-bit inference can afford, N; cost to train by N D. Where
 * forward products are faster by sf, so is inference: the model may be sf times as large. Training is faster by
 * st = 1 / ((1/3) / sf + (2/3) / sb), a third of its products being forward, and sees D st / sf tokens for the larger model. The
 * precision with the least predicted loss wins.
 */
import { type Efficiency, type LossLaw, predictLoss } from '../law/loss-law.ts';
import type { Speeds } from './speeds.ts';

/** Forward and backward products. */
export const precisionPairs = ['FP8:FP8', 'FP4:FP8', 'FP8:FP4', 'FP4:FP4'] as const;
export type PrecisionPair = (typeof precisionPairs)[number];

/** Speed of training over FP8 where forward and backward products are faster by these factors. */
export function trainingSpeed({ forward, backward }: Speeds): number {
	return 1 / (1 / (3 * forward) + 2 / (3 * backward));
}

/** What each precision counts for: of parameters with 4-bit forward, of tokens with 4-bit backward. FP8 is taken for exact. */
export function pairEfficiency(pair: PrecisionPair, fp4: Efficiency): Efficiency {
	return {
		parameters: pair === 'FP4:FP8' || pair === 'FP4:FP4' ? fp4.parameters : 1,
		tokens: pair === 'FP8:FP4' || pair === 'FP4:FP4' ? fp4.tokens : 1,
	};
}

/** The speeds that a pair of precisions makes use of. */
export function pairSpeeds(pair: PrecisionPair, fp4: Speeds): Speeds {
	return {
		forward: pair === 'FP4:FP8' || pair === 'FP4:FP4' ? fp4.forward : 1,
		backward: pair === 'FP8:FP4' || pair === 'FP4:FP4' ? fp4.backward : 1,
	};
}

export interface PairPrediction {
	readonly pair: PrecisionPair;
	/** Parameters and tokens of the same cost to serve and to train. */
	readonly parameters: number;
	readonly tokens: number;
	/** Null where no 4-bit speed is known. */
	readonly loss: number | null;
}

/** The four precisions at the cost of 8-bit `parameters` and `tokens`. */
export function predictPairs(
	law: LossLaw,
	fp4: Efficiency,
	speeds: Speeds,
	parameters: number,
	tokens: number,
): PairPrediction[] {
	return precisionPairs.map((pair) => {
		const used = pairSpeeds(pair, speeds);
		const larger = parameters * used.forward;
		const fewer = used.forward > 0 && used.backward > 0 ? (tokens * trainingSpeed(used)) / used.forward : 0;
		const known = larger > 0 && fewer > 0;
		const loss = known ? predictLoss(law, larger, fewer, pairEfficiency(pair, fp4)) : null;
		return { pair, parameters: larger, tokens: fewer, loss };
	});
}

/** The pair of the least loss; the first of equals. */
export function bestPair(predictions: readonly PairPrediction[]): PrecisionPair {
	let best: PairPrediction | undefined;
	for (const one of predictions) if (one.loss !== null && (best?.loss == null || one.loss < best.loss)) best = one;
	return best?.pair ?? 'FP8:FP8';
}
