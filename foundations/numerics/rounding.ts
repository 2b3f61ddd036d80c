/**
 * Rounding between two neighbouring values of a format. Every format finds the neighbour nearer to zero, how far the value lies from it
 * towards the other, and whether the nearer one's code is odd; the rule is then the same for all of them.
 */
import { Philox } from './philox.ts';

/**
 * How a value between two neighbours is rounded. The `half-` rules go to the nearest and say what happens exactly in the middle: to the
 * even code (IEEE 754, ONNX), away from zero (TensorFlow Lite) or toward zero. `stochastic` goes away from zero with a probability
 * equal to the distance covered, so that its mean is the value.
 */
export const ROUNDINGS = ['half-even', 'half-away', 'half-toward-zero', 'toward-zero', 'stochastic'] as const;

export type Rounding = (typeof ROUNDINGS)[number];

/** How the values of an array are rounded. */
export interface RoundingOptions {
	/** `half-even` unless told. */
	readonly rounding?: Rounding | undefined;
	/** Seed of stochastic rounding, an integer from 0 to 2^53 - 1; 0 unless told. */
	readonly seed?: number | undefined;
	/** Number of the first value in the seed's stream: a tensor rounded in pieces gives the same as in one. */
	readonly firstIndex?: number | undefined;
}

/**
 * Whether a magnitude goes to its upper neighbour. `fraction` is its place between the neighbours, from 0 to below 1; `isOdd` tells of
 * the lower one's code; `draw` is an integer from 0 to 2^32 - 1, looked at by stochastic rounding alone.
 */
export function roundsUp(rounding: Rounding, fraction: number, isOdd: boolean, draw: number): boolean {
	switch (rounding) {
		case 'half-even':
			return fraction > 0.5 || (fraction === 0.5 && isOdd);
		case 'half-away':
			return fraction >= 0.5;
		case 'half-toward-zero':
			return fraction > 0.5;
		case 'toward-zero':
			return false;
		case 'stochastic':
			return draw < fraction * 4294967296;
	}
}

/** A number rounded to an integer; integers, infinities and not-a-number stay. */
export function roundToInteger(value: number, rounding: Rounding, draw: number): number {
	const magnitude = Math.abs(value);
	if (!(magnitude < 4503599627370496)) return value;
	const lower = Math.floor(magnitude);
	const rounded = roundsUp(rounding, magnitude - lower, lower % 2 === 1, draw) ? lower + 1 : lower;
	return value < 0 ? -rounded : rounded;
}

/** The random bits of each value of an array: constantly 0 where the rounding needs none. */
export function drawsOf({ rounding, seed = 0, firstIndex = 0 }: RoundingOptions): (index: number) => number {
	if (rounding !== 'stochastic') return () => 0;
	const philox = new Philox(seed);
	return (index) => philox.uint32(firstIndex + index);
}
