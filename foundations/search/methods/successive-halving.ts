/**
 * Successive halving (Jamieson and Talwalkar 2016): many points with little effort each, then the best of them with more, and so on until
 * a few have had the full effort.
 */
import { createRandom } from '@assay/contract';
import { isBetter, type SearchMethod, type SearchProblem, type Trial } from '../search-method.ts';

export interface Halving {
	/** Points of the first round. */
	readonly points: number;
	/** Share of the full effort in the first round. */
	readonly firstFidelity: number;
	/** In each round this many times fewer points get this many times the effort; above 1. */
	readonly factor: number;
}

/** How many points each round has, and with which effort. Raises a RangeError for impossible numbers. */
export function halvingRounds({
	points,
	firstFidelity,
	factor,
}: Halving): { readonly points: number; readonly fidelity: number }[] {
	if (!(Number.isSafeInteger(points) && points >= 1 && firstFidelity > 0 && firstFidelity <= 1 && factor > 1))
		throw new RangeError(`no halving of ${points} points from ${firstFidelity} by ${factor}`);
	const rounds: { points: number; fidelity: number }[] = [];
	for (let [left, fidelity] = [points, firstFidelity]; ; left = Math.max(1, Math.floor(left / factor)), fidelity *= factor) {
		rounds.push({ points: left, fidelity: Math.min(1, fidelity) });
		if (fidelity >= 1) return rounds;
	}
}

/** One objective. */
export function successiveHalving({ space, goal, seed }: SearchProblem, halving: Halving): SearchMethod {
	const rounds = halvingRounds(halving);
	const random = createRandom(seed).fork('successive halving');
	return {
		name: 'successive halving',
		propose(trials) {
			let done = 0;
			let survivors: readonly Trial[] | undefined;
			for (const { points, fidelity } of rounds) {
				const ranked = survivors?.toSorted((a, b) => (isBetter(a, b, goal) ? -1 : isBetter(b, a, goal) ? 1 : 0));
				const all = Array.from({ length: points }, (_, index) => {
					const own = random.fork(index);
					return ranked?.[index]?.point ?? space.at(Float64Array.from(space.dimensions, () => own.uniform()));
				});
				const finished = trials.slice(done, done + points);
				if (finished.length < points) return all.slice(finished.length).map((point) => ({ point, fidelity }));
				survivors = finished;
				done += points;
			}
			return [];
		},
	};
}
