/** Activations to look patterns up in: drawn from distributions that transformers' layers show, or the user's own, quantised a token at a time. */
import type { Random } from '@assay/contract';
import type { IntegerMatrix } from '../lut/integer-product.ts';

/** Inputs of attention and feed-forward products are near normal or heavier in the tails; the last product reads a gate times SiLU of another. */
export const DISTRIBUTIONS = ['gaussian', 'laplace', 'silu-gated'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Independent draws, tokens x width. */
export function drawActivations(distribution: Distribution, tokens: number, width: number, random: Random): Float32Array {
	const draw = {
		gaussian: () => random.normal(),
		laplace: () => random.exponential(1) - random.exponential(1),
		'silu-gated': () => {
			const gate = random.normal();
			return (gate / (1 + Math.exp(-gate))) * random.normal();
		},
	}[distribution];
	return Float32Array.from({ length: tokens * width }, draw);
}

/** Whole numbers of `bits` in two's complement, every token scaled so that its largest magnitude is the largest number (absmax); a token of zeros stays one. */
export function quantiseByToken(values: Float32Array, tokens: number, bits: number): IntegerMatrix {
	const width = values.length / tokens;
	// A single bit has no positive number.
	const largest = Math.max(1, 2 ** (bits - 1) - 1);
	const quantised = new Int32Array(values.length);
	for (let token = 0; token < tokens; token++) {
		let most = 0;
		for (let k = 0; k < width; k++) most = Math.max(most, Math.abs(values[token * width + k] as number));
		const scale = most === 0 ? 0 : largest / most;
		for (let k = 0; k < width; k++) {
			const at = token * width + k;
			const whole = Math.round((values[at] as number) * scale);
			quantised[at] = bits === 1 ? -(whole < 0 ? 1 : 0) : whole;
		}
	}
	return { rows: tokens, columns: width, values: quantised };
}
