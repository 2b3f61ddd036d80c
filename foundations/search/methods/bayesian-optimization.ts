/**
 * Bayesian optimisation: a Gaussian process is fitted to what is known, and the point of largest expected improvement comes next (Jones,
 * Schonlau and Welch 1998). Several objectives are weighted anew for each proposal, with the augmented Chebyshev norm (ParEGO; Knowles
 * 2006), so that proposals spread over the front. Failures count as the worst that is known, violations as worse than that.
 */
import { createRandom, type Random } from '@assay/contract';
import { MOST_SOBOL_DIMENSIONS, Sobol } from '../sampling/sobol.ts';
import { gainsOf, type SearchMethod, type SearchProblem, type Trial, violationOf } from '../search-method.ts';
import { type AxisKind, GaussianProcess } from '../surrogate/gaussian-process.ts';

export interface BayesianOptions {
	readonly evaluations: number;
	/** Points of Sobol's sequence (by chance beyond its dimensions) before the first fit. */
	readonly first: number;
}

const CANDIDATES = 512;
const LOCAL_ROUNDS = 4;
const LOCAL_TRIES = 64;
/** The weighted sum's part in the Chebyshev norm. */
const AUGMENTATION = 0.05;

export function bayesianOptimization(
	{ space, goal, seed }: SearchProblem,
	{ evaluations, first }: BayesianOptions,
): SearchMethod {
	const random = createRandom(seed).fork('bayesian optimization');
	const dimensions = space.dimensions.length;
	const kinds = space.dimensions.map(({ kind }): AxisKind => (kind === 'choice' ? 'choice' : 'ordered'));
	const start = Math.max(2, Math.min(first, evaluations));
	const sobol = dimensions <= MOST_SOBOL_DIMENSIONS ? new Sobol(dimensions, { seed }) : undefined;
	const uniform = (own: Random) => Float64Array.from({ length: dimensions }, () => own.uniform());
	return {
		name: 'bayesian optimization',
		propose(trials) {
			if (trials.length < Math.min(start, evaluations))
				return Array.from({ length: Math.min(start, evaluations) - trials.length }, (_, i) => {
					const index = trials.length + i;
					return { point: space.at(sobol?.at(index) ?? uniform(random.fork(`first ${index}`))), fidelity: 1 };
				});
			if (trials.length >= evaluations) return [];
			const own = random.fork(`proposal ${trials.length}`);
			const gains = scalarGains(trials, own);
			const points = trials.map(({ point }) => space.coordinates(point));
			const process = new GaussianProcess(points, gains, kinds);
			const most = Math.max(...gains);
			const improvement = (point: Float64Array): number => expectedImprovement(process.predict(point), most);
			// Coordinates are those of real points: whole numbers and options have one place each.
			const settled = (coordinates: Float64Array) => space.coordinates(space.at(coordinates));
			let best = { point: settled(uniform(own)), value: Number.NEGATIVE_INFINITY };
			const consider = (coordinates: Float64Array): void => {
				const point = settled(coordinates);
				const value = improvement(point);
				if (value > best.value) best = { point, value };
			};
			for (let i = 0; i < CANDIDATES; i++) consider(uniform(own));
			const incumbent = points[gains.indexOf(most)] as Float64Array;
			let length = 0.1;
			for (let round = 0; round < LOCAL_ROUNDS; round++, length /= 3) {
				for (let i = 0; i < LOCAL_TRIES; i++) {
					const around = i % 2 === 0 ? best.point : incumbent;
					consider(
						around.map((coordinate, axis) => (kinds[axis] === 'choice' ? coordinate : clamp(coordinate + length * own.normal()))),
					);
				}
			}
			return [{ point: space.at(best.point), fidelity: 1 }];
		},
	};

	/** One figure a trial, larger is better. */
	function scalarGains(trials: readonly Trial[], own: Random): number[] {
		const all = trials.map((trial) => gainsOf(trial, goal));
		const known = all.filter((gains) => gains !== null);
		if (known.length === 0) return trials.map(() => 0);
		const objectives = goal.directions.length;
		const weights = Float64Array.from({ length: objectives }, () => own.exponential(1));
		const total = weights.reduce((sum, weight) => sum + weight, 0);
		const lowest = Array.from({ length: objectives }, (_, axis) => Math.min(...known.map((gains) => gains[axis] as number)));
		const highest = Array.from({ length: objectives }, (_, axis) => Math.max(...known.map((gains) => gains[axis] as number)));
		const scalar = (gains: readonly number[]): number => {
			if (objectives === 1) return gains[0] as number;
			let [least, sum] = [Number.POSITIVE_INFINITY, 0];
			for (const [axis, gain] of gains.entries()) {
				const span = (highest[axis] as number) - (lowest[axis] as number) || 1;
				// Loss against the best, weighted.
				const loss = ((weights[axis] as number) / total) * ((gain - (highest[axis] as number)) / span);
				least = Math.min(least, loss);
				sum += loss;
			}
			return least + AUGMENTATION * sum;
		};
		const scalars = all.map((gains) => (gains === null ? null : scalar(gains)));
		const finite = scalars.filter((value) => value !== null);
		const [worst, best] = [Math.min(...finite), Math.max(...finite)];
		const mostViolated = Math.max(...trials.map(violationOf));
		return scalars.map((value, i) => {
			if (value === null) return worst;
			const violation = violationOf(trials[i] as Trial);
			return violation === 0 ? value : worst - (best - worst || 1) * (violation / mostViolated);
		});
	}
}

/** Of a normal variable over a threshold, where only what is above counts. */
export function expectedImprovement(
	{ mean, deviation }: { readonly mean: number; readonly deviation: number },
	most: number,
): number {
	if (deviation === 0) return Math.max(0, mean - most);
	const z = (mean - most) / deviation;
	const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
	return (mean - most) * normalShare(z) + deviation * density;
}

/** Share of the standard normal distribution below z (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function normalShare(z: number): number {
	const t = 1 / (1 + 0.2316419 * Math.abs(z));
	const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
	const tail = density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
	return z >= 0 ? 1 - tail : tail;
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
