/**
 * The law of losses: L(N, D) = (A / (N effN)^alpha + B / (D effD)^beta)^gamma + E. N are parameters without embeddings, D tokens; a
 * precision acts as if there were fewer parameters (effN, of the forward products) and fewer tokens (effD, of the backward products).
 */

/** Logarithms of A, B and E, so that all are positive whatever the numbers. */
export interface LossLaw {
	readonly lnA: number;
	readonly alpha: number;
	readonly lnB: number;
	readonly beta: number;
	readonly lnE: number;
	readonly gamma: number;
}

/** Shares of parameters and tokens that count. */
export interface Efficiency {
	readonly parameters: number;
	readonly tokens: number;
}

export const FULL_PRECISION: Efficiency = { parameters: 1, tokens: 1 };

/** One training that ended. */
export interface TrainingRun {
	/** Parameters without embedding and head. */
	readonly parameters: number;
	readonly tokens: number;
	/** Nats per token on held-out text. */
	readonly loss: number;
}

/** Nats per token after training `parameters` on `tokens`. */
export function predictLoss(law: LossLaw, parameters: number, tokens: number, efficiency: Efficiency = FULL_PRECISION): number {
	const size = Math.exp(law.lnA - law.alpha * Math.log(parameters * efficiency.parameters));
	const data = Math.exp(law.lnB - law.beta * Math.log(tokens * efficiency.tokens));
	return (size + data) ** law.gamma + Math.exp(law.lnE);
}

/**
 * Tokens after which `parameters` reach a loss; null where no number of tokens does.
 */
export function tokensForLoss(law: LossLaw, loss: number, parameters: number, efficiency: Efficiency): number | null {
	const above = loss - Math.exp(law.lnE);
	if (!(above > 0)) return null;
	const size = Math.exp(law.lnA - law.alpha * Math.log(parameters * efficiency.parameters));
	const data = above ** (1 / law.gamma) - size;
	if (!(data > 0)) return null;
	const tokens = Math.exp((law.lnB - Math.log(data)) / law.beta) / efficiency.tokens;
	return Number.isFinite(tokens) ? tokens : null;
}
