/**
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983): one point walks; steps uphill are taken with a chance that falls with the
 * temperature, and steps grow shorter. The first temperature is the spread of a few points drawn by chance. One objective.
 */
import { createRandom } from '@assay/contract';
import { gainsOf, isBetter, type SearchMethod, type SearchProblem, type Trial, violationOf } from '../search-method.ts';

const FIRST_POINTS = 10;
const LAST_TEMPERATURE = 1e-3;
const LONGEST_STEP = 0.3;
const SHORTEST_STEP = 0.01;

/** `evaluations` in all, of which the first ten are by chance. */
export function simulatedAnnealing({ space, goal, seed }: SearchProblem, evaluations: number): SearchMethod {
	const random = createRandom(seed).fork('simulated annealing');
	const first = Math.min(FIRST_POINTS, evaluations);
	return {
		name: 'simulated annealing',
		propose(trials) {
			if (trials.length < first)
				return Array.from({ length: first - trials.length }, (_, i) => {
					const own = random.fork(`first ${trials.length + i}`);
					return { point: space.at(Float64Array.from(space.dimensions, () => own.uniform())), fidelity: 1 };
				});
			if (trials.length >= evaluations) return [];
			const spread = spreadOf(trials.slice(0, first));
			let current = trials.slice(0, first).reduce((best, trial) => (isBetter(trial, best, goal) ? trial : best));
			for (let step = first; step < trials.length; step++) {
				const trial = trials[step] as Trial;
				if (
					isBetter(trial, current, goal) ||
					random.fork(`accept ${step}`).uniform() < chance(trial, current, spread, cooled(step))
				)
					current = trial;
			}
			const own = random.fork(`step ${trials.length}`);
			const share = (trials.length - first) / Math.max(1, evaluations - first);
			const length = LONGEST_STEP * (SHORTEST_STEP / LONGEST_STEP) ** share;
			const moved = space.coordinates(current.point);
			const which = own.integer(moved.length);
			for (let index = 0; index < moved.length; index++) {
				if (index !== which && own.uniform() >= 0.5) continue;
				moved[index] =
					space.dimensions[index]?.kind === 'choice'
						? own.uniform()
						: Math.min(1, Math.max(0, (moved[index] as number) + length * own.normal()));
			}
			return [{ point: space.at(moved), fidelity: 1 }];
		},
	};

	function cooled(step: number): number {
		return LAST_TEMPERATURE ** ((step - first) / Math.max(1, evaluations - first));
	}

	/** Standard deviation of the first points' gains, above 0. */
	function spreadOf(trials: readonly Trial[]): number {
		const gains = trials.flatMap((trial) => gainsOf(trial, goal)?.[0] ?? []);
		const centre = gains.reduce((sum, gain) => sum + gain, 0) / Math.max(1, gains.length);
		return Math.sqrt(gains.reduce((sum, gain) => sum + (gain - centre) ** 2, 0) / Math.max(1, gains.length)) || 1;
	}

	/** Of taking a step that is not better; none where it fails or violates constraints more. */
	function chance(trial: Trial, current: Trial, spread: number, temperature: number): number {
		const [ours, theirs] = [gainsOf(trial, goal), gainsOf(current, goal)];
		if (ours === null || theirs === null || violationOf(trial) > violationOf(current)) return 0;
		return Math.exp(((ours[0] as number) - (theirs[0] as number)) / (spread * temperature));
	}
}
