/**
 * Prompt and output lengths when no trace is at hand: piecewise-linear quantile functions through the quartiles, tails
 * and extremes of the two published Azure traces, in tokens. They are a stand-in: marginal distributions only, prompt and
 * output independent (as in the published generator, which draws both columns independently with replacement).
 */
import type { Random } from '@assay/contract';

/** Tokens at ascending shares of the requests; the first share is 0, the last 1. */
export interface LengthDistribution {
	readonly shares: readonly number[];
	readonly tokens: readonly number[];
}

export interface WorkloadLengths {
	readonly prompt: LengthDistribution;
	readonly output: LengthDistribution;
}

const shares = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1] as const;

/** Quantiles counted in the Azure LLM inference traces of 2023 (CC-BY 4.0): 8,819 coding and 19,366 conversation requests. */
export const embeddedLengths: Readonly<Record<'coding' | 'conversation', WorkloadLengths>> = {
	coding: {
		prompt: { shares, tokens: [3, 17, 75, 147, 578, 1469, 2744, 5188, 7303, 7436, 7436, 7436, 7437, 7437] },
		output: { shares, tokens: [6, 6, 6, 7, 9, 13, 24, 55, 90, 171, 251, 359, 825, 1899] },
	},
	conversation: {
		prompt: { shares, tokens: [2, 29, 181, 207, 396, 1020, 1189, 2734, 4083, 4098, 4142, 4831, 6179, 14050] },
		output: { shares, tokens: [7, 16, 41, 54, 85, 129, 395, 424, 451, 540, 601, 643, 954, 1000] },
	},
};

/** A length by inversion, rounded to whole tokens. */
export function drawLength(distribution: LengthDistribution, random: Random): number {
	const u = random.uniform();
	const { shares, tokens } = distribution;
	let right = 1;
	while (right < shares.length - 1 && u > (shares[right] as number)) right++;
	const left = right - 1;
	const span = (shares[right] as number) - (shares[left] as number);
	const value =
		(tokens[left] as number) + ((u - (shares[left] as number)) / span) * ((tokens[right] as number) - (tokens[left] as number));
	return Math.max(1, Math.round(value));
}

/** Mean of a distribution, tokens. */
export function meanLength({ shares, tokens }: LengthDistribution): number {
	let total = 0;
	for (let i = 1; i < shares.length; i++) {
		total += ((shares[i] as number) - (shares[i - 1] as number)) * 0.5 * ((tokens[i] as number) + (tokens[i - 1] as number));
	}
	return total;
}
