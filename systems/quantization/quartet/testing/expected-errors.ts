/**
 * What quantised products of normal deviates must lose, by numerical integration over the definitions: no deviate is drawn and no quantiser
 * called. Groups of 32 share a power of two, so whether a value x of a group falls on a scale 2^k is a probability that depends on x;
 * everything else follows from three moments of a quantiser: E[x q], E[q^2], and the share of values within the grid.
 *
 * Values of a group come with either sign alike, so of a product's squared error only terms of one and the same place remain:
 *
 *   forward    E[(q q' - x x')^2] = E[q^2]^2 - 2 E[x q]^2 + 1
 *   dW         clipped weights lose their gradient; the others have E[p^2] E[r^2] - 2 E[e p] E[x r] + 1, with p = Q(e), r = Q(q)
 *
 * A rotation of QuEST's values down a column makes sums of 32 of them, which are taken for normal deviates of the same variance and
 * correlation with x.
 */

/** Moments of a quantiser q on deviates x. */
interface Moments {
	/** E[x q]. */
	readonly shared: number;
	/** E[q^2]. */
	readonly energy: number;
}

const GRID = [0, 0.5, 1, 1.5, 2, 3, 4, 6] as const;
const MIDDLES = [0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5] as const;
const GROUP = 32;
const OPTIMAL_STEP = 2.92247856 / 6;

const REACH = 7;
const POINTS = 3500;
const WIDTH = (2 * REACH) / POINTS;
const middleOf = (index: number): number => -REACH + (index + 0.5) * WIDTH;
const density = Float64Array.from({ length: POINTS }, (_, i) => Math.exp(-0.5 * middleOf(i) ** 2) / Math.sqrt(2 * Math.PI));

/** P(|x| < limit) of a standard normal deviate, by Simpson's rule. */
function within(limit: number): number {
	const end = Math.min(limit, 9);
	const steps = 400;
	let sum = 1 + Math.exp(-0.5 * end * end);
	for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * Math.exp(-0.5 * ((i * end) / steps) ** 2);
	return (sum * end) / (3 * steps) / Math.sqrt(Math.PI / 2);
}

function nearest(magnitude: number): number {
	return GRID[MIDDLES.filter((middle) => magnitude > middle).length] as number;
}

/** AbsMax with the factor 3/4 on deviates of the spread given: 2^(k + 2) is at most a group's largest magnitude, 2^(k + 3) above it. */
function absMaxMoments(spread: number, rounding: 'nearest' | 'stochastic'): Moments {
	let [shared, energy] = [0, 0];
	for (let k = -7; k <= 3; k++) {
		const [low, high] = [2 ** (k + 2) / spread, 2 ** (k + 3) / spread];
		const [othersLow, othersHigh] = [within(low) ** (GROUP - 1), within(high) ** (GROUP - 1)];
		const step = 2 ** k / 0.75;
		for (let i = 0; i < POINTS; i++) {
			const magnitude = Math.abs(middleOf(i));
			if (magnitude >= high) continue;
			const weight = (density[i] as number) * WIDTH * (othersHigh - (magnitude < low ? othersLow : 0));
			const x = magnitude * spread;
			if (rounding === 'nearest') {
				const q = nearest(x / step) * step;
				shared += weight * x * q;
				energy += weight * q * q;
			} else {
				const z = x / step;
				const above = GRID.findIndex((value) => value > z);
				const [lower, upper] = [GRID[above - 1] as number, GRID[above] as number];
				// Right on average; the variance of a choice between two.
				shared += weight * x * x;
				energy += weight * (x * x + (z - lower) * (upper - z) * step * step);
			}
		}
	}
	return { shared, energy };
}

/** QuEST on standard normal deviates: k is log2 of the optimal step for the group's deviation, rounded down or to the nearest. */
function questMoments(rounding: 'floor' | 'round'): Moments & { readonly keptShare: number } {
	let [shared, energy, keptShare] = [0, 0, 0];
	const shift = rounding === 'floor' ? 0 : -0.5;
	for (let i = 0; i < POINTS; i++) {
		const x = middleOf(i);
		if (x < 0) continue;
		let below = 0;
		for (let k = -4; k <= 1; k++) {
			const upTo = deviationBelow(2 ** (k + 1 + shift) / OPTIMAL_STEP, x);
			// Both signs.
			const weight = 2 * (density[i] as number) * WIDTH * (upTo - below);
			below = upTo;
			const q = nearest(x / 2 ** k) * 2 ** k;
			shared += weight * x * q;
			energy += weight * q * q;
			if (x / 2 ** k < 6) keptShare += weight;
		}
	}
	return { shared, energy, keptShare };
}

/**
 * P(a group's deviation < limit), one of its values being x. With m the mean of the 31 others, 32 times the variance is
 * 31/32 (x - m)^2 plus a chi-square of 30 degrees, and m is normal with variance 1/31.
 */
function deviationBelow(limit: number, x: number): number {
	const total = GROUP * limit * limit;
	let [probability, weights] = [0, 0];
	for (let i = -10; i <= 10; i++) {
		const deviate = i / 2.5;
		const weight = Math.exp(-0.5 * deviate * deviate);
		const rest = total - ((GROUP - 1) / GROUP) * (x - deviate / Math.sqrt(GROUP - 1)) ** 2;
		weights += weight;
		if (rest > 0) probability += weight * chiSquareBelow(rest, (GROUP - 2) / 2);
	}
	return probability / weights;
}

/** P(chi-square of 2 `halfDegrees` degrees < value): 1 less the first terms of Poisson's distribution. */
function chiSquareBelow(value: number, halfDegrees: number): number {
	let term = Math.exp(-value / 2);
	let sum = term;
	for (let j = 1; j < halfDegrees; j++) {
		term *= value / 2 / j;
		sum += term;
	}
	return 1 - sum;
}

/** Expected squared errors of a layer's products, relative, with QuEST forward and AbsMax backward. */
export function expectedErrors(scales: 'floor' | 'round', backward: 'nearest' | 'stochastic') {
	const quest = questMoments(scales);
	const gradient = absMaxMoments(1, backward);
	const operand = absMaxMoments(Math.sqrt(quest.energy), backward);
	const shared = (quest.shared / quest.energy) * operand.shared;
	return {
		output: quest.energy ** 2 - 2 * quest.shared ** 2 + 1,
		weightGradient: 1 - quest.keptShare + quest.keptShare * (gradient.energy * operand.energy - 2 * gradient.shared * shared + 1),
	};
}
